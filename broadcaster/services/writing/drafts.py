"""What an official writes, checked before it is stored, and put into an announcement's rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain import announcement as rules
from broadcaster.domain.announcement import Words
from broadcaster.domain.audience import Choice, ChoiceKind
from broadcaster.domain.errors import InThePast, Malformed
from broadcaster.domain.permissions import Action
from broadcaster.domain.words import line, prose
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.services.places import audiences
from broadcaster.services.sound import voice_bank
from broadcaster.store import places
from broadcaster.store.tables import Announcement, AudienceEntry, Version
from firmware_config.protocol import Kind, Klass


@dataclass(frozen=True, slots=True)
class DraftVersion:
    """The announcement in one language: a text, and where no machine reads it a recording or a script as well."""

    language: str
    text: str | None = None
    recording: str | None = None
    script: Mapping[str, object] | None = None
    """What it is put together from in the voice bank: {"pattern": key, "slots": {…}}."""
    voice: str = ""
    """Which voice reads it, "espeak-south"; empty: the best there is."""
    speed: int = 100
    """In percent of the voice's own."""


@dataclass(frozen=True, slots=True)
class AudienceChoice:
    """A unit, group or speaker ("unit", "group", "speaker"), chosen or excepted."""

    kind: str
    ref: str
    include: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """What an official writes."""

    title: str
    unit_id: str
    versions: Sequence[DraftVersion]
    audience: Sequence[AudienceChoice]
    klass: str = Klass.NORMAL
    category: str = "general"
    kind: str = Kind.LIVE
    expires: datetime | None = None
    repeat: int = 2
    not_before: datetime | None = None
    supersedes: str | None = None
    hazard: str | None = None
    level: int | None = None
    slots: Mapping[str, object] = field(default_factory=dict)
    unfinished: bool = False
    """Saved while it is being written: words and places may still be missing, until it is submitted."""
    parts: Mapping[str, Sequence[DraftVersion]] = field(default_factory=dict)
    """Of a live emergency: the "correction" and the "all_clear"; what is missing gets a general wording."""

    @property
    def alert(self) -> bool:
        """Whether it is a live emergency."""
        return self.klass == Klass.EMERGENCY and self.kind == Kind.LIVE


def checked(session: Session, actor: Actor, draft: Draft, now: datetime) -> Draft:
    """The same, tidied; raises the first refusal it deserves."""
    actor.require(Action.WRITE, places.path(session, draft.unit_id))
    tidy = replace(
        draft,
        title=line(draft.title),
        versions=_tidied(draft.versions),
        audience=list(dict.fromkeys(draft.audience)),
        parts={part: _tidied(versions) for part, versions in draft.parts.items()},
    )
    _check_words(tidy, tidy.versions)
    for versions in tidy.parts.values():
        _check_words(tidy, versions)
    spoken = [*tidy.versions, *(each for versions in tidy.parts.values() for each in versions)]
    rules.check_labels(tidy.klass, tidy.kind, tidy.category, [each.language for each in spoken])
    check_expiry(tidy.expires, now)
    audiences.require(session, actor, Action.WRITE, [_choice(choice) for choice in tidy.audience])
    audiences.require_recordings(session, [each.recording for each in spoken if each.recording])
    for each in spoken:
        if each.script is not None:
            voice_bank.check_script(session, each.language, each.script)
        rules.check_reader(each.voice, each.speed)
    return tidy


def check_expiry(expires: datetime | None, now: datetime) -> None:
    """Raise InThePast for an end that is over."""
    if expires is not None and expires <= now:
        raise InThePast(when=expires.isoformat(timespec="minutes"))


def fill(announcement: Announcement, draft: Draft, now: datetime) -> None:
    """Put a checked draft into the rows; whatever was approved before is not approved any more."""
    announcement.unit_id = draft.unit_id
    announcement.title = draft.title
    announcement.klass, announcement.category, announcement.kind = draft.klass, draft.category, draft.kind
    announcement.repeat = draft.repeat
    announcement.not_before, announcement.expires = draft.not_before, draft.expires
    announcement.supersedes_id = draft.supersedes
    announcement.hazard, announcement.level = draft.hazard, draft.level
    announcement.slots = dict(draft.slots)
    announcement.content_sha256 = announcement.chime_sha256 = None
    announcement.updated_at = now
    announcement.versions = [_version(place, each, now) for place, each in enumerate(draft.versions)]
    announcement.audience = [
        AudienceEntry(id=new_id(now), position=place, kind=each.kind, ref=each.ref, include=each.include)
        for place, each in enumerate(draft.audience)
    ]


def imagined(draft: Draft, now: datetime) -> Announcement:
    """The rows as they would be, stored nowhere: what a schedule is tried on before anything is saved."""
    row = Announcement(id="", public_id="", revision=0, state=rules.State.DRAFT, author_id="", created_at=now)
    fill(row, draft, now)
    return row


def _version(place: int, given: DraftVersion, now: datetime) -> Version:
    return Version(
        id=new_id(now),
        position=place,
        language=given.language,
        text=given.text or "",
        recording_sha256=given.recording,
        script=dict(given.script) if given.script else None,
        voice=given.voice,
        speed=given.speed,
    )


def _check_words(draft: Draft, versions: Sequence[DraftVersion]) -> None:
    rules.check(
        title=draft.title,
        versions=[_words(each) for each in versions],
        audience=sum(choice.include for choice in draft.audience),
        repeat=draft.repeat,
        unfinished=draft.unfinished,
    )


def _words(given: DraftVersion) -> Words:
    return Words(given.language, given.text, recorded=given.recording is not None or given.script is not None)


def _tidied(versions: Sequence[DraftVersion]) -> list[DraftVersion]:
    return [replace(each, text=None if each.text is None else prose(each.text)) for each in versions]


def _choice(choice: AudienceChoice) -> Choice:
    try:
        return Choice(ChoiceKind(choice.kind), choice.ref, choice.include)
    except ValueError as error:
        raise Malformed(field="audience", problem=", ".join(ChoiceKind)) from error
