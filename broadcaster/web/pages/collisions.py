"""Airings that meet on the same loudspeakers; the commune's user puts priority ones in order."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.services.airtime import airings
from broadcaster.web.asking import Sent, Visit
from broadcaster.web.render import page
from broadcaster.web.shown.collisions import ahead
from broadcaster.web.shown.sight import find_airing, sight
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)


@router.get("/collisions")
def every_collision(visit: Visit) -> HTMLResponse:
    """The next 72 hours."""
    with visit.context.database.read() as session:
        found = ahead(session, sight(session, visit.me), now=visit.context.now())
    return page(visit.request, "collisions.html", found=found)


@router.post("/collisions/order")
def put_in_order(visit: Sent) -> Response:
    """The order one of the buttons stands for."""
    wanted = visit.form.line("order").split(",")
    with visit.context.database.transaction() as session:
        seen = sight(session, visit.me)
        for airing in wanted:
            find_airing(session, seen, airing)
        airings.set_order(session, visit.me, wanted, now=visit.context.now())
    return go("/collisions", "ordered")
