"""What the planner makes of one moment of a schedule, and how it writes down what it did."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from broadcaster.domain import airing as rules
from broadcaster.domain.airing import State
from broadcaster.domain.announcement import State as Approval
from broadcaster.domain.audience import Place
from broadcaster.domain.schedule import Moment
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM
from broadcaster.services.airtime import laying
from broadcaster.services.airtime.judging import Panel
from broadcaster.services.airtime.knowledge import Knowledge
from broadcaster.services.airtime.laying import Laid
from broadcaster.store.tables import Announcement, Schedule

LATE, EXPIRED, EARLY = "late", "expired", "too_early"


@dataclass(frozen=True, slots=True)
class Case:
    """A schedule whose moments are judged one after the other."""

    schedule: Schedule
    announcement: Announcement
    audience: Sequence[Place]
    panel: Panel


def case_of(know: Knowledge, schedule: Schedule, announcement: Announcement, audience: Sequence[Place]) -> Case:
    """To be made once for each audience, which the judge expects."""
    panel = know.judge.panel(announcement, audience, know.sound_ms(announcement, audience))
    return Case(schedule, announcement, audience, panel)


def judged(know: Knowledge, case: Case, moment: Moment, now: datetime) -> Laid:
    """The airing of that moment: planned, refused by the rules of the air or the announcement's dates, or missed."""
    announcement, audience, sound = case.announcement, case.audience, case.panel.sound_ms
    start, length = max(moment.at, now), timedelta(milliseconds=sound)
    state, reason, barred = State.REFUSED, "", {}
    if rules.latest_start(moment.at, announcement.klass) < now:
        state, reason = State.MISSED, LATE
    elif announcement.not_before is not None and start < announcement.not_before:
        reason = EARLY
    elif announcement.expires is not None and start + length > announcement.expires:
        reason = EXPIRED
    elif audience:
        barred = dict(know.judge.bars(case.panel, start))
        reason = next(iter(barred.values())) if len(barred) == len(audience) else ""
    return laying.laid_now(
        now,
        schedule=case.schedule,
        announcement=announcement,
        moment=moment,
        audience=audience,
        sound_ms=sound,
        state=state if reason else State.PLANNED,
        reason=reason,
        barred=barred,
    )


def approved_of(session: Session, ids: Iterable[str]) -> dict[str, Announcement]:
    """Those that are still approved, held until the transaction ends; one that somebody else holds is left out."""
    rows = select(Announcement).where(Announcement.id.in_(ids), Announcement.state == Approval.APPROVED)
    free = rows.order_by(Announcement.id).with_for_update(of=Announcement, skip_locked=True, key_share=True)
    unused = (lazyload(Announcement.approvals), lazyload(Announcement.assertions))
    found = session.scalars(free.options(*unused).execution_options(populate_existing=True))
    return {announcement.id: announcement for announcement in found}


def note(session: Session, laid: Sequence[Laid], *, now: datetime) -> None:
    """A line of audit for each schedule that was planned on."""
    by_schedule: dict[str, list[Laid]] = {}
    for one in laid:
        if one.joins is None:
            by_schedule.setdefault(one.schedule.id, []).append(one)
    for schedule, some in by_schedule.items():
        announcement = some[0].announcement
        details = {
            "schedule": schedule,
            "airings": len(some),
            "first": some[0].moment.wall,
            "last": some[-1].moment.wall,
        }
        subject = ("announcement", announcement.id)
        audit.record(session, SYSTEM, "plan", subject, now=now, unit=announcement.unit_id, details=details)
