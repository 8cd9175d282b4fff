"""Live commands: an emergency now, a stop, the answer to a resync; each lives 60 s and counts once."""

import hashlib
import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from broadcaster.domain import airing as airings
from broadcaster.services.moments import millis
from broadcaster.services.places import ahead, logs
from broadcaster.services.speaking import manifests
from broadcaster.services.speaking.manifests import Sealed
from broadcaster.services.speaking.publication import Publication
from broadcaster.services.speaking.signing import Signing, sign_open_airings
from broadcaster.store import places
from broadcaster.store.tables import Airing, SignedDocument, Silence, Speaker, SpeakerManifest
from firmware_config import protocol
from firmware_config.protocol import (
    Action,
    Command,
    Item,
    Klass,
    PlayNow,
    Resynced,
    ResyncRequest,
    SelfTest,
    SendLog,
    SignedAnnouncement,
    Stop,
    topics,
)

LIFE_MS = 60_000
MAX_INLINE = 65_536
_TOPICS = {"u": topics.unit_now, "g": topics.group_now, "d": topics.command}


class Clips(Protocol):
    """Where clips are read from."""

    def read(self, sha256: str) -> bytes | None:
        """The clip's bytes, or None when it is not here."""


@dataclass(frozen=True, slots=True)
class Address:
    """One place a command goes to: as the command names it, and the topic that reaches it."""

    to: str
    topic: str


def play_now(session: Session, airing_id: str, *, signing: Signing, clips: Clips, now: datetime) -> list[Publication]:
    """One publication per place of the audience; nothing when the airing is over, cancelled or not signed."""
    sign_open_airings(session, signing=signing, now=now)
    airing = session.get(Airing, airing_id)
    if airing is None or airing.state not in airings.OPEN or now > airing.latest_start:
        return []
    signed = _signed(session, airing)
    if signed is None:
        return []
    raw, words = signed
    inline = _inline(words, clips)
    return [
        Publication(
            address.topic,
            protocol.pack_live(
                _command(address.to, airing.id, PlayNow(_item(airing)), signing=signing, now=now), raw, inline
            ),
        )
        for address in _addresses(words)
    ]


def stop(session: Session, airing_id: str, *, signing: Signing, now: datetime) -> list[Publication]:
    """Stop the airing wherever it may be playing; that it stays stopped is the manifest's to say."""
    airing = session.get(Airing, airing_id)
    signed = None if airing is None else _signed(session, airing)
    if airing is None or signed is None:
        return []
    action = Stop(airing.id)
    return [
        Publication(
            address.topic, protocol.pack_live(_command(address.to, airing.id, action, signing=signing, now=now))
        )
        for address in _addresses(signed[1])
    ]


def silence(session: Session, silence_id: str, *, signing: Signing, now: datetime) -> list[Publication]:
    """Silence in a unit: whatever plays and is due stops; each airing that was due also by its name."""
    order = session.get(Silence, silence_id)
    if order is None:
        return []
    everywhere = Address(f"u:{order.unit_id}", topics.unit_now(order.unit_id))
    deaf = [Address(f"d:{one}", topics.command(one)) for one in _elsewhere(session, order.unit_id)]
    # By name because two brokers keep no order: the command to play may come after this one.
    wanted = [(address, Stop(None)) for address in (everywhere, *deaf)]
    wanted += [(everywhere, Stop(airing)) for airing in order.due]
    return [
        Publication(
            address.topic,
            protocol.pack_live(_command(address.to, f"{order.id} {action.airing}", action, signing=signing, now=now)),
        )
        for address, action in wanted
    ]


def _elsewhere(session: Session, unit_id: str) -> Sequence[str]:
    """Connected speakers of a unit that hold an older manifest, by which they may stand in another one."""
    newest = and_(Speaker.state_epoch == SpeakerManifest.epoch, Speaker.state_version == SpeakerManifest.version)
    rows = select(Speaker.id).join(SpeakerManifest, SpeakerManifest.speaker_id == Speaker.id)
    inside = places.tree(session).under(unit_id)
    rows = rows.where(Speaker.unit_id.in_(inside), Speaker.online.is_(True), Speaker.revoked_at.is_(None))
    return session.scalars(rows.where(or_(Speaker.state_version.is_(None), ~newest)).order_by(Speaker.id)).all()


def self_test(speaker: str, *, signing: Signing, now: datetime) -> list[Publication]:
    """A tone of one second, which the speaker measures and receipts; each moment it is another one."""
    command = _command(f"d:{speaker}", str(millis(now)), SelfTest(silent=False), signing=signing, now=now)
    return [Publication(topics.command(speaker), protocol.pack_live(command))]


