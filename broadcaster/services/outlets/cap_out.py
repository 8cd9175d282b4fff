"""The CAP messages of our own emergencies, and the list of them."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain import hazards
from broadcaster.domain.audience import WIRE, Choice, ChoiceKind, resolve
from broadcaster.domain.cap import outgoing
from broadcaster.domain.cap.message import Area, Message, Resource
from broadcaster.domain.cap.outgoing import Emergency, Happened, Said, Told
from broadcaster.domain.corrections import Part
from broadcaster.domain.errors import LoaError, NotFound
from broadcaster.store import places
from broadcaster.store.heard import was_aired
from broadcaster.store.tables import Airing, Announcement, SignedDocument, Unit
from firmware_config.protocol import Kind, Klass, SignedAnnouncement
from firmware_config.protocol.envelope import decode_base64

LISTED = timedelta(days=7)
MOST_LISTED = 100
ENDINGS = {Part.CORRECTION: Happened.CORRECTED, Part.ALL_CLEAR: Happened.ENDED}
WITHDRAWN = {
    "vi": "Thông báo này đã được thu hồi, đề nghị bà con không thực hiện theo.",
    "en": "This announcement has been withdrawn. Please do not act on it.",
    "fr": "Cette annonce a été retirée. Merci de ne pas en tenir compte.",
}
_begins = func.coalesce(Airing.hold_until, Airing.planned_at)
_KINDS = {letter: kind for kind, letter in WIRE.items()}


@dataclass(frozen=True, slots=True)
class Site:
    """Where all of it is published; `digest` gives the SHA-1 of a clip by its name, empty where it is not at hand."""

    public_url: str = "https://loa.invalid"
    digest: Callable[[str], str] = field(default=lambda _sha256: "")

    @property
    def host(self) -> str:
        """The host by which our messages are told from others'."""
        return urlsplit(self.public_url).hostname or "loa.invalid"


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    versions: tuple[tuple[str, str, str, int], ...]
    """Language, text, clip and its bytes; no clip is empty."""
    choices: tuple[Choice, ...]
    expires: datetime | None


def messages(session: Session, public_id: str, *, now: datetime, site: Site | None = None) -> tuple[Message, ...]:
    """All messages of one emergency or drill so far. Raises NotFound for what is neither, or was never on the air."""
    found = session.scalar(select(Announcement).where(Announcement.public_id == public_id))
    made = _messages(session, found, now, site or Site()) if found and _is_published(found) else ()
    if not made:
        raise NotFound(what="announcement", id=public_id[:64])
    return made


def latest(session: Session, *, now: datetime, site: Site | None = None) -> list[Message]:
    """The messages of the last days, the newest first."""
    since = now - LISTED
    aired = select(Airing.announcement_id).where(was_aired(Airing, now), Airing.planned_at > since - LISTED)
    wanted = (Announcement.klass == Klass.EMERGENCY) | (Announcement.kind == Kind.DRILL)
    rows = select(Announcement).where(wanted, Announcement.part_of_id.is_(None), Announcement.id.in_(aired))
    found = session.scalars(rows.order_by(Announcement.id.desc()).limit(MOST_LISTED)).all()
    all_of_them = [each for row in found for each in _messages(session, row, now, site or Site())]
    recent = [each for each in all_of_them if each.sent > since]
    return sorted(recent, key=lambda each: (each.sent, each.identifier), reverse=True)[:MOST_LISTED]


def _is_published(found: Announcement) -> bool:
    alert = found.klass == Klass.EMERGENCY and found.kind == Kind.LIVE
    return (alert or found.kind == Kind.DRILL) and found.part_of_id is None


def _messages(session: Session, found: Announcement, now: datetime, site: Site) -> tuple[Message, ...]:
    it = Emergency(
        public_id=found.public_id,
        sender=f"{found.unit_id}@{site.host}",
        sender_name=session.get_one(Unit, found.unit_id).name,
        web=f"{site.public_url}/n/{found.public_id}",
        exercise=found.kind == Kind.DRILL,
        hazard=found.hazard or "",
        level=found.level,
    )
    history = list(_aired(session, found, now, site))
    if history:
        history += [*_called(session, found, now, site), *_withdrawn(found, history[-1])]
    return outgoing.messages(it, history)


def _aired(session: Session, found: Announcement, now: datetime, site: Site) -> Iterable[Told]:
    rows = (
        select(Airing.revision, func.min(_begins))
        .where(Airing.announcement_id == found.id, was_aired(Airing, now))
        .group_by(Airing.revision)
        .order_by(Airing.revision)
    )
    for place, (revision, at) in enumerate(session.execute(rows)):
        words = _words(session, found, revision)
        if words is not None:
            what = Happened.CHANGED if place else Happened.SENT
            yield _told(session, found, found.public_id, words, site, at=at, what=what)


