"""Planning for loudspeakers that are seldom online: as far ahead as they are told, and for them alone.

An airing made this early belongs to them only; everybody else of its audience joins it within the usual 72 hours, so
that a loudspeaker put up next week is not left out of what was planned for others today.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State
from broadcaster.domain.announcement import State as Approval
from broadcaster.domain.schedule import NEAR_DAYS, Kind, Moment, rule_of, seen_until, zone_named
from broadcaster.services.airtime import joining, laying
from broadcaster.services.airtime.cases import Case, approved_of, case_of, judged, note
from broadcaster.services.airtime.knowledge import Knowledge
from broadcaster.services.airtime.laying import Joined, Laid
from broadcaster.store.tables import Announcement, Schedule, Speaker

KINDS = (Kind.AT, Kind.RECURRING)


def plan(session: Session, *, now: datetime, announcement: Announcement | None = None) -> int:
    """Make what is missing on far-sighted speakers, of all schedules once a day or at once of one announcement.

    Says how many airings were made or joined; asks a single question where no speaker sees further than 72 hours.
    """
    days = _days(session)
    if not days:
        return 0
    end = seen_until(now, max(days.values()))
    approved = {announcement.id: announcement} if announcement else _due(session, end)
    schedules = _schedules(session, approved, end, again=announcement is not None)
    if not schedules:
        return 0
    look = Look(session, Knowledge(session, now, until=end), days, now, end)
    wanted: list[Laid] = []
    for schedule in schedules:
        wanted += look.missing(schedule, approved[schedule.announcement_id])
        schedule.far_through = end
    laid = laying.lay(session, wanted, now=now, mirror=False)
    note(session, laid, now=now)
    return len(laid)


def look_again(session: Session) -> None:
    """Who hears what, or how far a speaker sees, has changed: every schedule is gone through at the next tick."""
    session.flush()
    seen = update(Schedule).where(Schedule.far_through.is_not(None), Schedule.ended_at.is_(None))
    session.execute(seen.values(far_through=None).execution_options(synchronize_session="fetch"))


def _days(session: Session) -> Mapping[str, int]:
    rows = select(Speaker.id, Speaker.ahead_days).where(Speaker.ahead_days > NEAR_DAYS, Speaker.revoked_at.is_(None))
    return {row.id: row.ahead_days for row in session.execute(rows)}


def _due(session: Session, end: datetime) -> Mapping[str, Announcement]:
    rows = select(Schedule.announcement_id).join(Announcement, Announcement.id == Schedule.announcement_id)
    rows = rows.where(*_open(end), Announcement.state == Approval.APPROVED)
    looked = or_(Schedule.far_through.is_(None), Schedule.far_through < end)
    return approved_of(session, set(session.scalars(rows.where(looked))))


def _open(end: datetime) -> tuple[ColumnElement[bool], ...]:
    return Schedule.ended_at.is_(None), Schedule.kind.in_(KINDS), Schedule.planned_through < end


def _schedules(
    session: Session, approved: Mapping[str, Announcement], end: datetime, *, again: bool
) -> Sequence[Schedule]:
    mine = select(Schedule).where(Schedule.announcement_id.in_(approved), *_open(end))
    if not again:
        mine = mine.where(or_(Schedule.far_through.is_(None), Schedule.far_through < end))
    return session.scalars(mine.order_by(Schedule.id).execution_options(populate_existing=True)).all()


@dataclass(frozen=True, slots=True)
class Look:
    """One look far ahead."""

    session: Session
    know: Knowledge
    days: Mapping[str, int]
    now: datetime
    end: datetime

    def missing(self, schedule: Schedule, announcement: Announcement) -> Iterator[Laid]:
        """What speakers that see far do not have of it yet."""
        audience = self.know.audience(announcement)
        mine = [place for place in audience if place.speaker in self.days]
        moments = _moments(schedule, announcement, self.end) if mine else []
        if not moments:
            return
        self.know.judge.expect(announcement, mine)
        there = joining.there(self.session, [schedule.id], moments[0].at, self.end)
        # Its end must leave room for those who join it later and may hear more languages.
        longest = self.know.sound_ms(announcement, audience)
        case = case_of(self.know, schedule, announcement, mine)
        for moment in moments:
            one = self._laid(case, moment, there.get((schedule.id, moment.at)))
            if one is not None:
                self.know.judge.note(case_of(self.know, schedule, announcement, one.audience).panel, one)
                yield replace(one, sound_ms=longest)

    def _laid(self, case: Case, moment: Moment, joined: Joined | None) -> Laid | None:
        """Only what will be heard: whatever the rules bar today is judged again within the usual 72 hours."""
        if joined is not None:
            one = joining.join(self.know, case, moment, joined, now=self.now)
        else:
            one = judged(self.know, case, moment, self.now)
        if one is None or one.state is not State.PLANNED or not any(one.open):
            return None
        return laying.only_open(one)


def _moments(schedule: Schedule, announcement: Announcement, end: datetime) -> Sequence[Moment]:
    begin = schedule.planned_through
    stop = min([end, *(at for at in (schedule.until, announcement.expires) if at is not None)])
    if begin is None or stop <= begin:
        return []
    rule = rule_of(schedule.kind, schedule.rule, schedule.starts)
    return rule.between(begin, stop, zone_named(schedule.zone))
