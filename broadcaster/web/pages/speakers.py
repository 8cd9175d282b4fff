"""The list of loudspeakers."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from sqlalchemy import select

from broadcaster.services.places.health import standings
from broadcaster.store.tables import Speaker
from broadcaster.web.asking import Visit
from broadcaster.web.render import page
from broadcaster.web.shown.places import item
from broadcaster.web.shown.sight import sight

router = APIRouter(include_in_schema=False)
PAGE = 60


@router.get("/speakers")
def every_speaker(
    visit: Visit,
    show: Annotated[Literal["all", "ill"], Query()] = "all",
    skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> HTMLResponse:
    """How each is, the worst first, with what to do; or only those that need somebody to look at them."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        everyone = standings(session, seen.units, now=visit.context.now())
        ill = [one for one in everyone if one.alarms]
        shown = ill if show == "ill" else everyone
        here = {one.id: one.alarms for one in shown[skip : skip + PAGE]}
        rows = {row.id: row for row in session.scalars(select(Speaker).where(Speaker.id.in_(here)))}
        items = [item(rows[one], seen, alarms) for one, alarms in here.items()]
    following = skip + PAGE if len(shown) > skip + PAGE else 0
    counts = {"all": len(everyone), "ill": len(ill)}
    return page(visit.request, "speakers.html", items=items, counts=counts, show=show, next=following)
