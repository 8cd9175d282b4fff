"""The border of a unit: uploaded as GeoJSON, shown, taken away."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.borders import points_of
from broadcaster.domain.errors import BorderUnreadable, LoaError
from broadcaster.domain.permissions import Action
from broadcaster.services.places import borders
from broadcaster.store import places
from broadcaster.store.tables import Unit
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.shown.sight import sight, within
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
MOST_BYTES = 8_000_000


@router.get("/units/{unit_id}/border")
def ask(visit: Visit, unit_id: str) -> HTMLResponse:
    """Whether there is one, and a form for another."""
    return show(visit, unit_id)


def show(visit: Visiting, unit_id: str, **values: object) -> HTMLResponse:
    """The page."""
    with visit.context.database.read() as session:
        within(sight(session, visit.me), unit_id)
        visit.me.require(Action.TEND_UNITS, places.path(session, unit_id))
        unit = session.get_one(Unit, unit_id)
        points = sum(1 for _ in points_of(unit.boundary)) if unit.boundary else 0
        return page(visit.request, "border.html", **({"unit": unit, "points": points} | values))


@router.post("/units/{unit_id}/border")
def upload(visit: Sent, unit_id: str) -> Response:
    """Keep what the file holds."""
    with visit.context.database.read() as session:
        within(sight(session, visit.me), unit_id)
        visit.me.require(Action.TEND_UNITS, places.path(session, unit_id))
    file = visit.form.file("border")
    try:
        if file is None or (file.size or 0) > MOST_BYTES:
            raise BorderUnreadable(problem="border_points" if file else "border_none")
        with visit.context.database.transaction() as session:
            borders.set_border(session, visit.me, unit_id, file.file.read(), now=visit.context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, unit_id))
    return go(f"/units/{unit_id}/border", "border-kept")


@router.post("/units/{unit_id}/border/end")
def end(visit: Sent, unit_id: str) -> Response:
    """Show none any more."""
    with visit.context.database.read() as session:
        within(sight(session, visit.me), unit_id)
    with visit.context.database.transaction() as session:
        borders.end_border(session, visit.me, unit_id, now=visit.context.now())
    return go(f"/units/{unit_id}/border", "kept")
