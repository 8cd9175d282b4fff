"""The approver's queue, and the page where one announcement is read, heard and decided on."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.announcement import State
from broadcaster.domain.errors import EditedSince, LoaError
from broadcaster.domain.permissions import Action
from broadcaster.services.writing import announcements
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import language_of, page
from broadcaster.web.seconds import asked_of, second_of
from broadcaster.web.shown.announcements import full
from broadcaster.web.shown.approvals import age, is_writer, waiting_for
from broadcaster.web.shown.chats import as_seen
from broadcaster.web.shown.cost import cost_view
from broadcaster.web.shown.decisions import decision_of
from broadcaster.web.shown.differences import changes_of
from broadcaster.web.shown.schedules import Said, running
from broadcaster.web.shown.sight import find_announcement, sight
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)


@router.get("/approvals")
def queue(visit: Visit) -> HTMLResponse:
    """What waits for this person: emergencies first, then whatever has waited longest."""
    with visit.context.database.read() as session:
        seen, language = sight(session, visit.me), language_of(visit.request)
        return page(
            visit.request, "approvals.html", items=waiting_for(session, seen, language, now=visit.context.now())
        )


@router.get("/announcements/{announcement_id}/approve")
def read(visit: Visit, announcement_id: str) -> HTMLResponse:
    """Everything heard, seen and where, and the two buttons."""
    return show(visit, announcement_id)


def show(visit: Visiting, announcement_id: str, **values: object) -> HTMLResponse:
    """The page of one decision."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        row = find_announcement(session, seen, announcement_id)
        own = is_writer(session, seen.actor, row.id)
        language, now = language_of(visit.request), visit.context.now()
        times = running(session, row.id, language, now)
        waiting = row.state == State.SUBMITTED and seen.allows(Action.APPROVE, row.unit_id) and row.part_of_id is None
        return page(
            visit.request,
            "approve.html",
            it=full(session, seen, row),
            changes=changes_of(session, seen, row, language),
            waited=age(row, language, now),
            chats=as_seen(session, row, visit.context.settings.public_url, first_of(times)),
            cost=cost_view(session, seen, row, now=now),
            decision=decision_of(session, row, now=now),
            asked=asked_of(session, visit.me.person_id, row.id),
            own=own,
            schedules=times,
            can={"approve": waiting and not own},
            **values,
        )


def first_of(schedules: Sequence[Said]) -> datetime | None:
    """When it is heard first, if that is known."""
    return min((time.at for one in schedules for time in one.times), default=None)


@router.post("/announcements/{announcement_id}/approve")
def approve(visit: Sent, announcement_id: str) -> Response:
    """Bound to the very content this person was shown; pressing twice approves once."""
    read_sha256, context = visit.form.line("content_sha256"), visit.context
    try:
        with context.database.transaction() as session:

            def act() -> str:
                done = announcements.approve(
                    session,
                    visit.me,
                    announcement_id,
                    content_sha256=read_sha256,
                    now=context.now(),
                    second=second_of(visit.form),
                    vault=context.vault,
                )
                return "approved" if done.state == State.APPROVED else "one-approval"

            said = once(session, visit, f"approve {announcement_id} {read_sha256}", act)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, announcement_id))
    return go(f"/announcements/{announcement_id}", said)


@router.post("/announcements/{announcement_id}/reject")
def reject(visit: Sent, announcement_id: str) -> Response:
    """Back to whoever wrote it, with a reason."""
    reason = visit.form.prose("reason")
    try:
        with visit.context.database.transaction() as session:
            row = find_announcement(session, sight(session, visit.me), announcement_id)
            if row.content_sha256 != visit.form.line("content_sha256"):
                raise EditedSince
            announcements.reject(session, visit.me, announcement_id, reason=reason, now=visit.context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, announcement_id, reason=reason))
    return go(f"/announcements/{announcement_id}", "rejected")
