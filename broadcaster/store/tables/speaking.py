"""What speakers were told and what they signed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.base import Base, Counter, Json, Prose, Sha256, Word


class SpeakerManifest(Base):
    """The last manifest built for a speaker, and its signed bytes."""

    __tablename__ = "speaker_manifests"
    speaker_id: Mapped[Word] = mapped_column(ForeignKey("speakers.id"), primary_key=True)
    epoch: Mapped[Counter]
    version: Mapped[Counter]
    content_sha256: Mapped[Sha256]
    """Of the rows it is made of, less what is confirmed: a change here is a new version."""
    receipts_through: Mapped[Counter] = mapped_column(default=0)
    """What it confirms."""
    raw: Mapped[bytes | None]
    raw_sha256: Mapped[Sha256 | None]
    keyid: Mapped[Word | None]
    issued_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    built_at: Mapped[datetime]


class StoredReceipt(Base):
    """One signed receipt."""

    __tablename__ = "receipts"
    __table_args__ = (Index(None, "airing_id", "speaker_id"),)
    speaker_id: Mapped[Word] = mapped_column(ForeignKey("speakers.id"), primary_key=True)
    seq: Mapped[Counter] = mapped_column(primary_key=True, autoincrement=False)
    boot: Mapped[Word]
    airing_id: Mapped[Word | None]
    """No foreign key: a speaker may speak of what a restored database has forgotten."""
    announcement: Mapped[str | None]
    event: Mapped[Word]
    at_ms: Mapped[Counter]
    """The speaker's clock, milliseconds since 1970."""
    clock: Mapped[Word]
    attempt: Mapped[int]
    reason: Mapped[str] = mapped_column(default="")
    evidence: Mapped[Json | None]
    body: Mapped[bytes]
    """The receipt's canonical bytes, so that the chain can be checked again."""
    hash: Mapped[Sha256]
    received_at: Mapped[datetime]


class ReceiptBatch(Base):
    """The speaker's signature over a run of receipts."""

    __tablename__ = "receipt_batches"
    speaker_id: Mapped[Word] = mapped_column(ForeignKey("speakers.id"), primary_key=True)
    first_seq: Mapped[Counter] = mapped_column(primary_key=True, autoincrement=False)
    last_seq: Mapped[Counter] = mapped_column(primary_key=True, autoincrement=False)
    raw: Mapped[bytes]
    received_at: Mapped[datetime]


class LogRequest(Base):
    """Somebody asks a speaker for the last lines of its log; it is told again until it answers or the request ends."""

    __tablename__ = "log_requests"
    __table_args__ = (Index(None, "speaker_id", "asked_at"),)
    id: Mapped[Word] = mapped_column(primary_key=True)
    speaker_id: Mapped[Word] = mapped_column(ForeignKey("speakers.id"))
    asked_by: Mapped[Word | None]
    asked_by_name: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    text: Mapped[Prose | None]
