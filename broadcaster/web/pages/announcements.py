"""The list of announcements, one announcement with its history, submitting and withdrawing it."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session
from starlette.responses import Response

from broadcaster.domain import words
from broadcaster.domain.announcement import TABLE, Event, State
from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action
from broadcaster.services.actor import Actor
from broadcaster.services.airtime.schedules import OVER
from broadcaster.services.outlets import parity
from broadcaster.services.people.second_factor import Second
from broadcaster.services.writing import announcements, assertions
from broadcaster.store.tables import Airing, Announcement
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.context import Context
from broadcaster.web.labels import ANNOUNCEMENT
from broadcaster.web.pages.again import again
from broadcaster.web.render import language_of, page
from broadcaster.web.seconds import asked_of, second_of
from broadcaster.web.shown import cap
from broadcaster.web.shown.airings import airings, in_sight
from broadcaster.web.shown.announcements import Brief, briefs, full, listed
from broadcaster.web.shown.approvals import is_writer
from broadcaster.web.shown.copies import copies
from broadcaster.web.shown.cost import cost_view
from broadcaster.web.shown.decisions import decision_of
from broadcaster.web.shown.history import history
from broadcaster.web.shown.schedules import running
from broadcaster.web.shown.sight import Sight, find_announcement, sight
from broadcaster.web.sign_in import go
from broadcaster.web.sound import make_sounds

router = APIRouter(include_in_schema=False)
PAGE = 30


@router.get("/announcements")
def all_of_them(
    visit: Visit,
    state: Annotated[str, Query(max_length=20)] = "",
    q: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str, Query(max_length=64)] = "",
) -> HTMLResponse:
    """Newest first; searching ignores diacritics."""
    with visit.context.database.read() as session:
        found = _found(session, sight(session, visit.me), state, words.plain(q), after)
    more = found[PAGE - 1].id if len(found) > PAGE else ""
    values = {"items": found[:PAGE], "next": more, "q": q, "state": state, "states": ANNOUNCEMENT}
    return page(visit.request, "announcements.html", **values)


def _found(session: Session, seen: Sight, state: str, wanted: str, after: str) -> list[Brief]:
    limits = [*([Announcement.state == state] if state else []), *([Announcement.id < after] if after else [])]
    query = listed(seen, *limits)
    if not wanted:
        return briefs(session, seen, query.limit(PAGE + 1))
    return [line for line in briefs(session, seen, query) if wanted in words.plain(line.title)][: PAGE + 1]


@router.get("/announcements/{announcement_id}")
def one(visit: Visit, announcement_id: str) -> HTMLResponse:
    """Everything heard, seen and where; what happened to it; what this person may do with it."""
    return show(visit, announcement_id)


def show(visit: Visiting, announcement_id: str, **values: object) -> HTMLResponse:
    """The page of one announcement."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        row = find_announcement(session, seen, announcement_id)
        can = _can(session, seen, row)
        leaves = can["submit"] or can["approve"] or can["air"] or can["schedule"]
        return page(
            visit.request,
            "announcement.html",
            it=full(session, seen, row),
            cost=cost_view(session, seen, row, now=visit.context.now()) if leaves else None,
            airings=airings(session, seen, Airing.announcement_id == row.id, in_sight(visit.context.now())),
            copies=copies(session, seen, row, parity.of(session, row), now=visit.context.now()),
            history=history(session, language_of(visit.request), row.id),
            can=can,
            unclear=cap.unclear(session, row.id),
            schedules=running(session, row.id, language_of(visit.request), visit.context.now()),
            decision=decision_of(session, row, now=visit.context.now()),
            asked=asked_of(session, visit.me.person_id, row.id),
            **values,
        )


def _can(session: Session, seen: Sight, row: Announcement) -> dict[str, bool]:
    def possible(event: Event, action: Action) -> bool:
        return (State(row.state), event) in TABLE and seen.allows(action, row.unit_id)

    return {
        "renew": possible_to_renew(seen, row),
        "edit": possible(Event.EDIT, Action.WRITE),
        "submit": possible(Event.SUBMIT, Action.WRITE),
        "approve": possible(Event.APPROVE, Action.APPROVE) and not is_writer(session, seen.actor, row.id),
        "withdraw": possible(Event.WITHDRAW, Action.WITHDRAW),
        "air": row.state == State.APPROVED and seen.allows(Action.AIR, row.unit_id),
        "schedule": not assertions.needed(row) and row.state not in OVER and seen.allows(Action.AIR, row.unit_id),
    }


def possible_to_renew(seen: Sight, row: Announcement) -> bool:
    """Whether this person can answer for this emergency once more."""
    waiting = row.state in {State.SUBMITTED, State.APPROVED} and assertions.needed(row) and row.part_of_id is None
    writer = seen.actor.person_id in {row.author_id, *row.writers}
    return waiting and seen.allows(Action.WRITE if writer else Action.APPROVE, row.unit_id)


@router.post("/announcements/{announcement_id}/renew")
def renew(visit: Sent, announcement_id: str) -> Response:
    """Answer once more for an emergency whose five minutes have passed."""
    second, context = second_of(visit.form), visit.context
    try:
        with context.database.transaction() as session:
            find_announcement(session, sight(session, visit.me), announcement_id)
            announcements.renew(session, visit.me, announcement_id, second, context.vault, now=context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, announcement_id))
    return go(f"/announcements/{announcement_id}", "renewed")


@router.post("/announcements/{announcement_id}/submit")
def submit(visit: Sent, announcement_id: str) -> Response:
    """Make the sound, then put it before the approvers."""
    try:
        make_and_submit(visit.context, visit.me, announcement_id, second_of(visit.form))
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, announcement_id))
    return go(f"/announcements/{announcement_id}", "submitted")


def make_and_submit(context: Context, me: Actor, announcement_id: str, second: Second | None = None) -> None:
    """Submitting needs every version's sound, which is made outside any transaction."""
    make_sounds(context, me, announcement_id)
    with context.database.transaction() as session:
        announcements.submit(session, me, announcement_id, now=context.now(), second=second, vault=context.vault)


@router.post("/announcements/{announcement_id}/withdraw")
def withdraw(visit: Sent, announcement_id: str) -> Response:
    """Take it back; speakers that have not played it will not."""
    try:
        with visit.context.database.transaction() as session:
            reason, now = visit.form.prose("reason"), visit.context.now()
            announcements.withdraw(session, visit.me, announcement_id, reason=reason, now=now)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, announcement_id))
    return go(f"/announcements/{announcement_id}", "withdrawn")
