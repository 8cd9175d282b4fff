"""The button that stops everything in a unit: one deliberate step, and what the loudspeakers signed of it."""

from datetime import datetime, time, timedelta
from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, Malformed, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.services.airtime import stopping
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.i18n import ZONE
from broadcaster.web.pages.again import again
from broadcaster.web.pages.once import once
from broadcaster.web.render import page
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.silences import may_sound, shown
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
PATIENCE = timedelta(minutes=5)
"""So long the result page asks again for what loudspeakers say."""


@router.get("/units/{unit_id}/stop")
def ask(visit: Visit, unit_id: str) -> HTMLResponse:
    """Where, and what may be sounding there."""
    return show(visit, unit_id)


def show(visit: Visiting, unit_id: str, **values: object) -> HTMLResponse:
    """The page that asks whether really."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.WITHDRAW)
        if unit_id not in seen.units:
            raise NotFound(what="unit", id=unit_id)
        sounding = may_sound(session, seen, unit_id, now=visit.context.now())
        common = {"unit": unit_id, "name": seen.names_of(unit_id), "sounding": sounding, "reason": "", "until": ""}
        return page(visit.request, "stop.html", **(common | values))


@router.post("/units/{unit_id}/stop")
def stop(visit: Sent, unit_id: str) -> Response:
    """Silence there; pressing twice is one order."""
    reason, typed, now = visit.form.line("reason"), visit.form.line("until"), visit.context.now()
    try:
        until = next_hour(typed, now) if typed else None
        with visit.context.database.transaction() as session:
            if unit_id not in sight(session, visit.me, Action.WITHDRAW).units:
                raise NotFound(what="unit", id=unit_id)
            order = partial(stopping.stop_everything, session, visit.me, unit_id, reason=reason, until=until, now=now)
            silence = once(session, visit, f"stop {unit_id}", lambda: order().id)
    except NotFound:
        raise
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, unit_id, reason=reason, until=typed))
    return go(f"/units/{unit_id}/silences/{silence}")


@router.get("/units/{unit_id}/silences/{silence_id}")
def result(visit: Visit, unit_id: str, silence_id: str) -> HTMLResponse:
    """Which loudspeakers signed that they fell silent, and which could not be reached."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        order = stopping.find(session, silence_id)
        if unit_id not in seen.units or order.unit_id != unit_id:
            raise NotFound(what="silence", id=silence_id)
        it = shown(session, seen, order)
    return page(
        visit.request, "silence.html", it=it, asks_again=it.open and visit.context.now() < it.asked_at + PATIENCE
    )


def next_hour(text: str, now: datetime) -> datetime:
    """The next time the village clock shows "17:30". Raises Malformed."""
    try:
        hour = time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise Malformed(field="until", problem=text[:20]) from None
    here = now.astimezone(ZONE)
    today = datetime.combine(here.date(), hour, ZONE)
    return today if today > here else today + timedelta(days=1)
