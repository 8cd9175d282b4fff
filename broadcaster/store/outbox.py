"""Intentions, written in the same transaction as what causes them; the relay carries them out."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from broadcaster.store.tables import OutboxEntry

TABLE: Table = OutboxEntry.metadata.tables["outbox"]


def want(session: Session, kind: str, refs: Iterable[str], *, now: datetime, expires: datetime | None = None) -> None:
    """Ask that `kind` be done for each ref; one that is still pending is asked for again, not twice."""
    rows = [_row(kind, ref, now, expires) for ref in sorted(set(refs))]
    if rows:
        session.flush()
        session.connection().execute(_again(session), rows)


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
