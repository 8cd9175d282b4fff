"""Audit rows: gathered during a transaction, chained just before it commits."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.chain import Head, Row
from broadcaster.store.tables import AuditEntry, AuditHead

PENDING = "loa_audit"


def add(session: Session, *, at: datetime, **facts: Any) -> None:  # noqa: ANN401  (columns of the table)
    """Remember a row for the end of this transaction.

    Only there is the head locked: whoever holds it needs nothing more, so two writers cannot wait for each other.
    """
    session.info.setdefault(PENDING, []).append({"at": at, **facts})


def write_pending(session: Session) -> None:
    """Chain what was gathered; runs inside the committing transaction."""
    pending = session.info.pop(PENDING, [])
    if not pending:
        return
    session.flush()
    head = session.get_one(AuditHead, 1, with_for_update=True, populate_existing=True)
    for facts in pending:
        row = Row(seq=head.seq + 1, previous=head.hash, **facts)
        head.seq, head.hash = row.seq, row.sealed()
        session.add(AuditEntry(seq=row.seq, previous=row.previous, hash=head.hash, **facts))


def forget_pending(session: Session) -> None:
    """Drop what was gathered for a transaction that did not come to pass."""
    session.info.pop(PENDING, None)


def rows(session: Session) -> Iterator[Row]:
    """Every row in order, a thousand in memory at a time."""
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).yield_per(1000):
        yield Row(**{name: getattr(entry, name) for name in Row.__slots__})


def head(session: Session) -> Head:
    """The end of the chain as the database remembers it."""
    stored = session.get_one(AuditHead, 1)
    return Head(stored.seq, stored.hash)
