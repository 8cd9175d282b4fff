"""The same request, sent twice, does its work once and has the same answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from broadcaster.domain.errors import IdempotencyConflict, IdempotencyKeyMissing, Malformed
from broadcaster.services.actor import Actor
from broadcaster.store.tables import IdempotencyRecord

KEPT = timedelta(days=2)
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller is told; `replayed` = it was told before."""

    status: int
    body: bytes
    replayed: bool = False


def replay_or_run(
    session: Session,
    actor: Actor,
    key: str | None,
    request_hash: str,
    run: Callable[[], tuple[int, bytes]],
    *,
    now: datetime,
) -> Answer:
    """Run once for each (person, key), keeping the answer in the same transaction; a refusal keeps nothing.

    Raises IdempotencyKeyMissing, and IdempotencyConflict for a key that came with another request.
    """
    key = _usable(key)
    if not _take(session, actor.person_id, key, request_hash, now):
        record = session.get_one(IdempotencyRecord, (actor.person_id, key), populate_existing=True)
        return _earlier(record, request_hash)
    status, body = run()
    record = session.get_one(IdempotencyRecord, (actor.person_id, key))
    record.status, record.body = status, body
    return Answer(status, body)


def repeated(session: Session, actor: Actor, key: str | None, request_hash: str) -> Answer | None:
    """The answer this very request had before, so that its slow work is not done again. Raises as replay_or_run."""
    record = session.get(IdempotencyRecord, (actor.person_id, _usable(key)))
    return _earlier(record, request_hash) if record else None


def _usable(key: str | None) -> str:
    if not key:
        raise IdempotencyKeyMissing
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Malformed(field="Idempotency-Key", problem=f"1–{LONGEST_KEY}")
    return key


def _take(session: Session, person_id: str, key: str, request_hash: str, now: datetime) -> bool:
    table = IdempotencyRecord.__table__
    assert isinstance(table, Table)
    postgres = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert(table) if postgres else sqlite.insert(table)
    row = {
        "person_id": person_id,
        "key": key,
        "request_sha256": request_hash,
        "status": 0,
        "body": b"",
        "created_at": now,
    }
    # A second request with the same key waits here until the first has been answered.
    return bool(session.scalar(insert.on_conflict_do_nothing().values(row).returning(table.c.key)))


def _earlier(record: IdempotencyRecord, request_hash: str) -> Answer:
    if record.request_sha256 != request_hash:
        raise IdempotencyConflict
    return Answer(record.status, record.body, replayed=True)


def tidy(session: Session, *, now: datetime) -> None:
    """Forget answers nobody will ask for again."""
    session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.created_at < now - KEPT))
