"""The books we keep: intentions, audit, answers already given, and facts about this database."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from broadcaster.store.base import Base, Counter, Json, Prose, Sha256, Word


class OutboxEntry(Base):
    """Something the outside must be told; at most one per key, deleted once told."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "due_at", "id"),)
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """kind:ref, as "manifest:ban-chieng-dong-1"."""
    kind: Mapped[Word]
    """"manifest", "live", "stop", "silence" or "mirror"."""
    ref: Mapped[Word]
    generation: Mapped[int] = mapped_column(default=1)
    """Raised each time the same thing is wanted again; only the generation that was sent may be struck off."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[Prose] = mapped_column(default="")


class AuditEntry(Base):
    """Who changed what, from where and when; each row carries the hash of the one before."""

    __tablename__ = "audit"
    seq: Mapped[Counter] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[Word]
    person_name: Mapped[str]
    origin: Mapped[str]
    action: Mapped[Word] = mapped_column(index=True)
    subject_kind: Mapped[Word]
    subject_id: Mapped[Word] = mapped_column(index=True)
    unit_id: Mapped[Word | None] = mapped_column(index=True)
    details: Mapped[Json]
    previous: Mapped[Sha256]
    hash: Mapped[Sha256]


class AuditHead(Base):
    """The end of the chain: one row, locked by whoever appends."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[Counter]
    hash: Mapped[Sha256]


class IdempotencyRecord(Base):
    """The answer already given to a request that carried this key."""

    __tablename__ = "idempotency"
    person_id: Mapped[Word] = mapped_column(ForeignKey("people.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[Sha256]
    status: Mapped[int]
    body: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Meta(Base):
    """A fact about this database: its epoch, its key set version."""

    __tablename__ = "meta"
    key: Mapped[Word] = mapped_column(primary_key=True)
    value: Mapped[Prose]
