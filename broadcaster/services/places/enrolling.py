"""Boxes taken into service by the label and code they were given; their keys are made on them and stay there."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.domain.errors import (
    BoxKeysBroken,
    LabelBlocked,
    LabelCodeWrong,
    LabelOver,
    LabelUnknown,
    LabelUsed,
    LoaError,
    Malformed,
    NotFound,
    UnknownGroup,
    UnknownSpeaker,
    UnknownUnit,
)
from broadcaster.domain.permissions import Action
from broadcaster.domain.where import Where
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.airtime import rehanging
from broadcaster.services.people.vault import Vault
from broadcaster.services.places import boxes, speakers
from broadcaster.store import places
from broadcaster.store.tables import Enrolment, Group, Person, Speaker, Unit
from firmware_config import pki
from firmware_config.pki import Authority
from firmware_config.protocol.enrolment import ID_LETTERS, EnrolRequest, letters

TRIES = 5
LEAD_MS, TAIL_MS = 400, 200
"""While an amplifier wakes, and so that nothing is cut off; as a bundle has it."""
NOWHERE = Where()


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed: the code is told once and kept as a hash alone."""

    id: str
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Box:
    """A box that has proved its keys; the certificate is PEM."""

    device: str
    public_key: bytes
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Claimed:
    """The speaker a box has become."""

    speaker: Speaker
    certificate: bytes


def begin(
    session: Session,
    actor: Actor,
    *,
    name: str,
    unit_id: str,
    vault: Vault,
    now: datetime,
    replaces: str | None = None,
    groups: Sequence[str] = (),
    where: Where = NOWHERE,
    days: int = 7,
) -> Label:
    """A label for a box that is to hang in a unit; one that replaces another takes that one's name and place.

    Raises NotAllowed, UnknownUnit, UnknownGroup, UnknownSpeaker, Malformed.
    """
    if replaces is not None:
        old = _replaceable(session, replaces)
        name, unit_id = old.name, old.unit_id
    actor.require(Action.ENROL, places.path(session, unit_id))
    if session.get_one(Unit, unit_id).closed_at is not None:
        raise UnknownUnit(id=unit_id)
    if not 1 <= len(tidy := line(name)) <= 200:
        raise Malformed(field="name", problem="1–200")
    _require_groups(session, actor, groups)
    row = Enrolment(
        id=letters(secrets.token_bytes(5), ID_LETTERS),
        name=tidy,
        unit_id=unit_id,
        replaces_id=replaces,
        groups=list(groups),
        code_sha256="",
        attempts=0,
        made_by=actor.person_id,
        created_at=now,
        expires_at=now,
        **speakers.columns(where),
    )
    session.add(row)
    details = {"name": tidy, "replaces": replaces}
    audit.record(session, actor, "label", ("enrolment", row.id), now=now, unit=unit_id, details=details)
    return _with_code(row, vault, days, now)


def again(session: Session, actor: Actor, enrolment_id: str, *, vault: Vault, days: int = 7, now: datetime) -> Label:
    """The same label with another code; the one before is worth nothing now. Raises NotFound, NotAllowed, LabelUsed."""
    row = _open(session, actor, enrolment_id)
    row.cancelled_at, row.attempts = None, 0
    details = {"name": row.name}
    audit.record(session, actor, "label_again", ("enrolment", row.id), now=now, unit=row.unit_id, details=details)
    return _with_code(row, vault, days, now)


def is_code(row: Enrolment, code: str, *, vault: Vault) -> bool:
    """Whether it is the code on the label."""
    return bool(code) and hmac.compare_digest(row.code_sha256, _mark(vault, row.id, code))


def cancel(session: Session, actor: Actor, enrolment_id: str, *, now: datetime) -> None:
    """The label is worth nothing any more. Raises NotFound, NotAllowed, LabelUsed."""
    row = _open(session, actor, enrolment_id)
    row.cancelled_at = now
    details = {"name": row.name}
    audit.record(session, actor, "label_cancel", ("enrolment", row.id), now=now, unit=row.unit_id, details=details)


def waiting(session: Session, units: frozenset[str], *, now: datetime) -> Sequence[Enrolment]:
    """Labels in these units that a box may still be enrolled with, the newest first."""
    mine = (Enrolment.unit_id.in_(units), Enrolment.used_at.is_(None), Enrolment.cancelled_at.is_(None))
    rows = select(Enrolment).where(*mine, Enrolment.expires_at > now)
    return session.scalars(rows.order_by(Enrolment.created_at.desc(), Enrolment.id)).all()


def claim(
    session: Session, asked: EnrolRequest, *, authority: Authority, vault: Vault, origin: str, now: datetime
) -> Claimed | LoaError:
    """Take a box into service with its label, once; the same box may ask again when the answer was lost.

    A refusal is returned, not raised, so that the wrong code is counted with the transaction.
    """
    row = session.get(Enrolment, asked.label)
    if row is None:
        return LabelUnknown()
    if row.cancelled_at is not None or row.expires_at <= now:
        return LabelOver()
    # Counted before it is looked at: however many ask at once, no more than five codes are tried.
    trying = update(Enrolment).where(Enrolment.id == row.id, Enrolment.attempts < TRIES)
    counted = session.execute(
        trying.values(attempts=Enrolment.attempts + 1), execution_options={"synchronize_session": False}
    )
    if counted.rowcount != 1:  # type: ignore[attr-defined]
        return LabelBlocked()
    session.refresh(row)
    if not is_code(row, asked.code, vault=vault):
        return _wrong(session, row, origin, now)
    row.attempts -= 1
    return _claimed(session, row, asked, authority, origin=origin, now=now)