def resynced(
    session: Session, requests: Mapping[str, ResyncRequest], *, signing: Signing, now: datetime
) -> list[Publication]:
    """To each speaker that asked: its manifest where it holds another, and our time under its own nonce."""
    found = manifests.sealed_many(session, requests, signing=signing, now=now)
    if found:
        heard = update(Speaker).where(Speaker.id.in_(list(found)))
        session.execute(heard.values(resynced_at=now, last_seen_at=now).execution_options(synchronize_session=False))
    told = [(speaker, requests[speaker].have) for speaker in found]
    ahead.note(session, {speaker: (have.epoch, have.version) for speaker, have in told if have}, now=now)
    answers: list[Publication] = []
    for speaker, manifest in found.items():
        if not _holds(requests[speaker], manifest):
            payload = manifests.for_broker(speaker, manifest, signing=signing)
            answers.append(Publication(topics.manifest(speaker), payload, retain=True))
        answer = answer_to(speaker, requests[speaker].nonce, manifest, signing=signing, now=now)
        answers.append(Publication(topics.command(speaker), answer))
    told_again = {speaker: requests[speaker].nonce for speaker in found}
    return answers + send_log(session, told_again, signing=signing, now=now)


def send_log(session: Session, about: Mapping[str, str], *, signing: Signing, now: datetime) -> list[Publication]:
    """To each of these speakers whose log is waited for; told `about` something else it is another command."""
    answers = []
    for row in logs.awaited(session, list(about), now=now):
        row.told_at = now
        told = f"{row.id} {about[row.speaker_id]}"
        command = _command(f"d:{row.speaker_id}", told, SendLog(row.id), signing=signing, now=now)
        answers.append(Publication(topics.command(row.speaker_id), protocol.pack_live(command)))
    return answers


def answer_to(speaker: str, nonce: str, manifest: Sealed, *, signing: Signing, now: datetime) -> bytes:
    """The signed Resynced, packed as it travels."""
    action = Resynced(nonce, millis(now), manifest.epoch, manifest.version)
    return protocol.pack_live(_command(f"d:{speaker}", nonce, action, signing=signing, now=now))


def _holds(request: ResyncRequest, manifest: Sealed) -> bool:
    have = request.have
    return have is not None and (have.epoch, have.version, have.sha256) == (
        manifest.epoch,
        manifest.version,
        manifest.sha256,
    )


def _command(to: str, about: str, action: Action, *, signing: Signing, now: datetime) -> bytes:
    # Sent twice after a crash it carries the same id, so that a speaker obeys it once.
    name = hashlib.sha256(f"{type(action).__name__}|{to}|{about}".encode()).hexdigest()[:32]
    issued = millis(now)
    command = Command(to, name, issued, issued + LIFE_MS, action)
    return protocol.seal_document(command, signing.director)


def _item(airing: Airing) -> Item:
    return Item(
        airing=airing.id,
        announcement=airing.reference or "",
        start=millis(airing.planned_at),
        latest_start=millis(airing.latest_start),
        expires=millis(airing.expires),
        klass=Klass(airing.klass),
        max_starts=airing.max_starts,
        volume=airing.volume,
        languages=tuple(airing.languages),
        order=airing.order,
        standby=airing.standby,
    )


def _signed(session: Session, airing: Airing) -> tuple[bytes, SignedAnnouncement] | None:
    """What was approved for this airing, whatever has been drafted since: the envelope and its words."""
    document = airing.reference and session.get(SignedDocument, airing.reference.removeprefix("sha256:"))
    if not document:
        return None
    # We signed and stored it ourselves; speakers verify it.
    body = b64decode(json.loads(document.raw)["payload"])
    return document.raw, SignedAnnouncement.from_bytes(body)


def _addresses(words: SignedAnnouncement) -> Sequence[Address]:
    return [Address(place, _TOPICS[place[0]](place[2:])) for place in words.audience.include]


def _inline(words: SignedAnnouncement, clips: Clips) -> dict[str, bytes]:
    """The clips that fit, in the order in which they are heard."""
    found: dict[str, bytes] = {}
    room = MAX_INLINE
    for clip in (words.chime, *(version.clip for version in words.versions)):
        if clip is None or clip.bytes > room:
            continue
        raw = clips.read(clip.sha256)
        if raw is not None:
            found[clip.sha256] = raw
            room -= len(raw)
    return found
