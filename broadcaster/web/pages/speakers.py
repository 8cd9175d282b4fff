"""The list of loudspeakers, and the map of them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, JSONResponse

from broadcaster.domain.permissions import Action, units_of
from broadcaster.domain.words import line
from broadcaster.services.places import enrolling
from broadcaster.web.asking import Visit
from broadcaster.web.labels import SPEAKER
from broadcaster.web.render import page
from broadcaster.web.shown import speaker_list
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.speaker_list import Wanted

router = APIRouter(include_in_schema=False)
PAGE = 60
Show = Literal["all", "ill", "online", "offline", "new", "revoked"]


@router.get("/speakers")
def every_speaker(
    visit: Visit,
    show: Annotated[Show, Query()] = "all",
    unit: Annotated[str, Query(max_length=64)] = "",
    text: Annotated[str, Query(max_length=200)] = "",
    skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> HTMLResponse:
    """How each is, the worst first, with what to do; or only those somebody looks for."""
    now, wanted = visit.context.now(), Wanted(show, unit, line(text))
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        found = speaker_list.found(session, seen, wanted, skip=skip, limit=PAGE, now=now)
        labels = enrolling.waiting(session, seen.units, now=now)
        names = {row.id: seen.names_of(row.unit_id) for row in labels}
        choices = speaker_list.units(seen)
    following = skip + PAGE if found.matching > skip + PAGE else 0
    return page(
        visit.request,
        "speakers.html",
        found=found,
        wanted=wanted,
        states=SPEAKER,
        units=choices,
        labels=labels if units_of(visit.me.grants, Action.ENROL) else (),
        names=names,
        before=max(0, skip - PAGE) if skip else None,
        next=following,
    )


@router.get("/speakers/map")
def show_map(visit: Visit) -> HTMLResponse:
    """Where they hang; without scripts a list with their degrees."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        spots, without = speaker_list.spots(session, seen)
        bordered = [unit for unit in seen.tops if seen.allows(Action.TEND_UNITS, unit)]
    return page(visit.request, "speakers_map.html", spots=spots, without=without, bordered=bordered)


@router.get("/speakers/map/borders")
def show_borders(visit: Visit) -> JSONResponse:
    """The borders within sight, for the map."""
    with visit.context.database.read() as session:
        return JSONResponse(speaker_list.lines(session, sight(session, visit.me)))
