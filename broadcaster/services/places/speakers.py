"""Speakers: taken into service and out of it, and what they say about themselves."""

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from broadcaster.domain.errors import UnknownSpeaker
from broadcaster.domain.permissions import Action
from broadcaster.domain.where import Where
from broadcaster.domain.words import slug
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.places import ahead, stagger
from broadcaster.store import outbox, places
from broadcaster.store.tables import GroupMember, Speaker, SpeakerManifest
from broadcaster.store.upsert import update_many
from firmware_config.bundle import SpeakerIdentity, new_identity
from firmware_config.pki import Authority, load_certificate, load_signing_key
from firmware_config.protocol import Document, Health, Presence, Refusal, Refused, State

REPORT_LIMIT = 16_384
KEY_DAYS = 3650
LAG = timedelta(seconds=110)
"""So that whoever looks every few seconds sees it within 120."""
SPARING = timedelta(minutes=4)
CONTACT = ("state_at", "health_at", "last_seen_at")
NOWHERE = Where()
T = TypeVar("T", bound=Document)


def enrol(
    session: Session,
    actor: Actor,
    *,
    name: str,
    unit_id: str,
    authority: Authority,
    now: datetime,
    groups: Sequence[str] = (),
    volume_max: int = 100,
    lead_ms: int = 0,
    tail_ms: int = 0,
    where: Where = NOWHERE,
) -> SpeakerIdentity:
    """Take a speaker into service; its private keys go into its bundle and stay nowhere else.

    Raises UnknownUnit, NotAllowed.
    """
    actor.require(Action.ENROL, places.path(session, unit_id))
    found = new_identity(speaker_id(name, secrets.token_hex(2)), name, authority, now=now)
    admit(
        session,
        actor,
        device=found.device,
        name=name,
        unit_id=unit_id,
        public_key=load_signing_key(found.signing_key_pem).public_key().public_bytes_raw(),
        certificate=found.tls.certificate_pem,
        groups=groups,
        volume_max=volume_max,
        lead_ms=lead_ms,
        tail_ms=tail_ms,
        where=where,
        now=now,
    )
    return found


def admit(
    session: Session,
    actor: Actor,
    *,
    device: str,
    name: str,
    unit_id: str,
    public_key: bytes,
    certificate: bytes,
    now: datetime,
    groups: Sequence[str] = (),
    volume_max: int = 100,
    lead_ms: int = 0,
    tail_ms: int = 0,
    where: Where = NOWHERE,
) -> Speaker:
    """The row of a speaker whose keys were made, here or on the box; `certificate` is PEM. Asks for no right."""
    issued = load_certificate(certificate)
    row = Speaker(
        id=device,
        name=name,
        unit_id=unit_id,
        enrolled_at=now,
        enrolled_by=actor.person_id,
        keyid=device,
        public_key=public_key,
        key_not_before=now,
        key_not_after=now + timedelta(days=KEY_DAYS),
        certificate_serial=f"{issued.serial_number:x}",
        certificate_not_after=issued.not_valid_after_utc,
        volume_max=volume_max,
        lead_ms=lead_ms,
        tail_ms=tail_ms,
        **columns(where),
    )
    session.add(row)
    session.flush()
    session.add_all(GroupMember(group_id=group, speaker_id=device) for group in groups)
    audit.record(session, actor, "enrol", ("speaker", device), now=now, unit=unit_id, details={"name": name})
    outbox.want(session, "manifest", [device], now=now)
    if where != NOWHERE:
        stagger.replan(session, now=now)
    return row


def hang(session: Session, actor: Actor, speaker: str, where: Where, *, now: datetime) -> None:
    """Say where it hangs; it and its neighbours get the offsets that follow. Raises UnknownSpeaker, NotAllowed."""
    row = _held(session, actor, speaker)
    before = Where(row.latitude, row.longitude, row.post or "")
    if where == before:
        return
    for name, value in columns(where).items():
        setattr(row, name, value)
    details = {"from": before.text, "to": where.text, "post": where.post}
    audit.record(session, actor, "hang", ("speaker", speaker), now=now, unit=row.unit_id, details=details)
    stagger.replan(session, now=now)


def columns(where: Where) -> dict[str, Any]:
    """As it stands in a row."""
    return {"latitude": where.latitude, "longitude": where.longitude, "post": where.post or None}


def _held(session: Session, actor: Actor, speaker: str) -> Speaker:
    """One in service that the actor may tend, while nobody else changes a place. Raises UnknownSpeaker, NotAllowed."""
    stagger.hold(session)
    row = session.get(Speaker, speaker)
    if row is None or row.revoked_at is not None:
        raise UnknownSpeaker(id=speaker)
    actor.require(Action.TEND_SPEAKERS, places.path(session, row.unit_id))
    return row


def speaker_id(name: str, suffix: str) -> str:
    """A slug of the Vietnamese name and a few digits: "Bản Chiềng Đông 1" → "ban-chieng-dong-1-3fa9"."""
    return f"{slug(name) or 'loa'}-{suffix}"


def revoke(session: Session, actor: Actor, speaker: str, *, reason: str, now: datetime) -> None:
    """Out of service: nothing more is signed for it, its receipts are ignored, its retained topics cleared."""
    row = session.get(Speaker, speaker)
    if row is None:
        raise UnknownSpeaker(id=speaker)
    actor.require(Action.TEND_SPEAKERS, places.path(session, row.unit_id))
    if row.revoked_at is None:
        take_out(session, actor, row, reason=reason, now=now)


