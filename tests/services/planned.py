"""Schedules as rows, for tests whose subject is the planner and not how a person writes a schedule."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.domain.schedule import Kind
from broadcaster.services.airtime import planning
from broadcaster.services.ids import new_id
from broadcaster.store.tables import Announcement, Schedule
from tests.cast import NOW

EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]
TWICE_A_DAY = {"days": EVERY_DAY, "times": ["05:30", "17:00"]}


def schedule(
    session: Session,
    announcement: Announcement,
    rule: Mapping[str, Any],
    *,
    kind: Kind = Kind.RECURRING,
    starts: datetime = NOW,
    until: datetime | None = None,
    zone: str = "Asia/Ho_Chi_Minh",
    now: datetime = NOW,
) -> Schedule:
    """A schedule that nobody has planned yet."""
    row = Schedule(
        id=new_id(now),
        announcement_id=announcement.id,
        kind=kind,
        rule=dict(rule),
        zone=zone,
        starts=starts,
        until=until,
        created_by="can-bo-van-hoa",
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def repeat(
    session: Session, announcement: Announcement, rule: Mapping[str, Any] = TWICE_A_DAY, *, now: datetime = NOW
) -> Schedule:
    """A recurring schedule, planned at once as whoever adds one does."""
    row = schedule(session, announcement, rule, now=now, starts=now)
    planning.plan_announcement(session, announcement, now=now)
    return row
