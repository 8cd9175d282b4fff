"""The evidence of an airing: the receipts its loudspeakers signed, and the report to be printed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from broadcaster.domain.airing_report import Report, Spoken
from broadcaster.store import places
from broadcaster.store.tables import Speaker, StoredReceipt
from broadcaster.web.i18n import ZONE, language_name, say
from broadcaster.web.labels import AIRING, DELIVERY, KLASS, REASON, STAND_IN, Label, label
from broadcaster.web.shown.annex import ISSUING

PAGE = 100
READ_IN = "vi"
"""The report is a paper of the commune's: in Vietnamese, whoever prints it."""


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One signed receipt."""

    speaker_id: str
    speaker: str
    seq: int
    event: Label
    at: str
    """On the loudspeaker's own clock."""
    clock: str
    received: datetime
    level: int | None
    proof: str
    reason: str
    hash: str
    keyid: str
    pretend: bool


@dataclass(frozen=True, slots=True)
class Receipts:
    """One page of them; `next` is what to ask for to go on."""

    lines: tuple[ReceiptLine, ...]
    next: str


def receipts(session: Session, airing_id: str, after: str) -> Receipts:
    """The receipts about one airing by loudspeaker and number, from after "speaker:number" on."""
    query = select(StoredReceipt, Speaker.name, Speaker.keyid, Speaker.pretend)
    query = query.join(Speaker, Speaker.id == StoredReceipt.speaker_id).where(StoredReceipt.airing_id == airing_id)
    query = query.where(*_beyond(after)).order_by(StoredReceipt.speaker_id, StoredReceipt.seq).limit(PAGE + 1)
    found = session.execute(query).all()
    lines = tuple(_line(*row) for row in found[:PAGE])
    more = lines[-1] if len(found) > PAGE else None
    return Receipts(lines, f"{more.speaker_id}:{more.seq}" if more else "")


def _beyond(after: str) -> list[ColumnElement[bool]]:
    speaker, _, number = after.rpartition(":")
    if not speaker or not number.isascii() or not number.isdigit() or len(number) > 18:
        return []
    same = (StoredReceipt.speaker_id == speaker) & (StoredReceipt.seq > int(number))
    return [same | (StoredReceipt.speaker_id > speaker)]


def _line(row: StoredReceipt, name: str, keyid: str, pretend: bool) -> ReceiptLine:
    evidence: dict[str, Any] = row.evidence or {}
    at = datetime.fromtimestamp(row.at_ms / 1000, UTC).astimezone(ZONE)
    return ReceiptLine(
        row.speaker_id,
        name,
        row.seq,
        label(DELIVERY, row.event),
        f"{at:%d/%m/%Y %H:%M:%S}",
        row.clock,
        row.received_at,
        evidence.get("level"),
        evidence.get("proof") or "",
        REASON.get(row.reason, row.reason),
        row.hash,
        keyid,
        pretend,
    )


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One loudspeaker on the paper."""

    name: str
    unit: str
    state: str
    started: str
    ended: str
    level: str
    receipts: str
    hash: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The report as it is printed."""

    title: str
    klass: str
    state: str
    planned: str
    approved_by: str
    reference: str
    words: tuple[tuple[str, str], ...]
    heard: int
    by_person: int
    total: int
    lines: tuple[SheetLine, ...]


def sheet(report: Report) -> Sheet:
    """The words and figures of the paper."""
    at = report.planned.astimezone(ZONE)
    heard = sum(one.state == "heard" for one in report.speakers)
    return Sheet(
        title=report.title,
        klass=say(READ_IN, label(KLASS, report.klass).text),
        state=say(READ_IN, label(AIRING, report.state).text),
        planned=f"{at:%H} giờ {at:%M}, ngày {at:%d/%m/%Y}",
        approved_by=", ".join(report.approved_by),
        reference=report.reference,
        words=tuple((language_name(READ_IN, language), text) for language, text in report.words),
        heard=heard,
        by_person=sum(bool(one.by_person) and one.state != "heard" for one in report.speakers),
        total=len(report.speakers),
        lines=tuple(_sheet_line(one) for one in report.speakers),
    )


def committee(session: Session, unit_id: str) -> str:
    """Whose paper it is: the nearest unit that has a people's committee."""
    lineage = places.lineage(session, unit_id)
    return next((unit.name for unit in reversed(lineage) if unit.level in ISSUING), lineage[-1].name)


def _sheet_line(one: Spoken) -> SheetLine:
    state = say(READ_IN, label(DELIVERY, one.state).text)
    if one.by_person and one.state != "heard":
        state = f"{state}; {say(READ_IN, STAND_IN['done'].text)}"
    level = "" if one.level is None else f"{one.level / 100:.1f}".replace(".", ",").replace("-", "−")
    return SheetLine(
        one.name, one.unit, state, _clock(one.started), _clock(one.ended), level, one.receipts, one.hash[:16]
    )


def _clock(at: datetime | None) -> str:
    return at.astimezone(ZONE).strftime("%H:%M:%S") if at else ""


def is_now(said: str, sha256: str) -> bool | None:
    """Whether the hash on a paper is that of the report as it stands; None = no paper was asked about."""
    typed = "".join(said.split()).lower()
    return typed == sha256 if typed else None


def printed_at(now: datetime) -> str:
    """When the paper was printed; no part of what is signed."""
    return f"{now.astimezone(ZONE):%H:%M, %d/%m/%Y}"
