"""Which browsers are owed which notice; the sending is in push_queue.py."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.announcement import State
from broadcaster.domain.mirror import EXPIRED, SUPERSEDED, Action, CopyState, Event, Past, owed, step
from broadcaster.services.ids import new_id
from broadcaster.services.outlets import hearers
from broadcaster.store.tables import Airing, Announcement, PushMessage, PushSubscription

WORTH_TELLING = timedelta(hours=6)
"""How long after an airing began an announcement without an end of its own is news."""
WORTH_CORRECTING = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why something may be owed."""

    announcement: Announcement
    airing: Airing | None
    now: datetime


def owe(session: Session, announcement: Announcement, *, now: datetime, airing: Airing | None = None) -> int:
    """Write down what each browser is owed now of an announcement that was approved or withdrawn; say how many.

    The first is owed with an airing that is heard, and sent when that begins, or with a new revision of what was heard
    already; after it follow corrections and a withdrawal. Safe to call too often.
    """
    cause = _Cause(announcement, airing, now)
    history = histories(session, announcement.id, locked=True)
    first = airing is not None or hearers.told_at_once(session, announcement, now=now)
    there = _there(session, announcement) if first or history else {}
    # What is planned takes nothing back: who moved away, or wants to hear less, still has what was read.
    told = [name for name in history if name in there or airing is None]
    new_to_it = [name for name, wants in sorted(there.items()) if first and wants and name not in history]
    found = [_settle(cause, name, history.get(name, []), standing=name in there) for name in (*told, *new_to_it)]
    new = [row for row in found if row]
    session.add_all(new)
    session.flush()
    return len(new)


def _there(session: Session, announcement: Announcement) -> dict[str, bool]:
    """The browsers of the people addressed, and whether each wants to hear of its class."""
    if announcement.state != State.APPROVED:
        return {}
    units = hearers.among(session, announcement, session.scalars(select(PushSubscription.unit_id).distinct()))
    rows = select(PushSubscription.id, PushSubscription.classes).where(PushSubscription.unit_id.in_(units))
    # Who leaves now waits until it is written down: else there would be nobody left to owe it to.
    rows = rows.with_for_update(read=True, key_share=True)
    return {row.id: announcement.klass in row.classes for row in session.execute(rows)} if units else {}


def histories(session: Session, announcement_id: str, *, locked: bool = False) -> dict[str, list[PushMessage]]:
    """All messages about an announcement by their browser, the earliest first; `locked` = as they are, and stay so."""
    found: dict[str, list[PushMessage]] = defaultdict(list)
    rows = select(PushMessage).where(PushMessage.announcement_id == announcement_id).order_by(PushMessage.id)
    for row in session.scalars(rows.with_for_update().execution_options(populate_existing=True) if locked else rows):
        found[row.subscription_id].append(row)
    return found


def _settle(cause: _Cause, name: str, rows: Sequence[PushMessage], *, standing: bool) -> PushMessage | None:
    history = [past(row) for row in rows]
    action = owed(history, revision=cause.announcement.revision, standing=standing)
    waiting = [row for row in rows if past(row).waiting]
    # A withdrawal that waits is still what they are owed when nothing new is.
    for row in (row for row in waiting if action or not (standing or row.action == Action.WITHDRAW)):
        row.state, row.provider_code, row.updated_at = step(CopyState.QUEUED, Event.DROP), SUPERSEDED, cause.now
    if action is None:
        _bring_forward(cause, waiting)
        _wait_anew(cause, rows)
        return None
    return _row(cause, name, action, rows)


def _bring_forward(cause: _Cause, waiting: Sequence[PushMessage]) -> None:
    # An airing that was put earlier, or in the place of a cancelled one, is the one people are told of.
    for row in waiting:
        if cause.airing and row.action == Action.POST and row.state == CopyState.QUEUED:
            row.due_at, row.expires_at = min(row.due_at, cause.airing.begins), _expires(cause, Action.POST)


def _wait_anew(cause: _Cause, rows: Sequence[PushMessage]) -> None:
    # What was over before anybody could be told is told with the next airing.
    for row in rows:
        unsent = row.state == CopyState.FAILED and row.provider_code == EXPIRED and not row.lost
        if cause.airing and unsent and row.action == Action.POST and row.revision == cause.announcement.revision:
            row.state, row.provider_code = step(CopyState.FAILED, Event.RETRY), ""
            row.due_at, row.expires_at = _heard(cause), _expires(cause, Action.POST)
            row.updated_at = cause.now


def past(row: PushMessage) -> Past:
    """A message as the rules of copies see it."""
    return Past(Action(row.action), row.revision, CopyState(row.state), row.claimed_until is not None)


def _row(cause: _Cause, name: str, action: Action, earlier: Sequence[PushMessage]) -> PushMessage:
    read = [row.klass for row in earlier if past(row).may_be_out]
    return PushMessage(
        id=new_id(cause.now),
        subscription_id=name,
        announcement_id=cause.announcement.id,
        revision=cause.announcement.revision,
        action=action,
        klass=read[-1] if action is Action.WITHDRAW else cause.announcement.klass,
        state=CopyState.QUEUED,
        due_at=_heard(cause) if action is Action.POST else cause.now,
        expires_at=_expires(cause, action),
        updated_at=cause.now,
    )


def _heard(cause: _Cause) -> datetime:
    return max(cause.now, cause.airing.begins) if cause.airing else cause.now


def _expires(cause: _Cause, action: Action) -> datetime:
    if action is not Action.POST:
        return cause.now + WORTH_CORRECTING
    news_until = _heard(cause) + WORTH_TELLING
    return min(cause.announcement.expires or news_until, news_until)
