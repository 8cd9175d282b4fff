"""The list of loudspeakers."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from broadcaster.services.places.speakers import lagging
from broadcaster.web.asking import Visit
from broadcaster.web.render import page
from broadcaster.web.shown.places import item, speakers
from broadcaster.web.shown.sight import sight

router = APIRouter()
PAGE = 60


@router.get("/speakers")
def every_speaker(visit: Visit, after: Annotated[str, Query(max_length=64)] = "") -> HTMLResponse:
    """How each is, with what it complains about."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        found = speakers(session, seen, after=after, limit=PAGE + 1)
        behind = lagging(session, now=visit.context.now())
        items = [item(speaker, seen, behind) for speaker in found[:PAGE]]
    return page(visit.request, "speakers.html", items=items, next=items[-1].id if len(found) > PAGE else "")
