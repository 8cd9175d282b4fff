"""When announcements air: schedules by recurrence or once, and what they would mean."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.data_cost import Cost
from broadcaster.domain.permissions import Action
from broadcaster.services.airtime import costing, schedules
from broadcaster.store.tables import Announcement
from broadcaster.store.tables import Schedule as Row
from broadcaster.web.api.models import Given, Listing, Ref, Shown
from broadcaster.web.api.paging import Paged
from broadcaster.web.api.writes import PREFIX, PROBLEMS, Writes
from broadcaster.web.asking import Caller, Web
from broadcaster.web.problems import problem_of
from broadcaster.web.shown import schedules as shown
from broadcaster.web.shown.sight import find_announcement, sight

router = APIRouter(prefix=f"{PREFIX}/schedules", tags=["schedules"], responses=PROBLEMS)

RULE = (
    'A recurrence, or {} for once at `starts`: {"rrule": "FREQ=WEEKLY;BYDAY=MO,TU", "lunar": ["15", "1", "8-15"], '
    '"times": ["05:30"], "seasons": [{"first": 401, "last": 930, "times": ["05:00"]}], "except": ["2026-12-24"], '
    '"also": ["2026-12-25"], "holidays": "include|skip|only"}. `rrule` (RFC 5545) chooses days only; hours are the '
    "unit's own wall clock."
)


class ChangedSchedule(Given):
    """A rule with its beginning and end."""

    rule: Annotated[dict[str, Any], Field(default_factory=dict, description=RULE)]
    starts: AwareDatetime | None = None
    until: AwareDatetime | None = None


class NewSchedule(ChangedSchedule):
    """A rule for one announcement."""

    announcement: Ref


class Schedule(Shown):
    """When one announcement airs."""

    id: str
    announcement_id: str
    kind: str
    rule: dict[str, Any]
    zone: str
    starts: datetime
    until: datetime | None
    created_at: datetime
    ended_at: datetime | None


class ComingAiring(Shown):
    """One time to come: the instant, the village clock, the lunar date, and why it will not be heard, if so."""

    at: datetime
    wall: str
    lunar: dict[str, str]
    barred: str | None = None
    barred_detail: str | None = None
    next_free: datetime | None = None


class DataCost(Shown):
    """What it will cost the SIM cards, in bytes: in all, and the one that pays most.

    `short` will not fetch the sound because their month is spent, `beyond` go beyond what it allows.
    """

    speakers: int
    fetching: int
    total: int
    most: int
    costliest: str
    short: list[str]
    beyond: list[str]


class SchedulePreview(Shown):
    """A schedule in words, its next five times, and what the first of them costs in mobile data."""

    words: dict[str, str]
    rule: dict[str, Any]
    next: list[ComingAiring]
    data: DataCost


@router.get("")
def list_schedules(
    context: Web,
    caller: Caller,
    pager: Paged,
    announcement: Annotated[Ref | None, Query(description="Only those of one announcement.")] = None,
) -> Listing[Schedule]:
    """Newest first, also those that have ended."""
    with context.database.read() as session:
        query = select(Row).join(Announcement).where(sight(session, caller).announcements())
        query = query.where(Row.kind.in_(schedules.WRITTEN_BY_HAND))
        query = query.where(Row.announcement_id == announcement) if announcement else query
        return pager.listing(session, query, Row.id, Schedule, newest_first=True)


@router.post("", status_code=201, response_model=Schedule)
def add_schedule(write: Writes, given: NewSchedule) -> Response:
    """One more schedule; of a draft nothing airs before it is approved."""

    def work(session: Session) -> Schedule:
        find_announcement(session, sight(session, write.caller), given.announcement)
        row = schedules.add(
            session,
            write.caller,
            given.announcement,
            given.rule,
            starts=given.starts,
            until=given.until,
            now=write.context.now(),
        )
        return Schedule.model_validate(row)

    return write.answer(given, work, 201)


@router.post("/preview")
def preview_schedule(context: Web, caller: Caller, given: NewSchedule) -> SchedulePreview:
    """What it would mean; nothing is changed, so no key is asked for."""
    now = context.now()
    with context.database.read() as session:
        row = find_announcement(session, sight(session, caller, Action.AIR), given.announcement)
        found = schedules.preview(
            session, caller, given.announcement, given.rule, starts=given.starts, until=given.until, now=now
        )
        return _preview(found, costing.foreseen(session, row, now=now), now)


@router.put("/{schedule_id}", response_model=Schedule)
def change_schedule(write: Writes, schedule_id: str, given: ChangedSchedule) -> Response:
    """Another rule in its place, with a new id; what was planned and has not begun is cancelled."""

    def work(session: Session) -> Schedule:
        _within_sight(session, write, schedule_id)
        now = write.context.now()
        row = schedules.change(
            session, write.caller, schedule_id, given.rule, starts=given.starts, until=given.until, now=now
        )
        return Schedule.model_validate(row)

    return write.answer(given, work)


@router.post("/{schedule_id}/end", response_model=Schedule)
def end_schedule(write: Writes, schedule_id: str) -> Response:
    """No more airings by it; what is on air is heard to its end."""

    def work(session: Session) -> Schedule:
        _within_sight(session, write, schedule_id)
        return Schedule.model_validate(schedules.end(session, write.caller, schedule_id, now=write.context.now()))

    return write.answer("", work)


def _within_sight(session: Session, write: Writes, schedule_id: str) -> None:
    row = session.get(Row, schedule_id)
    find_announcement(session, sight(session, write.caller), row.announcement_id if row else "")


def _preview(found: schedules.Preview, cost: Cost, now: datetime) -> SchedulePreview:
    said = {language: shown.foreseen(found, language, now) for language in ("vi", "en", "fr")}
    coming = []
    for place, each in enumerate(found.next):
        problem = problem_of(each.bar, "en") if each.bar else None
        free = str(each.bar.params.get("next_at", "")) if each.bar else ""
        coming.append(
            ComingAiring(
                at=each.moment.at,
                wall=each.moment.wall,
                lunar={language: one.times[place].lunar for language, one in said.items()},
                barred=problem.code if problem else None,
                barred_detail=problem.title if problem else None,
                next_free=datetime.fromisoformat(free) if free else None,
            )
        )
    rule = found.rule.to_json() if isinstance(found.rule, schedules.Recurrence) else {}
    words = {language: one.words for language, one in said.items()}
    return SchedulePreview(words=words, rule=rule, next=coming, data=DataCost.model_validate(cost))
