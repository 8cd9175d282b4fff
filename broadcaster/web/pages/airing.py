"""Putting an announcement on air, and the delivery board of one airing."""

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.airing import OPEN
from broadcaster.domain.delivery import LADDER
from broadcaster.domain.errors import CopyNotNeeded, LoaError, Malformed
from broadcaster.domain.permissions import Action
from broadcaster.services.airtime import airings
from broadcaster.services.airtime.planning import FULL_VOLUME
from broadcaster.services.outlets import feedback, parity, retrying
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.i18n import ZONE
from broadcaster.web.labels import DELIVERY, PRETENDS, label
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import page, translate
from broadcaster.web.shown.airings import airing_brief, counts_of, on_air, spoken_of
from broadcaster.web.shown.announcements import full
from broadcaster.web.shown.board import UNHEARD, View
from broadcaster.web.shown.board import board as part_of_board
from broadcaster.web.shown.copies import copies, others
from broadcaster.web.shown.cost import cost_view
from broadcaster.web.shown.feedback import tallies
from broadcaster.web.shown.rules import overrides_of_airing
from broadcaster.web.shown.sight import find_airing, find_announcement, sight
from broadcaster.web.shown.standing_in import of_airing
from broadcaster.web.shown.undo import starts, undo_of
from broadcaster.web.sign_in import go
from firmware_config.protocol import Kind

router = APIRouter(include_in_schema=False)
QUARTER = 15


@router.get("/announcements/{announcement_id}/air", response_model=None)
def ask_when(visit: Visit, announcement_id: str) -> Response:
    """Now, or at a time; a drill is held on its own page."""
    with visit.context.database.read() as session:
        row = find_announcement(session, sight(session, visit.me, Action.AIR), announcement_id)
        drill = row.kind == Kind.DRILL
    return go(f"/drill/at/{announcement_id}") if drill else show(visit, "air.html", announcement_id)


def show(visit: Visiting, template: str, announcement_id: str, **values: object) -> HTMLResponse:
    """The page that asks when to air."""
    at = proposed(visit.context.now())
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.AIR)
        row = find_announcement(session, seen, announcement_id)
        it, cost = full(session, seen, row), cost_view(session, seen, row, now=visit.context.now())
        common = {"cost": cost, "at": wall(at), "earliest": wall(visit.context.now()), "volume": FULL_VOLUME}
        return page(visit.request, template, it=it, **(common | values))


@router.post("/announcements/{announcement_id}/air")
def air(visit: Sent, announcement_id: str) -> Response:
    """On air now or at the time given on the village's clock; pressing twice airs once."""
    typed = visit.form.line("at")
    try:
        at = instant(typed) if visit.form.line("when") == "at" else None
        airing = _air(visit, announcement_id, at)
    except LoaError as error:
        values = {"at": typed} if typed else {}
        return again(visit.request, error, partial(show, visit, "air.html", announcement_id, **values))
    return go(f"/airings/{airing}")


def _air(visit: Sending, announcement_id: str, at: datetime | None) -> str:
    now = visit.context.now()
    with visit.context.database.transaction() as session:
        wish = f"air {announcement_id} {at}"
        if at is None:
            at = starts(find_announcement(session, sight(session, visit.me, Action.AIR), announcement_id).klass, now)
        return once(session, visit, wish, lambda: airings.air(session, visit.me, announcement_id, at=at, now=now).id)


def instant(text: str) -> datetime:
    """What the browser's own picker wrote, on the village's clock. Raises Malformed."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError:
        raise Malformed(field="at", problem=text[:40]) from None


def wall(at: datetime) -> str:
    """A moment as the browser's own picker writes it, on the village's clock."""
    return at.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


def proposed(now: datetime) -> datetime:
    """The next full quarter of an hour that leaves ten minutes."""
    later = now + timedelta(minutes=10 + QUARTER)
    return later.replace(minute=later.minute // QUARTER * QUARTER, second=0, microsecond=0)


@router.get("/airings/stop")
def where_to_stop(visit: Visit) -> HTMLResponse:
    """The places this person may silence: all of them at once, or one below."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.WITHDRAW)
        tops = sorted(seen.tops, key=seen.names_of)
        below = [unit for unit in seen.units - seen.closed if seen.parent(unit) in seen.tops]
        return page(
            visit.request,
            "stop_where.html",
            sounding=on_air(session, seen),
            tops=[{"id": unit, "name": seen.names_of(unit)} for unit in tops],
            below=[{"id": unit, "name": seen.names_of(unit)} for unit in sorted(below, key=seen.names_of)],
        )