def _wrong(session: Session, row: Enrolment, origin: str, now: datetime) -> LoaError:
    subject, details = ("enrolment", row.id), {"name": row.name, "attempts": row.attempts}
    audit.record(session, SYSTEM.at(origin), "label_wrong", subject, now=now, unit=row.unit_id, details=details)
    left = TRIES - row.attempts
    return LabelCodeWrong(left=left) if left else LabelBlocked()


def _claimed(
    session: Session, row: Enrolment, asked: EnrolRequest, authority: Authority, *, origin: str, now: datetime
) -> Claimed | LoaError:
    before = session.get(Speaker, row.speaker_id) if row.speaker_id else None
    if before is None and row.replaces_id and boxes.successor(session, row.replaces_id):
        return LabelOver()
    if before is not None and before.public_key != asked.public_key:
        return LabelUsed()
    device = before.id if before else speakers.speaker_id(row.name, secrets.token_hex(2))
    try:
        _prove(asked)
        certificate = authority.certify(device, asked.request.encode("ascii"), now=now)
    except pki.BrokenCertificate as error:
        return BoxKeysBroken(problem=str(error))
    if before is None:
        maker = _maker(session, row, origin)
        return _admitted(session, row, Box(device, asked.public_key, certificate), maker, now=now)
    issued = pki.load_certificate(certificate)
    before.certificate_serial, before.certificate_not_after = f"{issued.serial_number:x}", issued.not_valid_after_utc
    return Claimed(before, certificate)


def _admitted(session: Session, row: Enrolment, box: Box, maker: Actor, *, now: datetime) -> Claimed:
    # The one it replaces may have been moved or renamed since the label was printed, and its unit merged.
    hung = session.get_one(Speaker, row.replaces_id) if row.replaces_id else row
    speakers.admit(
        session,
        maker,
        device=box.device,
        name=hung.name,
        unit_id=_today(session, hung.unit_id),
        public_key=box.public_key,
        certificate=box.certificate,
        groups=row.groups,
        lead_ms=LEAD_MS,
        tail_ms=TAIL_MS,
        where=Where(row.latitude, row.longitude, row.post or ""),
        now=now,
    )
    row.used_at, row.speaker_id = now, box.device
    session.flush()
    if row.replaces_id is not None:
        boxes.take_over(session, maker, row.replaces_id, box.device, now=now)
    else:
        rehanging.follow(session, box.device, reason=rehanging.MOVED, now=now)
    return Claimed(session.get_one(Speaker, box.device), box.certificate)


def _today(session: Session, unit_id: str) -> str:
    """The unit, or what it became part of."""
    unit = session.get_one(Unit, unit_id)
    while unit.closed_at is not None and unit.successor_id is not None:
        unit = session.get_one(Unit, unit.successor_id)
    return unit.id


def _prove(asked: EnrolRequest) -> None:
    key = Ed25519PublicKey.from_public_bytes(asked.public_key)
    try:
        key.verify(bytes.fromhex(asked.proof), asked.request.encode("ascii"))
    except (InvalidSignature, ValueError):
        raise pki.BrokenCertificate("the request is not signed with the key it comes with") from None


def _with_code(row: Enrolment, vault: Vault, days: int, now: datetime) -> Label:
    code = f"{secrets.randbelow(1_000_000):06}"
    row.code_sha256, row.expires_at = _mark(vault, row.id, code), now + timedelta(days=days)
    return Label(row.id, code, row.expires_at)


def _mark(vault: Vault, enrolment_id: str, code: str) -> str:
    """Under a key that is not in the database: a million codes are soon gone through."""
    return hmac.new(vault.key, f"enrolment {enrolment_id} {code}".encode(), hashlib.sha256).hexdigest()


def _maker(session: Session, row: Enrolment, origin: str) -> Actor:
    person = session.get(Person, row.made_by)
    return Actor(person.id, person.name, origin=origin) if person else SYSTEM.at(origin)


def _replaceable(session: Session, speaker_id: str) -> Speaker:
    old = session.get(Speaker, speaker_id)
    if old is None or old.pretend or boxes.successor(session, speaker_id) is not None:
        raise UnknownSpeaker(id=speaker_id)
    return old


def _require_groups(session: Session, actor: Actor, groups: Sequence[str]) -> None:
    for group_id in groups:
        group = session.get(Group, group_id)
        if group is None:
            raise UnknownGroup(id=group_id)
        actor.require(Action.ENROL, places.path(session, group.unit_id))


def _open(session: Session, actor: Actor, enrolment_id: str) -> Enrolment:
    row = session.get(Enrolment, enrolment_id, with_for_update=True)
    if row is None:
        raise NotFound(what="label", id=enrolment_id)
    actor.require(Action.ENROL, places.path(session, row.unit_id))
    if row.used_at is not None:
        raise LabelUsed
    return row
