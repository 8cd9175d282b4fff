"""When an announcement is heard: composing, previewing, changing and ending its schedules."""

from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain.announcement import State
from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import zone_named
from broadcaster.domain.schedule.rrules import WEEKDAYS
from broadcaster.domain.schedule.words import weekday_words
from broadcaster.services.airtime import schedules
from broadcaster.services.places import units
from broadcaster.store.tables import Announcement, Schedule
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.problems import problem_of
from broadcaster.web.render import language_of, page
from broadcaster.web.schedule_form import (
    FEASTS,
    HOLIDAYS,
    LUNAR_DAYS,
    PATTERNS,
    ScheduleForm,
    form_of_schedule,
    posted_schedule,
)
from broadcaster.web.shown import schedules as shown
from broadcaster.web.shown.announcements import full
from broadcaster.web.shown.cost import cost_view
from broadcaster.web.shown.schedules import Said
from broadcaster.web.shown.sight import find_announcement, sight
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
Asked = tuple[dict[str, Any], datetime | None, datetime | None]
CHOICES = {"patterns": PATTERNS, "lunar_days": LUNAR_DAYS, "feasts": FEASTS, "holidays": HOLIDAYS}


@router.get("/announcements/{announcement_id}/schedule")
def ask(visit: Visit, announcement_id: str) -> HTMLResponse:
    """Its schedules, and a form for another one."""
    return show(visit, announcement_id, ScheduleForm())


@router.post("/announcements/{announcement_id}/schedule/preview")
def preview(visit: Sent, announcement_id: str) -> HTMLResponse:
    """What the form means in words and in days: the piece alone to scripts, the whole page to browsers without."""
    form = posted_schedule(visit.form, _kept(visit))
    try:
        said = _foreseen(visit, announcement_id, form)
    except LoaError as error:
        if not visit.request.headers.get("hx-request"):
            return again(visit.request, error, partial(show, visit, announcement_id, form))
        problem = problem_of(error, language_of(visit.request))
        return page(visit.request, "_schedule_preview.html", said=None, problem=problem)
    if visit.request.headers.get("hx-request"):
        return page(visit.request, "_schedule_preview.html", said=said)
    return show(visit, announcement_id, form, preview=said)


@router.post("/announcements/{announcement_id}/schedule")
def add(visit: Sent, announcement_id: str) -> Response:
    """One more schedule."""
    form = posted_schedule(visit.form)
    now = visit.context.now()
    try:
        with visit.context.database.transaction() as session:
            row = _allowed(session, visit, announcement_id)
            rule, starts, until = _asked(session, row, form)
            act = partial(schedules.add, session, visit.me, announcement_id, rule, starts=starts, until=until, now=now)
            once(session, visit, f"schedule {announcement_id}", lambda: act().id)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, announcement_id, form))
    return go(f"/announcements/{announcement_id}/schedule", "scheduled")


@router.get("/schedules/{schedule_id}")
def one(visit: Visit, schedule_id: str) -> HTMLResponse:
    """One schedule to be changed or ended."""
    with visit.context.database.read() as session:
        row = _found(session, visit, schedule_id)
        form = form_of_schedule(row, zone_named(row.zone), visit.context.now())
        announcement_id = row.announcement_id
    return show(visit, announcement_id, form)


@router.post("/schedules/{schedule_id}")
def change(visit: Sent, schedule_id: str) -> Response:
    """Another rule in its place."""
    now = visit.context.now()
    with visit.context.database.read() as session:
        row = _found(session, visit, schedule_id)
        announcement_id = row.announcement_id
        form = posted_schedule(visit.form, row.rule)
    try:
        with visit.context.database.transaction() as session:
            rule, starts, until = _asked(session, session.get_one(Announcement, announcement_id), form)
            schedules.change(session, visit.me, schedule_id, rule, starts=starts, until=until, now=now)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, announcement_id, form, schedule=schedule_id))
    return go(f"/announcements/{announcement_id}/schedule", "rescheduled")


@router.post("/schedules/{schedule_id}/end")
def end(visit: Sent, schedule_id: str) -> Response:
    """No more times by it."""
    with visit.context.database.transaction() as session:
        announcement_id = _found(session, visit, schedule_id).announcement_id
        schedules.end(session, visit.me, schedule_id, now=visit.context.now())
    return go(f"/announcements/{announcement_id}/schedule", "unscheduled")


def show(
    visit: Visiting,
    announcement_id: str,
    form: ScheduleForm,
    *,
    preview: Said | None = None,
    schedule: str = "",
    **values: object,
) -> HTMLResponse:
    """The page with what was typed; `schedule` when one is being changed."""
    now, language = visit.context.now(), language_of(visit.request)
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.AIR)
        row = find_announcement(session, seen, announcement_id)
        changing = form.schedule or schedule
        common = {
            "it": full(session, seen, row),
            "cost": cost_view(session, seen, row, now=now),
            "form": form,
            "weekdays": {code: weekday_words(day, language) for day, code in enumerate(WEEKDAYS)},
            "approved": row.state == State.APPROVED,
            "changing": changing,
            "preview": preview,
            "running": [] if changing else shown.running(session, row.id, language, now),
            "earliest": f"{now.astimezone(zone_named(units.zone_of(session, row.unit_id))):%Y-%m-%d}",
        }
        return page(visit.request, "schedule.html", **(common | CHOICES | values))


def _foreseen(visit: Sending, announcement_id: str, form: ScheduleForm) -> Said:
    now = visit.context.now()
    with visit.context.database.read() as session:
        row = _allowed(session, visit, announcement_id)
        rule, starts, until = _asked(session, row, form)
        found = schedules.preview(session, visit.me, row.id, rule, starts=starts, until=until, now=now)
        return shown.foreseen(found, language_of(visit.request), now)


def _asked(session: Session, row: Announcement, form: ScheduleForm) -> Asked:
    zone = zone_named(units.zone_of(session, row.unit_id))
    return form.rule(), form.starts(zone), form.until(zone)


def _allowed(session: Session, visit: Visiting, announcement_id: str) -> Announcement:
    return find_announcement(session, sight(session, visit.me, Action.AIR), announcement_id)


def _found(session: Session, visit: Visiting, schedule_id: str) -> Schedule:
    # Out of sight is answered before out of rights: who may not see it does not learn that it is there.
    seen = sight(session, visit.me, Action.AIR)
    row = session.get(Schedule, schedule_id)
    find_announcement(session, seen, row.announcement_id if row else "")
    return schedules.get(session, visit.me, schedule_id)


def _kept(visit: Sending) -> dict[str, Any] | None:
    schedule_id = visit.form.line("schedule")
    if not schedule_id:
        return None
    with visit.context.database.read() as session:
        return dict(_found(session, visit, schedule_id).rule)