Shown = Annotated[str, Query(max_length=20)]
Unit = Annotated[str, Query(max_length=64)]
Page = Annotated[int, Query(ge=0, le=1_000)]


@router.get("/airings/{airing_id}")
def board(visit: Visit, airing_id: str, show: Shown = "", unit: Unit = "", page: Page = 0) -> HTMLResponse:
    """How far each loudspeaker got."""
    return _board(visit, "board.html", airing_id, View(show == UNHEARD, unit, page))


@router.get("/airings/{airing_id}/board")
def board_alone(visit: Visit, airing_id: str, show: Shown = "", unit: Unit = "", page: Page = 0) -> HTMLResponse:
    """The same board without its page, as the page asks for it again."""
    return _board(visit, "_board.html", airing_id, View(show == UNHEARD, unit, page))


def show_board(visit: Visiting, airing_id: str, **values: object) -> HTMLResponse:
    """The whole board, as a refusal is shown on it."""
    return _board(visit, "board.html", airing_id, View(), **values)


def _board(visit: Visiting, template: str, airing_id: str, view: View, **values: object) -> HTMLResponse:
    now = visit.context.now()
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        airing, announcement = find_airing(session, seen, airing_id)
        counts, instead = counts_of(session, [airing.id]), spoken_of(session, [airing.id])
        said = parity.of(session, announcement)
        return page(
            visit.request,
            template,
            it=airing_brief(airing, announcement.title, counts.get(airing.id, {}), instead.get(airing.id, 0)),
            board=part_of_board(session, airing.id, view),
            exceptions=overrides_of_airing(session, airing, seen, now),
            copies=copies(session, seen, announcement, said, now=now, board=True),
            outlets=others(said),
            stand_ins=of_airing(session, seen, airing.id, now=now),
            said_by_residents=tallies(feedback.of_airing(session, airing.id)),
            query=view.query(),
            unheard=view.unheard,
            pretends=PRETENDS,
            other=view.query(show="" if view.unheard else UNHEARD, page=""),
            ladder=" → ".join(translate(visit.request, label(DELIVERY, step).text) for step in LADDER),
            can_stop=airing.state in OPEN and seen.allows(Action.WITHDRAW, announcement.unit_id),
            undo=undo_of(airing, now, may=seen.allows(Action.WITHDRAW, announcement.unit_id)),
            **values,
        )


@router.post("/airings/{airing_id}/stop")
def stop(visit: Sent, airing_id: str) -> Response:
    """Silence on every loudspeaker, at once where it can be reached and for good where it cannot."""
    with visit.context.database.transaction() as session:
        find_airing(session, sight(session, visit.me), airing_id)
        airings.stop(session, visit.me, airing_id, reason=visit.form.line("reason"), now=visit.context.now())
    return go(f"/airings/{airing_id}", "stopped")


@router.post("/airings/{airing_id}/copies/{copy_id}/again")
def send_again(visit: Sent, airing_id: str, copy_id: str) -> Response:
    """A copy that did not get into its chat group goes out once more."""
    try:
        with visit.context.database.transaction() as session:
            _, announcement = find_airing(session, sight(session, visit.me), airing_id)
            retrying.again(session, visit.me, announcement.id, copy_id, now=visit.context.now())
    except CopyNotNeeded as error:
        return again(visit.request, error, partial(show_board, visit, airing_id))
    return go(f"/airings/{airing_id}", "copy-again")
