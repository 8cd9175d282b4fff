"""Each speaker's signed snapshot: a pure function of rows, a new version only when it says something new."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.domain.errors import UnknownSpeaker
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM
from broadcaster.services.moments import millis
from broadcaster.services.speaking.fitting import fitted
from broadcaster.services.speaking.signing import Signing, sign_open_airings
from broadcaster.services.speaking.snapshot import CHUNK, days_ahead, site, snapshots, unpacks
from broadcaster.services.speaking.telling import Digests, Told, manifest, told_now
from broadcaster.store import outbox
from broadcaster.store.tables import Meta, Speaker, SpeakerManifest
from broadcaster.store.upsert import upsert
from firmware_config import packing, protocol
from firmware_config.protocol import Manifest, Pointer

SPARE = timedelta(days=4)
"""So much longer than it is planned ahead a manifest stays good: a stick may be carried about for a while."""
RENEWAL = timedelta(days=1)
INLINE_LIMIT = 65_536
"""Above this the broker carries a pointer and the speaker fetches the manifest over HTTPS."""
PATIENT_RECEIPTS = 20
"""So many receipts may wait for their confirmation before a manifest is made for it alone."""
CHANGED = (
    "epoch",
    "version",
    "content_sha256",
    "receipts_through",
    "raw",
    "raw_sha256",
    "keyid",
    "issued_at",
    "valid_until",
    "built_at",
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signed manifest and how it is numbered."""

    raw: bytes
    epoch: int
    version: int
    sha256: str
    packs: bool
    """Whether its speaker unpacks what comes packed."""


def sealed(session: Session, speaker_id: str, *, signing: Signing, now: datetime) -> Sealed:
    """The signed manifest the speaker should hold now. Raises UnknownSpeaker."""
    found = sealed_many(session, [speaker_id], signing=signing, now=now)
    if speaker_id not in found:
        raise UnknownSpeaker(id=speaker_id)
    return found[speaker_id]


def sealed_many(session: Session, speaker_ids: Iterable[str], *, signing: Signing, now: datetime) -> dict[str, Sealed]:
    """Of every speaker in service among `speaker_ids`; what has not changed keeps its version and its bytes."""
    sign_open_airings(session, signing=signing, now=now)
    facts = site(session)
    wanted = list(speaker_ids)
    before = _stored(session, wanted)
    digests = Digests(facts, signing.keys.version)
    found: dict[str, Sealed] = {}
    fresh: list[Mapping[str, Any]] = []
    for snapshot in snapshots(session, wanted, now=now):
        speaker = snapshot.speaker.id
        told = told_now(snapshot, now)
        digest = digests.of(told)
        last = before.get(speaker)
        if last is not None and _still_good(last, told, digest, signing=signing, now=now):
            found[speaker] = _sealed(last, packs=unpacks(snapshot.speaker))
            continue
        content = manifest(told, facts, keys_version=signing.keys.version)
        until = now + timedelta(days=days_ahead(snapshot.speaker)) + SPARE
        version = 1 if last is None else last["version"] + 1
        content = replace(content, version=version, issued=millis(now), valid_until=millis(until))
        fresh.append(_row(content, fitted(content, told.missing), digest, signing=signing, now=now, until=until))
        found[speaker] = _sealed(fresh[-1], packs=unpacks(snapshot.speaker))
    upsert(session, SpeakerManifest, fresh, change=CHANGED)
    return found


def for_broker(speaker_id: str, found: Sealed, *, signing: Signing) -> bytes:
    """What is published: the manifest itself, or a signed pointer when it is too large to be pushed."""
    if len(found.raw) <= INLINE_LIMIT:
        return (packing.worth(found.raw) if found.packs else None) or found.raw
    pointer = Pointer(speaker_id, found.epoch, found.version, found.sha256, len(found.raw))
    return protocol.seal_document(pointer, signing.director)


