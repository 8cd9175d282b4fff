"""Intentions, written in the same transaction as what causes them; the relay carries them out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from broadcaster.store.tables import OutboxEntry

PENDING = "loa_outbox"
TABLE: Table = OutboxEntry.metadata.tables["outbox"]


def want(session: Session, kind: str, refs: Iterable[str], *, now: datetime, expires: datetime | None = None) -> None:
    """Ask that `kind` be done for each ref; one that is still pending is asked for again, not twice.

    Written just before this transaction commits, in one order, so that two writers cannot wait for each other.
    """
    pending = session.info.setdefault(PENDING, {})
    pending.update({f"{kind}:{ref}": _row(kind, ref, now, expires) for ref in refs})


def write_pending(session: Session) -> None:
    """Write what was asked for; runs inside the committing transaction."""
    pending = session.info.pop(PENDING, {})
    if pending:
        session.flush()
        session.connection().execute(_again(session), [pending[key] for key in sorted(pending)])


def forget_pending(session: Session) -> None:
    """Drop what was asked for in a transaction that did not come to pass."""
    session.info.pop(PENDING, None)


def _row(kind: str, ref: str, now: datetime, expires: datetime | None) -> dict[str, Any]:
    return {
        "key": f"{kind}:{ref}",
        "kind": kind,
        "ref": ref,
        "generation": 1,
        "created_at": now,
        "due_at": now,
        "expires_at": expires,
        "attempts": 0,
        "error": "",
    }


def _again(session: Session) -> Insert:
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(TABLE) if postgres else sqlite.insert(TABLE)
    return insert.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "generation": TABLE.c.generation + 1,
            "due_at": insert.excluded.due_at,
            "expires_at": insert.excluded.expires_at,
            "attempts": 0,
            "error": "",
        },
    )
