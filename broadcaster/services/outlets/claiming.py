"""Taking a row that is due, and writing down what came of it: one way for all that is sent to somebody."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from broadcaster.domain.mirror import TABLE, Copy, CopyState, Event, Outcome, step, wait
from broadcaster.domain.mirror_answer import keepable
from broadcaster.services.outlets.following import follow
from broadcaster.store.tables import Channel, MirrorCopy, PushMessage, StandInMessage

LEASE = timedelta(seconds=45)
"""Longer than anybody may take over one of them."""
UNREADABLE, NOT_NOTED = "unreadable", "not noted"
SPOILED = (ValueError, LookupError, TypeError)
"""What reading a row raises that was not written by us, or long ago."""

Row = TypeVar("Row", MirrorCopy, StandInMessage)


@dataclass(frozen=True, slots=True)
class Work:
    """One copy to send, with all its channel needs."""

    copy: Copy
    channel_id: str
    kind: str
    settings: Mapping[str, str]
    secret: str | None = field(repr=False)
    per_minute: int | None

    @property
    def id(self) -> str:
        """That of its copy."""
        return self.copy.id


def work(channel: Channel, copy: Copy) -> Work:
    """A copy with what its channel needs."""
    return Work(copy, channel.id, channel.kind, channel.settings, channel.secret, channel.rate_per_minute)


def claim(session: Session, rows: Iterable[Row], read: Callable[[Row], Work], *, now: datetime) -> list[Work]:
    """Take these for LEASE and say what to send; one that somebody else took meanwhile is left out."""
    # In the order of ids, as everybody locks them: nobody waits for one another for ever.
    taken = (_take(session, row, read, now) for row in sorted(rows, key=lambda row: row.id))
    return [each for each in taken if each]


def _take(session: Session, row: Row, read: Callable[[Row], Work], now: datetime) -> Work | None:
    if not claimed(session, row, now=now):
        return None
    try:
        return read(row)
    except SPOILED as error:
        # Ended, so that it stops no other.
        session.refresh(row)
        refused = Outcome(CopyState.FAILED, permanent=True, provider_code=UNREADABLE, detail=type(error).__name__)
        note(row, refused, now=now)
        return None


def claimed(session: Session, row: MirrorCopy | StandInMessage | PushMessage, *, now: datetime) -> bool:
    """Whether this one is ours for LEASE now; not if somebody else took or changed it meanwhile."""
    table = type(row)
    taken = session.execute(
        update(table)
        .where(table.id == row.id, table.state == row.state, table.claimed_until.is_(None))
        .values(claimed_until=now + LEASE, attempts=table.attempts + 1, updated_at=now),
        execution_options={"synchronize_session": False},
    )
    return isinstance(taken, CursorResult) and taken.rowcount == 1


def answered(session: Session, row: MirrorCopy | StandInMessage, outcome: Outcome, *, now: datetime) -> None:
    """Write down what came of an attempt, for the channel too; an answer after the claim lapsed still counts."""
    outcome = keepable(outcome)
    note(row, outcome, now=now)
    channel = session.get_one(Channel, row.channel_id)
    if outcome.state in {CopyState.ACCEPTED, CopyState.DELIVERED}:
        channel.last_accepted_at, channel.blocked_reason = now, ""
    else:
        channel.last_failed_at, channel.blocked_reason = now, outcome.detail[:200]
    if outcome.retry_after is not None:
        channel.blocked_until = now + wait(row.attempts, outcome.retry_after)
    follow(session, channel, outcome, now=now)


def note(row: MirrorCopy | StandInMessage, outcome: Outcome, *, now: datetime) -> None:
    """Take it the step this outcome stands for."""
    state = CopyState(row.state)
    if outcome.event is Event.LOSE and row.claimed_until is not None:
        row.lost += 1
    row.claimed_until, row.updated_at = None, now
    if (state, outcome.event) not in TABLE:
        return
    row.state = step(state, outcome.event)
    row.provider_code, row.error = outcome.provider_code, outcome.detail
    row.remote_id = outcome.remote_id or row.remote_id
    row.due_at = now + wait(max(row.attempts, 1), outcome.retry_after)
    if row.state == CopyState.ACCEPTED:
        row.accepted_at = now
    if row.state == CopyState.DELIVERED:
        row.delivered_at = now
