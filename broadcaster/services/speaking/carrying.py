"""What is carried to loudspeakers by hand, and what comes back: the same envelopes as over the network."""

import json
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import SpeakerRevoked, UnknownSpeaker
from broadcaster.domain.permissions import Action
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.moments import moment
from broadcaster.services.speaking import manifests, receipts
from broadcaster.services.speaking.signing import Signing
from broadcaster.store import places
from broadcaster.store.database import Database
from broadcaster.store.tables import SignedDocument, Speaker, StoredReceipt
from firmware_config import carried
from firmware_config.protocol import ClipRef, Manifest, SignedAnnouncement

CHUNK = 500
AT_ONCE = 20
"""Batches in one transaction: others wait for it."""


@dataclass(frozen=True, slots=True)
class Carried:
    """How one speaker is served by a load."""

    speaker: str
    airings: int
    last: datetime | None
    """When the last of them begins."""
    valid_until: datetime
    """After that the speaker does not take it any more."""


@dataclass(frozen=True, slots=True)
class Load:
    """All that is put on a stick: documents by their names there, clips by theirs."""

    documents: Mapping[str, bytes]
    clips: Mapping[str, ClipRef]
    speakers: tuple[Carried, ...]

    @property
    def bytes(self) -> int:
        """How much room it takes."""
        return sum(map(len, self.documents.values())) + sum(clip.bytes for clip in self.clips.values())


@dataclass(slots=True)
class Returned:
    """What one speaker's receipts brought."""

    speaker: str
    new: int = 0
    through: int = 0
    """All up to this number are here."""
    refused: Counter[str] = field(default_factory=Counter)
    """Batches by the code for which they were not taken."""
    airings: set[str] = field(default_factory=set)


def load(session: Session, actor: Actor, speaker_ids: Sequence[str], *, signing: Signing, now: datetime) -> Load:
    """What these speakers should hold now, each clip once. Raises UnknownSpeaker, SpeakerRevoked, NotAllowed."""
    wanted = list(dict.fromkeys(speaker_ids))
    for speaker in wanted:
        _check(session, actor, speaker)
    sealed = manifests.sealed_many(session, wanted, signing=signing, now=now)
    told = {speaker: Manifest.from_bytes(_body(sealed[speaker].raw)) for speaker in wanted}
    documents = {carried.KEYS: signing.keys_raw}
    documents |= {carried.manifest(speaker): sealed[speaker].raw for speaker in wanted}
    clips: dict[str, ClipRef] = {}
    for sha256, raw in _announcements(session, told.values()).items():
        documents[carried.announcement(sha256)] = raw
        found = SignedAnnouncement.from_bytes(_body(raw))
        clips |= {carried.clip(clip.sha256): clip for clip in _heard(found, f"sha256:{sha256}", told.values())}
    for speaker in wanted:
        unit = session.get_one(Speaker, speaker).unit_id
        details = {"version": sealed[speaker].version, "airings": len(told[speaker].items)}
        audit.record(session, actor, "carry_out", ("speaker", speaker), now=now, unit=unit, details=details)
    return Load(documents, clips, tuple(_carried(told[speaker]) for speaker in wanted))


def take_back(
    database: Database, actor: Actor, batches: Iterable[tuple[str, bytes]], *, now: datetime
) -> list[Returned]:
    """Take in what speakers wrote, as if they had sent it; what is here already is not counted. In any order of calls.

    Of speakers that the actor may not tend nothing is taken (`not_allowed`).
    """
    found: dict[str, Returned] = {}
    waiting: list[tuple[str, bytes]] = []
    for device, raw in batches:
        waiting.append((device, raw))
        if len(waiting) == AT_ONCE:
            _take(database, actor, waiting, found, now)
            waiting = []
    _take(database, actor, waiting, found, now)
    with database.transaction() as session:
        for one in found.values():
            row = session.get(Speaker, one.speaker)
            if row is not None and one.new:
                details = {"new": one.new, "through": one.through}
                subject = ("speaker", one.speaker)
                audit.record(session, actor, "carry_back", subject, now=now, unit=row.unit_id, details=details)
    return [found[device] for device in sorted(found)]


def _check(session: Session, actor: Actor, speaker: str) -> None:
    row = session.get(Speaker, speaker)
    if row is None:
        raise UnknownSpeaker(id=speaker)
    if row.revoked_at is not None:
        raise SpeakerRevoked(id=speaker)
    actor.require(Action.TEND_SPEAKERS, places.path(session, row.unit_id))


def _body(raw: bytes) -> bytes:
    # We signed it ourselves; speakers verify it.
    return b64decode(json.loads(raw)["payload"])


def _announcements(session: Session, told: Iterable[Manifest]) -> dict[str, bytes]:
    names = sorted({item.announcement.removeprefix("sha256:") for one in told for item in one.items})
    found: dict[str, bytes] = {}
    for at in range(0, len(names), CHUNK):
        chosen = SignedDocument.sha256.in_(names[at : at + CHUNK])
        found |= {row.sha256: row.raw for row in session.scalars(select(SignedDocument).where(chosen))}
    return found


def _heard(found: SignedAnnouncement, reference: str, told: Iterable[Manifest]) -> Iterable[ClipRef]:
    """The chime and those versions that any of the speakers plays."""
    items = [item for one in told for item in one.items if item.announcement == reference]
    every = any(not item.languages for item in items)
    languages = {language for item in items for language in item.languages}
    if found.chime is not None:
        yield found.chime
    for version in found.versions:
        if version.clip is not None and (every or version.language in languages):
            yield version.clip


def _carried(told: Manifest) -> Carried:
    last = max((item.start for item in told.items if not item.standby), default=None)
    return Carried(told.device, len(told.items), None if last is None else moment(last), moment(told.valid_until))


def _take(
    database: Database, actor: Actor, batches: list[tuple[str, bytes]], found: dict[str, Returned], now: datetime
) -> None:
    if not batches:
        return
    with database.transaction() as session:
        allowed = [one for one in batches if _is_allowed(session, actor, one[0], found)]
        devices = {device for device, _ in allowed}
        before = _held(session, devices)
        for answer in receipts.take_in(session, allowed, now=now, carried=True):
            one = found.setdefault(answer.device, Returned(answer.device))
            one.through = max(one.through, answer.through)
            one.airings |= answer.changed_airings
            if answer.refused is not None:
                one.refused[answer.refused] += 1
        session.flush()
        for device, number in _held(session, devices).items():
            found[device].new += number - before.get(device, 0)


def _is_allowed(session: Session, actor: Actor, device: str, found: dict[str, Returned]) -> bool:
    row = session.get(Speaker, device)
    if row is None or actor.may(Action.TEND_SPEAKERS, places.path(session, row.unit_id)):
        return True
    found.setdefault(device, Returned(device)).refused["not_allowed"] += 1
    return False


def _held(session: Session, devices: Iterable[str]) -> dict[str, int]:
    rows = select(StoredReceipt.speaker_id, func.count()).where(StoredReceipt.speaker_id.in_(devices))
    return {row[0]: row[1] for row in session.execute(rows.group_by(StoredReceipt.speaker_id))}
