"""Intentions, written in the same transaction as what causes them; the relay carries them out."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.store.tables import OutboxEntry
from broadcaster.store.upsert import spread

PENDING = "loa_outbox"
CHANGED = ("due_at", "expires_at", "attempts", "error")


def want(session: Session, kind: str, refs: Iterable[str], *, now: datetime, expires: datetime | None = None) -> None:
    """Ask that `kind` be done for each ref; one that is still pending is asked for again, not twice.

    Written just before this transaction commits, in one order, so that two writers cannot wait for each other.
    """
    pending = session.info.setdefault(PENDING, {})
    common = _common(kind, now, expires)
    pending.update({f"{kind}:{ref}": (common, ref) for ref in refs})


def write_pending(session: Session) -> None:
    """Write what was asked for; runs inside the committing transaction."""
    pending = session.info.pop(PENDING, {})
    if pending:
        session.flush()
    for common, keys in groupby(sorted(pending), key=lambda key: pending[key][0]):
        each = [{"key": key, "ref": pending[key][1]} for key in keys]
        spread(session, OutboxEntry, common, each, change=CHANGED, key=("key",), count="generation")


def forget_pending(session: Session) -> None:
    """Drop what was asked for in a transaction that did not come to pass."""
    session.info.pop(PENDING, None)


def _common(kind: str, now: datetime, expires: datetime | None) -> dict[str, Any]:
    return {
        "kind": kind,
        "generation": 1,
        "created_at": now,
        "due_at": now,
        "expires_at": expires,
        "attempts": 0,
        "error": "",
    }
