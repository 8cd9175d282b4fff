"""From schedules to airings and deliveries, so far ahead that a speaker may be offline for days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Table, and_, bindparam, select, union_all, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from broadcaster.domain.airing import State
from broadcaster.domain.announcement import State as Approval
from broadcaster.domain.audience import Place
from broadcaster.domain.errors import StorageUnavailable
from broadcaster.domain.schedule import HORIZON, NOTHING_MORE, Kind, Moment, rule_of, zone_named
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM
from broadcaster.services.airtime import far, joining, laying
from broadcaster.services.airtime.cases import approved_of, case_of, judged, note
from broadcaster.services.airtime.joining import Key
from broadcaster.services.airtime.knowledge import Knowledge
from broadcaster.services.airtime.laying import FULL_VOLUME, Joined, Laid
from broadcaster.services.airtime.rejudging import recheck
from broadcaster.services.airtime.standby import make_ready
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, Schedule

__all__ = ["FULL_VOLUME", "plan", "plan_announcement", "plan_in_steps", "plan_some", "put_on_air", "recheck"]

log = structlog.get_logger(__name__)

BATCH = 1000
"""So many schedules at a time: others wait for a planner's transaction."""
ONCE = (Kind.NOW, Kind.AT)
# Looked for ahead of the horizon, so that a schedule that has nothing more is left alone for a day.
AHEAD = timedelta(days=1)