def due_for_renewal(session: Session, *, now: datetime) -> list[str]:
    """Speakers in service whose manifest was issued more than a day ago, or never."""
    rows = (
        select(Speaker.id)
        .outerjoin(SpeakerManifest, SpeakerManifest.speaker_id == Speaker.id)
        .where(Speaker.revoked_at.is_(None), Speaker.pretend.is_(False))
        .where((SpeakerManifest.issued_at <= now - RENEWAL) | SpeakerManifest.issued_at.is_(None))
    )
    return list(session.scalars(rows))


def confirmed(session: Session, speaker_id: str, through: int) -> None:
    """It has just been told up to which receipt we hold its word: no manifest is to be made for that alone."""
    mine = update(SpeakerManifest).where(SpeakerManifest.speaker_id == speaker_id)
    session.execute(mine.where(SpeakerManifest.receipts_through < through).values(receipts_through=through))


def want_every(session: Session, *, now: datetime) -> None:
    """Ask that every speaker in service be given its manifest again."""
    speakers = session.scalars(select(Speaker.id).where(Speaker.revoked_at.is_(None)))
    outbox.want(session, "manifest", list(speakers), now=now)


def raise_epoch(session: Session, *, now: datetime) -> int:
    """Begin a new epoch, as a restored or promoted database must: what we sign then is newer than all before.

    A backup does not know the epochs begun since it was made; the clock does, since each is at least its own second.
    """
    session.scalars(select(Meta.key).where(Meta.key == "epoch").with_for_update()).all()
    before = site(session).epoch
    epoch = max(before + 1, int(now.timestamp()))
    upsert(session, Meta, [{"key": "epoch", "value": str(epoch)}], change=["value"])
    details = {"before": before, "epoch": epoch}
    audit.record(session, SYSTEM, "restored", ("database", "epoch"), now=now, details=details)
    want_every(session, now=now)
    return epoch


def set_site(session: Session, *, brokers: Sequence[str], urls: Sequence[str]) -> bool:
    """Remember where speakers find us; whether that is news, and so every manifest must be sent again."""
    values = {"brokers": json.dumps(list(brokers)), "urls": json.dumps(list(urls))}
    stored = dict(session.execute(select(Meta.key, Meta.value).where(Meta.key.in_(values))).all())
    upsert(session, Meta, [{"key": key, "value": value} for key, value in values.items()], change=["value"])
    return stored != values


def _stored(session: Session, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    columns = [getattr(SpeakerManifest, name) for name in ("speaker_id", *CHANGED)]
    found: dict[str, Mapping[str, Any]] = {}
    for at in range(0, len(ids), CHUNK):
        chunk = select(*columns).where(SpeakerManifest.speaker_id.in_(ids[at : at + CHUNK]))
        found |= {row["speaker_id"]: row for row in session.execute(chunk).mappings()}
    return found


def _row(
    content: Manifest, body: bytes, digest: str, *, signing: Signing, now: datetime, until: datetime
) -> Mapping[str, Any]:
    raw = protocol.seal(Manifest.TYPE, body, signing.director)
    return {
        "speaker_id": content.device,
        "epoch": content.epoch,
        "version": content.version,
        "content_sha256": digest,
        "receipts_through": content.receipts_through,
        "raw": raw,
        "raw_sha256": hashlib.sha256(raw).hexdigest(),
        "keyid": signing.director.keyid,
        "issued_at": now,
        "valid_until": until,
        "built_at": now,
    }


def _still_good(before: Mapping[str, Any], told: Told, digest: str, *, signing: Signing, now: datetime) -> bool:
    if before["content_sha256"] != digest or before["keyid"] != signing.director.keyid:
        return False
    if before["raw"] is None or now - before["issued_at"] >= RENEWAL:
        return False
    # A confirmation is worth no manifest of its own until enough of them have gathered.
    return bool(told.snapshot.speaker.receipts_through - before["receipts_through"] <= PATIENT_RECEIPTS)


def _sealed(row: Mapping[str, Any], *, packs: bool) -> Sealed:
    return Sealed(row["raw"], row["epoch"], row["version"], row["raw_sha256"], packs)
