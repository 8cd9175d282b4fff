"""One loudspeaker's page: what it is, where it hangs, its neighbours, what it will play and has played."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.audience import Place
from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action
from broadcaster.domain.where import read
from broadcaster.services.places import speakers
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.shown.day import next_day
from broadcaster.web.shown.health import bounds
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.speaker import find_speaker, speaker_view
from broadcaster.web.shown.stagger import neighbourhood
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
DAY = 24


@router.get("/speakers/{speaker_id}")
def one_speaker(visit: Visit, speaker_id: str, hours: Annotated[Literal["24", "72"], Query()] = "24") -> HTMLResponse:
    """With its next 24 or 72 hours."""
    return show(visit, speaker_id, hours=int(hours))


def show(visit: Visiting, speaker_id: str, *, hours: int = DAY, **values: object) -> HTMLResponse:
    """The page, with what was typed where something was refused."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        row = find_speaker(session, seen, speaker_id)
        it = speaker_view(session, seen, row, hours=hours, now=visit.context.now())
        common = {
            "it": it,
            "bounds": bounds(),
            "hours_ahead": next_day(session, seen, Place(row.id, row.unit_id), visit.context.now()),
            "stagger": neighbourhood(session, row, seen.units),
            "can_hang": it.in_service and seen.allows(Action.TEND_SPEAKERS, row.unit_id),
            "place": it.where.text,
            "post": it.where.post,
        }
        return page(visit.request, "speaker.html", **(common | values))


@router.post("/speakers/{speaker_id}/place")
def hang(visit: Sent, speaker_id: str) -> Response:
    """Say where it hangs; its neighbours' offsets follow."""
    place, post = visit.form.line("place"), visit.form.line("post")
    with visit.context.database.read() as session:
        find_speaker(session, sight(session, visit.me), speaker_id)
    try:
        with visit.context.database.transaction() as session:
            speakers.hang(session, visit.me, speaker_id, read(place, post), now=visit.context.now())
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, speaker_id, place=place, post=post))
    return go(f"/speakers/{speaker_id}")
