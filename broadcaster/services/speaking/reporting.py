"""The signed report of an airing: what its loudspeakers signed, put together and signed once more by the server."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.airing_report import TYPE, Report, Spoken
from broadcaster.services.speaking.signing import Signing
from broadcaster.store.tables import Airing, Announcement, Delivery, SignedDocument, Speaker, StoredReceipt, Unit
from firmware_config import protocol
from firmware_config.protocol import KeyRing, Role

Last = dict[str, tuple[str, str]]
Said = tuple[str, Sequence[tuple[str, str]], Sequence[str]]
LARGEST = 16 * 1024 * 1024
"""Bytes of a report: thousands of loudspeakers, a line each."""


@dataclass(frozen=True, slots=True)
class Signed:
    """The text with its hash, whose key signed it, and the envelope to be checked anywhere."""

    report: Report
    text: str
    sha256: str
    keyid: str
    signature: str
    """Base64 of the Ed25519 signature over DSSE's encoding of type and text."""
    envelope: bytes


def report_of(session: Session, airing_id: str, keys: KeyRing) -> Report:
    """The facts about one airing, as they stand; title and words are those that were signed for it."""
    airing = session.get_one(Airing, airing_id)
    announcement = session.get_one(Announcement, airing.announcement_id)
    title, words, approved = _said(session, airing, announcement, keys)
    return Report(
        airing=airing.id,
        announcement=announcement.id,
        revision=airing.revision,
        title=title,
        klass=airing.klass,
        kind=airing.kind,
        reference=airing.reference or "",
        wall=airing.wall,
        zone=airing.zone,
        planned=airing.planned_at,
        state=airing.state,
        approved_by=approved,
        words=words,
        speakers=tuple(_spoken(session, airing_id)),
    )


def _said(session: Session, airing: Airing, announcement: Announcement, keys: KeyRing) -> Said:
    signed = session.get(SignedDocument, (airing.reference or "").removeprefix("sha256:"))
    if signed is not None:
        found = protocol.accept_announcement(signed.raw, expected=airing.reference, keys=keys, now=None)
        return found.title, [(one.language, one.text) for one in found.versions], [one.by for one in found.approvals]
    standing = [one for one in announcement.approvals if one.approved and one.revision == airing.revision]
    same = announcement.revision == airing.revision
    words = [(one.language, one.text) for one in announcement.versions] if same else []
    return announcement.title, words, [one.person_name for one in standing]


def sign(session: Session, airing_id: str, signing: Signing) -> Signed:
    """The report under the server's key; the same facts give the same bytes."""
    report = report_of(session, airing_id, signing.keys.ring())
    text = report.text()
    body, key = text.encode(), signing.director
    signature = key.key.sign(protocol.pae(TYPE, body))
    return Signed(
        report,
        text,
        hashlib.sha256(body).hexdigest(),
        key.keyid,
        base64.b64encode(signature).decode(),
        protocol.seal(TYPE, body, key),
    )


def check(raw: bytes, keys: KeyRing) -> str:
    """The text of an envelope that this server signed, whenever that was. Raises `Refused`."""
    return protocol.unseal(raw, payload_type=TYPE, role=Role.DIRECTOR, keys=keys, now=None, limit=LARGEST).decode()


def _spoken(session: Session, airing_id: str) -> Iterable[Spoken]:
    said = _receipts(session, airing_id)
    query = select(Delivery, Speaker.name, func.coalesce(Unit.name, Delivery.unit_id)).where(
        Delivery.airing_id == airing_id, Speaker.pretend.is_(False)
    )
    query = query.join(Speaker, Speaker.id == Delivery.speaker_id).outerjoin(Unit, Unit.id == Delivery.unit_id)
    for delivery, name, unit in session.execute(query.order_by(Unit.name, Delivery.unit_id, Speaker.name, Speaker.id)):
        numbers, chained = said.get(delivery.speaker_id, ("", ""))
        yield Spoken(
            unit=unit,
            speaker=delivery.speaker_id,
            name=name,
            state=delivery.state,
            started=delivery.started_at,
            ended=delivery.heard_at or delivery.finished_at or delivery.ended_at,
            level=delivery.level,
            proof=delivery.proof or "",
            receipts=numbers,
            hash=chained,
            by_person=delivery.by_person_at,
        )


def _receipts(session: Session, airing_id: str) -> Last:
    """Of each speaker the numbers of its receipts about the airing, and the chain's hash after the last."""
    about: Any = select(
        StoredReceipt.speaker_id, func.min(StoredReceipt.seq).label("first"), func.max(StoredReceipt.seq).label("last")
    ).where(StoredReceipt.airing_id == airing_id)
    ends = about.group_by(StoredReceipt.speaker_id).subquery()
    same = (StoredReceipt.speaker_id == ends.c.speaker_id) & (StoredReceipt.seq == ends.c.last)
    rows = session.execute(select(ends.c.speaker_id, ends.c.first, ends.c.last, StoredReceipt.hash).join(ends, same))
    return {row[0]: (f"{row[1]}-{row[2]}", row[3]) for row in rows}