class Known:
    """The knowledge of one pass, gathered when something is due and not before."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.now, self._session = now, session
        self._knowledge: Knowledge | None = None

    def __call__(self) -> Knowledge:
        """The same in the whole pass."""
        self._knowledge = self._knowledge or Knowledge(self._session, self.now)
        return self._knowledge


@dataclass(slots=True)
class Taken:
    """A schedule that has moments to come, and how far it is planned once they are airings."""

    schedule: Schedule
    announcement: Announcement
    moments: Sequence[Moment]
    before: datetime | None
    through: datetime
    there: Mapping[Key, Joined] = field(default_factory=dict)
    """Airings made before for speakers that are planned further ahead."""


def plan(session: Session, *, now: datetime, horizon: timedelta = HORIZON) -> int:
    """Make the airings of the next 72 hours that are not there yet, and say how many were made.

    Any number of planners may do so at once; what one of them is just planning the others leave alone.
    """
    made, after, known = 0, "", Known(session, now)
    while (step := plan_some(session, now=now, horizon=horizon, after=after, known=known)) is not None:
        made, after = made + step[0], step[1]
    return made


def plan_in_steps(database: Database, *, now: datetime) -> int:
    """The same in many short transactions, so that others need not wait for all of it."""
    made, after = 0, ""
    while True:
        with database.transaction() as session:
            step = plan_some(session, now=now, after=after)
        if step is None:
            break
        made, after = made + step[0], step[1]
    with database.transaction() as session:
        return made + far.plan(session, now=now)


def plan_some(
    session: Session, *, now: datetime, horizon: timedelta = HORIZON, after: str = "", known: Known | None = None
) -> tuple[int, str] | None:
    """Plan the next few schedules behind `after`: how many airings were made, and the last schedule; None = no more."""
    due = session.execute(
        select(Schedule.id, Schedule.announcement_id)
        .join(Announcement, Announcement.id == Schedule.announcement_id)
        .where(_due(now + horizon), Schedule.id > after)
        .order_by(Schedule.id)
        .limit(BATCH)
    ).all()
    if not due:
        return None
    # Who decides on an announcement meanwhile has its row, and plans or cancels it itself.
    approved = approved_of(session, {row.announcement_id for row in due})
    laid = _plan(session, approved, [row.id for row in due], known or Known(session, now), end=now + horizon)
    return len(laid), due[-1].id


def plan_announcement(session: Session, announcement: Announcement, *, now: datetime) -> list[Airing]:
    """The airings of an approved announcement up to the horizon, also those of an alert's parts, which stand by.

    To be called by whoever approves it or changes its schedules, in the same transaction.
    """
    session.flush()
    if announcement.state != Approval.APPROVED:
        return []
    known = Known(session, now)
    standing = make_ready(session, announcement, known(), now=now)
    mine = select(Schedule.id).where(Schedule.announcement_id == announcement.id, _due(now + HORIZON))
    due = list(session.scalars(mine.join(Announcement, Announcement.id == Schedule.announcement_id)))
    laid = _plan(session, {announcement.id: announcement}, due, known, end=now + HORIZON)
    far.plan(session, now=now, announcement=announcement)
    return [session.get_one(Airing, one.id) for one in (*standing, *laid)]


def put_on_air(
    session: Session,
    announcement: Announcement,
    schedule: Schedule,
    moment: Moment,
    audience: Sequence[Place],
    *,
    now: datetime,
    standby: bool = False,
    know: Knowledge | None = None,
) -> Airing | None:
    """One airing with its deliveries, what must be published and what is mirrored; None where it is there already."""
    know = know or Knowledge(session, now)
    know.judge.expect(announcement, audience)
    case = case_of(know, schedule, announcement, audience)
    one = judged(know, case, moment, now)
    laid = laying.lay(session, [replace(one, standby=standby)], now=now)
    return session.get_one(Airing, one.id) if laid else None


def _due(end: datetime) -> ColumnElement[bool]:
    through, running = Schedule.planned_through, Schedule.ended_at.is_(None)
    # Each half is a look into the index; as one condition, every approved announcement would be gone through.
    found = union_all(
        select(Schedule.id).where(running, through.is_(None)), select(Schedule.id).where(running, through < end)
    )
    return and_(Schedule.id.in_(found), Announcement.state == Approval.APPROVED)


def _plan(
    session: Session, approved: dict[str, Announcement], due: Sequence[str], known: Known, *, end: datetime
) -> list[Laid]:
    running = select(Schedule).where(Schedule.id.in_(due), Schedule.announcement_id.in_(approved))
    running = running.where(Schedule.ended_at.is_(None)).order_by(Schedule.id)
    schedules = session.scalars(running.execution_options(populate_existing=True)).all()
    found = [_take(session, each, approved[each.announcement_id], known.now, end) for each in schedules]
    taken = [each for each in found if each]
    if not taken:
        return []
    _look_for_airings(session, taken, end)
    wanted = list(_wanted(known(), [each for each in taken if each.moments], known.now))
    _claim(session, taken)
    laid = laying.lay(session, wanted, now=known.now)
    note(session, laid, now=known.now)
    return laid


def _look_for_airings(session: Session, taken: Sequence[Taken], end: datetime) -> None:
    before = [each for each in taken if each.moments and each.schedule.far_through is not None]
    begin = min((each.moments[0].at for each in before), default=end)
    found = joining.there(session, [each.schedule.id for each in before], begin, end)
    for each in before:
        each.there = found


def _take(
    session: Session, schedule: Schedule, announcement: Announcement, now: datetime, end: datetime
) -> Taken | None:
    try:
        return _moments(schedule, announcement, end)
    # Whatever a stored rule raises, the other schedules are planned all the same.
    except Exception as error:
        log.exception("schedule cannot be planned", action="schedule-broken", schedule=schedule.id)
        schedule.ended_at = now
        details = {"announcement": announcement.id, "problem": str(error)[:200]}
        subject = ("schedule", schedule.id)
        audit.record(session, SYSTEM, "broken", subject, now=now, unit=announcement.unit_id, details=details)
        return None


def _moments(schedule: Schedule, announcement: Announcement, end: datetime) -> Taken:
    begin = schedule.planned_through or _beginning(schedule, announcement)
    over = [at for at in (schedule.until, announcement.expires) if at is not None]
    look = max(begin, min([end + AHEAD, *over]))
    rule = rule_of(schedule.kind, schedule.rule, schedule.starts)
    found = rule.between(begin, look, zone_named(schedule.zone))
    moments = [each for each in found if each.at < end]
    if len(moments) < len(found):
        through = found[len(moments)].at
    else:
        through = NOTHING_MORE if look >= _last(schedule, over) else look
    return Taken(schedule, announcement, moments, schedule.planned_through, through)


def _last(schedule: Schedule, over: Sequence[datetime]) -> datetime:
    """Where nothing more can come."""
    once = [schedule.starts + timedelta(seconds=1)] if schedule.kind in ONCE else []
    return min([NOTHING_MORE, *over, *once])


def _beginning(schedule: Schedule, announcement: Announcement) -> datetime:
    """What a recurrence would have said before anybody approved it was not meant to be heard."""
    if schedule.kind in ONCE:
        return schedule.starts
    return max(schedule.starts, schedule.created_at, announcement.decided_at or schedule.created_at)


def _wanted(know: Knowledge, taken: Sequence[Taken], now: datetime) -> Iterator[Laid]:
    audiences = {each.announcement.id: know.audience(each.announcement) for each in taken}
    if taken:
        know.judge.expect(taken[0].announcement, {place for some in audiences.values() for place in some})
    for each in taken:
        yield from _of_one(know, each, audiences[each.announcement.id], now)


def _of_one(know: Knowledge, taken: Taken, audience: Sequence[Place], now: datetime) -> Iterator[Laid]:
    if taken.schedule.kind == Kind.REPEATING:
        audience = know.unheeding(taken.announcement, audience)
    case = case_of(know, taken.schedule, taken.announcement, audience)
    for moment in taken.moments:
        joined = taken.there.get((taken.schedule.id, moment.at))
        if joined is not None:
            added = joining.join(know, case, moment, joined, now=now)
            yield from [added] if added else []
            continue
        one = judged(know, case, moment, now)
        if not audience and one.state is State.PLANNED:
            # Loudspeakers may still come; until then it waits, and when it is too late it is missed.
            taken.through = moment.at
            return
        if one.state is State.PLANNED:
            know.judge.note(case.panel, one)
        yield one


def _claim(session: Session, taken: Sequence[Taken]) -> None:
    """Raise StorageUnavailable when another planner was quicker: what is due now is still due at the next tick."""
    session.flush()
    table = Schedule.__table__
    assert isinstance(table, Table)
    before = bindparam("b_before", type_=table.c.planned_through.type)
    mine = (table.c.id == bindparam("b_id"), table.c.planned_through.is_not_distinct_from(before))
    claim = update(table).where(*mine, table.c.ended_at.is_(None))
    claim = claim.values(planned_through=bindparam("b_through"))
    rows = [{"b_id": one.schedule.id, "b_before": one.before, "b_through": one.through} for one in taken]
    if session.connection().execute(claim, rows).rowcount != len(rows):
        raise StorageUnavailable
    for one in taken:
        set_committed_value(one.schedule, "planned_through", one.through)