def _called(session: Session, found: Announcement, now: datetime, site: Site) -> Iterable[Told]:
    rows = select(Airing.announcement_id, func.min(_begins)).join(Announcement).where(was_aired(Airing, now))
    rows = rows.where(Announcement.part_of_id == found.id).group_by(Airing.announcement_id)
    for part_id, at in session.execute(rows).all():
        part = session.get_one(Announcement, part_id)
        words = _words(session, part, part.revision)
        if words is not None:
            yield _told(session, found, part.public_id, words, site, at=at, what=ENDINGS[Part(part.part or "")])


def _withdrawn(found: Announcement, last: Told) -> Iterable[Told]:
    if found.withdrawn_at is not None:
        said = tuple(
            Said(each.language, each.event, each.headline, WITHDRAWN.get(each.language, WITHDRAWN["vi"]))
            for each in last.said
        )
        yield Told(found.withdrawn_at, Happened.WITHDRAWN, said, last.areas, note=found.reason)


def _told(
    session: Session, alert: Announcement, heard_at: str, words: _Words, site: Site, *, at: datetime, what: Happened
) -> Told:
    said = tuple(_said(alert, heard_at, words.title, version, site) for version in words.versions)
    note = words.versions[0][1] if what is Happened.CORRECTED else ""
    return Told(at, what, said, _areas(session, words.choices), words.expires, note)


def _said(alert: Announcement, heard_at: str, title: str, version: tuple[str, str, str, int], site: Site) -> Said:
    language, text, clip, size = version
    own = _own_words(alert, language)
    sound = Resource(
        desc=title, mime_type="audio/ogg", size=size, uri=f"{site.public_url}/n/{heard_at}/{clip}.ogg",
        digest=site.digest(clip),
    ) if clip else None  # fmt: skip
    headline = own[1] if own and heard_at == alert.public_id else title
    return Said(language, own[0] if own else title, headline, text, sound)


def _own_words(alert: Announcement, language: str) -> tuple[str, str] | None:
    """What its hazard is called in a language, and its title there; nothing where no template speaks it."""
    slots = (alert.slots or {}).get(language)
    if not alert.hazard or alert.kind == Kind.DRILL or not isinstance(slots, dict):
        return None
    try:
        title = hazards.title(alert.hazard, alert.level, language, str(slots.get("place", "")))
        return hazards.name(alert.hazard, language), title
    except LoaError:
        return None


def _words(session: Session, found: Announcement, revision: int) -> _Words | None:
    """What was said in a revision: as the speakers were given it, else as it stands in the rows."""
    rows = select(SignedDocument.raw).where(
        SignedDocument.announcement_id == found.id, SignedDocument.revision == revision
    )
    raw = session.scalar(rows.order_by(SignedDocument.created_at.desc()).limit(1))
    if raw is not None:
        return _signed(found, SignedAnnouncement.from_bytes(decode_base64(json.loads(raw)["payload"])))
    if revision != found.revision:
        return None
    versions = tuple(
        (each.language, each.text, each.clip_sha256 or "", each.clip.bytes if each.clip else 0)
        for each in found.versions
    )
    choices = tuple(Choice(ChoiceKind(each.kind), each.heard_at, each.include) for each in found.audience)
    return _Words(found.title, versions, choices, found.expires)


def _signed(found: Announcement, signed: SignedAnnouncement) -> _Words:
    versions = tuple(
        (each.language, each.text, each.clip.sha256 if each.clip else "", each.clip.bytes if each.clip else 0)
        for each in signed.versions
    )
    choices = [_choice(text, include=True) for text in signed.audience.include]
    choices += [_choice(text, include=False) for text in signed.audience.exclude]
    return _Words(signed.title, versions, tuple(choices), found.expires)


def _choice(text: str, *, include: bool) -> Choice:
    letter, _, ref = text.partition(":")
    return Choice(_KINDS[letter], ref, include)


def _areas(session: Session, choices: Sequence[Choice]) -> tuple[Area, ...]:
    """The units chosen; a group or a loudspeaker stands for the unit it hangs in."""
    ids = {choice.ref for choice in choices if choice.include and choice.kind is ChoiceKind.UNIT}
    singly = [choice for choice in choices if choice.include and choice.kind is not ChoiceKind.UNIT]
    tree = places.tree(session)
    ids |= {place.unit for place in resolve(singly, tree, places.speakers_in_service(session))} if singly else set()
    top = [each for each in ids if each in tree.parents and not ids & set(tree.path(each)[:-1])]
    return tuple(_area(session.get_one(Unit, each)) for each in sorted(top))


def _area(unit: Unit) -> Area:
    shapes = (unit.boundary or {}).get("coordinates", [])
    # GeoJSON says longitude first, CAP latitude; holes have no place in a CAP polygon.
    polygons = tuple(tuple((latitude, longitude) for longitude, latitude in shape[0]) for shape in shapes if shape)
    return Area(unit.name, polygons=polygons, geocodes=(("loa:unit", unit.id),))