def take_out(session: Session, actor: Actor, row: Speaker, *, reason: str, now: datetime) -> None:
    """The same for one in service. Asks for no right."""
    stagger.hold(session)
    row.revoked_at, row.revoked_reason, row.online = now, reason, False
    audit.record(session, actor, "revoke", ("speaker", row.id), now=now, unit=row.unit_id, details={"reason": reason})
    outbox.want(session, "clear", [row.id], now=now)
    if row.latitude is not None or row.post:
        stagger.replan(session, now=now)


def take_states(
    session: Session, reports: Sequence[tuple[str, bytes]], *, now: datetime, kept: bool = False
) -> Counter[str]:
    """Remember how speakers say they are; the codes of what could not be read. Hints, never evidence.

    What a broker `kept` for us may be old: it is no sign of life.
    """
    rows, refused = _read(session, reports, kind=State, row=_state_row, now=now)
    told = {row["id"]: (row["state_epoch"], row["state_version"]) for row in rows}
    found = ahead.note(session, told, now=now) if told else set()
    for row in rows:
        row["problems"] += [ahead.AHEAD] * (row["id"] in found)
        if kept:
            row.update(dict.fromkeys(CONTACT))
    update_many(session, Speaker, rows, key=("id",), keep={*CONTACT, "bytes_used"})
    return refused


def take_presences(session: Session, reports: Sequence[tuple[str, bytes]], *, now: datetime) -> Counter[str]:
    """Remember births and last wills; a half-open link can make either late."""
    rows, refused = _read(session, reports, kind=Presence, row=_presence_row, now=now)
    update_many(session, Speaker, rows, key=("id",), keep={"last_seen_at"})
    return refused


def heard_from(session: Session, speaker: str, *, now: datetime) -> None:
    """It asked for something: a sign of life, noted now and then."""
    old = or_(Speaker.last_seen_at.is_(None), Speaker.last_seen_at < now - SPARING)
    session.execute(update(Speaker).where(Speaker.id == speaker, old).values(last_seen_at=now))


def holds(session: Session, speaker: str, *, epoch: int, version: int, sha256: str) -> None:
    """It asked for news of the very manifest it should hold, which is as good as a state that names it."""
    held = {"state_epoch": epoch, "state_version": version, "state_sha256": sha256}
    other = or_(Speaker.state_sha256.is_(None), Speaker.state_sha256 != sha256)
    session.execute(update(Speaker).where(Speaker.id == speaker, other).values(**held))


def lagging(session: Session, *, now: datetime) -> list[str]:
    """Speakers in service that should have told us of their newest manifest by now and have not."""
    older = and_(Speaker.state_epoch == SpeakerManifest.epoch, Speaker.state_version < SpeakerManifest.version)
    rows = (
        select(Speaker.id)
        .join(SpeakerManifest, SpeakerManifest.speaker_id == Speaker.id)
        .where(Speaker.revoked_at.is_(None), SpeakerManifest.built_at < now - LAG)
        .where(or_(Speaker.state_epoch.is_(None), Speaker.state_epoch < SpeakerManifest.epoch, older))
    )
    return list(session.scalars(rows.order_by(Speaker.id)))


def key_of(session: Session, speaker: str) -> bytes | None:
    """The public key of a speaker that was ever enrolled."""
    return session.scalar(select(Speaker.public_key).where(Speaker.id == speaker))


def is_revoked(session: Session, speaker: str) -> bool:
    """Whether it was taken out of service."""
    return session.scalar(select(Speaker.revoked_at).where(Speaker.id == speaker)) is not None


def _read(
    session: Session,
    reports: Sequence[tuple[str, bytes]],
    *,
    kind: type[T],
    row: Callable[[str, T, datetime], dict[str, Any]],
    now: datetime,
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """The latest report of each speaker in service, as a row; their rows are held until the transaction ends."""
    refused: Counter[str] = Counter()
    latest: dict[str, dict[str, Any]] = {}
    for device, raw in reports:
        # The broker clears a retained topic with an empty message.
        if not raw:
            continue
        try:
            latest[device] = row(device, kind.from_bytes(raw, limit=REPORT_LIMIT), now)
        except Refused as error:
            refused[error.code] += 1
    if not latest:
        return [], refused
    in_service = select(Speaker.id).where(Speaker.id.in_(latest), Speaker.revoked_at.is_(None))
    held = in_service.order_by(Speaker.id).with_for_update(key_share=True)
    return [latest[device] for device in session.scalars(held)], refused


def _state_row(device: str, state: State, now: datetime) -> dict[str, Any]:
    if state.device != device:
        raise Refused(Refusal.NOT_FOR_ME, "the state of another speaker")
    rest = ("clock", "cache_bytes", "volume", "agent", "boot", "head_seq", "head_hash")
    return {name: getattr(state, name) for name in rest} | {
        "id": device,
        "state_at": now,
        "state_epoch": state.epoch,
        "state_version": state.version,
        "state_sha256": state.sha256 or None,
        "problems": list(state.problems),
        "health": state.health.to_json(),
        "health_at": now if state.health != Health() else None,
        "bytes_used": state.health.bytes_month,
        "last_seen_at": now,
    }


def _presence_row(device: str, presence: Presence, now: datetime) -> dict[str, Any]:
    return {
        "id": device,
        "online": presence.online,
        "presence_boot": presence.boot,
        "presence_at": now,
        "last_seen_at": now if presence.online else None,
    }
