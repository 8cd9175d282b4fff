"""A browser that plays in a loudspeaker's place: what is due on it, and receipts signed for what it says it did.

It measures nothing, so its receipts carry no evidence, and the last it can say is that it played to the end.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.delivery import State
from broadcaster.domain.errors import UnknownSpeaker
from broadcaster.domain.errors.setting_up import NotDueThere
from broadcaster.domain.permissions import Action
from broadcaster.domain.playing_list import Fate
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.moments import millis
from broadcaster.services.people.vault import Vault
from broadcaster.services.places import speakers
from broadcaster.services.places.speakers import KEY_DAYS
from broadcaster.services.speaking import playing_list, receipts
from broadcaster.services.speaking.playing_list import Expected
from broadcaster.store import places
from broadcaster.store.tables import Airing, Announcement, Clip, Delivery, Meta, Speaker
from firmware_config.pki import load_signing_key, new_signing_key, signing_key_pem
from firmware_config.protocol import GENESIS, Batch, ClockState, Event, Receipt, Role, Signer, seal_document

NAME = "Loa thử {unit}"
BOOT = "browser"
EARLY = timedelta(seconds=1)
AHEAD = timedelta(hours=24)
MAY_SAY = {"started": Event.STARTED, "finished": Event.FINISHED, "partial": Event.PARTIAL}
"""What a browser can know; that it was heard, it cannot."""
SURELY = 0.8
"""Of the length of a sound: who says sooner that it ended did not play it."""


@dataclass(frozen=True, slots=True)
class Due:
    """What it should play now: clips by their hash, one after the other."""

    airing: str
    title: str
    clips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Now:
    """How it stands with one pretend loudspeaker."""

    due: Due | None
    playing: str
    """The airing it began and may go on with; empty = it should be silent."""
    next: tuple[Expected, ...]


def make(session: Session, actor: Actor, unit_id: str, vault: Vault, *, now: datetime) -> Speaker:
    """The pretend loudspeaker of a unit; asking twice gives the same. Raises UnknownUnit, NotAllowed."""
    lineage = places.lineage(session, unit_id)
    actor.require(Action.ENROL, [unit.id for unit in lineage])
    same = select(Speaker).where(Speaker.unit_id == unit_id, Speaker.pretend, Speaker.revoked_at.is_(None))
    if (there := session.scalars(same.limit(1)).first()) is not None:
        return there
    name, key = NAME.format(unit=lineage[-1].name)[:200], new_signing_key()
    device = speakers.speaker_id(name, secrets.token_hex(2))
    row = Speaker(
        id=device,
        name=name,
        unit_id=unit_id,
        pretend=True,
        enrolled_at=now,
        enrolled_by=actor.person_id,
        keyid=device,
        public_key=key.public_key().public_bytes_raw(),
        key_not_before=now,
        key_not_after=now + timedelta(days=KEY_DAYS),
    )
    session.add(row)
    session.add(Meta(key=_kept(device), value=vault.seal(signing_key_pem(key).decode()).decode()))
    session.flush()
    audit.record(session, actor, "pretend", ("speaker", device), now=now, unit=unit_id, details={"name": name})
    return row


def look(session: Session, speaker: Speaker, *, now: datetime) -> Now:
    """What it should play at this moment, and what comes next."""
    speakers.heard_from(session, speaker.id, now=now)
    coming = playing_list.expected(session, speaker, now=now, length=AHEAD)
    plays = [one for one in coming if one.fate is Fate.PLAYS and one.start is not None]
    begun = select(Delivery.airing_id).where(Delivery.speaker_id == speaker.id, Delivery.state == State.STARTED)
    playing = session.scalar(begun.order_by(Delivery.started_at.desc()).limit(1)) or ""
    due = next((one for one in plays if one.start and one.start <= now + EARLY), None)
    return Now(_due(session, speaker, due) if due else None, playing, tuple(plays[:5]))


@dataclass(frozen=True, slots=True)
class Said:
    """What its page says: that it began, ended or broke off an airing; a key of MAY_SAY."""

    speaker: str
    airing: str
    event: str


def say(session: Session, actor: Actor, said: Said, vault: Vault, *, now: datetime) -> set[str]:
    """Sign it and take it in; the airings that got further.

    Raises UnknownSpeaker, NotAllowed, and NotDueThere for what it cannot have done.
    """
    speaker = find(session, said.speaker, lock=True)
    actor.require(Action.TEND_SPEAKERS, places.path(session, speaker.unit_id))
    delivery = session.get(Delivery, (said.airing, speaker.id))
    event = MAY_SAY.get(said.event)
    if delivery is None or event is None or not _could(session, speaker, delivery, event, now):
        raise NotDueThere
    receipt = Receipt(
        seq=speaker.receipts_through + 1,
        boot=BOOT,
        airing=said.airing,
        announcement=session.get_one(Airing, said.airing).reference,
        event=event,
        at=millis(now),
        clock=ClockState.TRUSTED,
        attempt=1,
        reason="interrupted" if event is Event.PARTIAL else "",
        evidence=None,
    )
    batch = Batch(speaker.id, speaker.receipts_hash or GENESIS, (receipt,))
    raw = seal_document(batch, _signer(session, speaker, vault))
    (taken,) = receipts.take_in(session, [(speaker.id, raw)], now=now)
    return taken.changed_airings


def find(session: Session, speaker_id: str, *, lock: bool = False) -> Speaker:
    """One that only pretends. Raises UnknownSpeaker, also for a real one."""
    row = session.get(Speaker, speaker_id, with_for_update=lock or None)
    if row is None or row.revoked_at is not None or not row.pretend:
        raise UnknownSpeaker(id=speaker_id)
    return row


def _could(session: Session, speaker: Speaker, delivery: Delivery, event: Event, now: datetime) -> bool:
    if event is Event.STARTED:
        due = look(session, speaker, now=now).due
        return due is not None and due.airing == delivery.airing_id
    if delivery.state != State.STARTED or delivery.started_at is None:
        return False
    length = timedelta(milliseconds=_length(session, speaker, delivery.airing_id))
    return event is Event.PARTIAL or now - delivery.started_at >= SURELY * length


def _due(session: Session, speaker: Speaker, one: Expected) -> Due:
    return Due(one.airing, one.title, tuple(clip.sha256 for clip in _clips(session, speaker, one.airing)))


def _length(session: Session, speaker: Speaker, airing_id: str) -> int:
    return sum(clip.ms for clip in _clips(session, speaker, airing_id))


def _clips(session: Session, speaker: Speaker, airing_id: str) -> list[Clip]:
    """The chime, then the versions that are heard there."""
    airing = session.get_one(Airing, airing_id)
    announcement = session.get_one(Announcement, airing.announcement_id)
    wanted = list(airing.languages) or playing_list.languages(session, speaker)
    known = {version.language: version.clip for version in announcement.versions}
    spoken = [clip for language in wanted or known if (clip := known.get(language))]
    return [*([announcement.chime] if announcement.chime and spoken else []), *spoken]


def _signer(session: Session, speaker: Speaker, vault: Vault) -> Signer:
    sealed = session.get_one(Meta, _kept(speaker.id)).value
    return Signer(speaker.keyid, Role.SPEAKER, load_signing_key(vault.unseal(sealed.encode()).encode()))


def _kept(speaker_id: str) -> str:
    return f"pretends_{speaker_id}"
