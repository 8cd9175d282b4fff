"""“Who speaks for a silent loudspeaker”: the commune's list, a link to hand over, and answering after a call."""

import segno
from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError, Malformed, NotFound
from broadcaster.services.alarms import stand_in_answers
from broadcaster.services.alarms.stand_in_answers import Answer
from broadcaster.web.asking import Sending, Sent, Visit, Visiting
from broadcaster.web.problems import problem_of
from broadcaster.web.render import language_of, page
from broadcaster.web.saying import DID
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.standing_in import find, requests, view
from broadcaster.web.sign_in import go

router = APIRouter(prefix="/standing-in", include_in_schema=False)


@router.get("")
def every(visit: Visit) -> HTMLResponse:
    """Who, when, and how it stands; those that wait first."""
    now = visit.context.now()
    with visit.context.database.read() as session:
        found = requests(session, sight(session, visit.me), now=now)
    waiting = [it for it in found if it.waiting or it.urgent]
    return page(visit.request, "standing_in.html", waiting=waiting, ended=[it for it in found if it not in waiting])


@router.get("/{stand_in_id}")
def one(visit: Visit, stand_in_id: str) -> HTMLResponse:
    """One request: the words, who is asked and how they are called."""
    return show(visit, stand_in_id)


def show(visit: Visiting, stand_in_id: str, *, link: str = "", error: LoaError | None = None) -> HTMLResponse:
    """The page; with a new link, this once."""
    now = visit.context.now()
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        it = view(session, seen, find(session, seen, stand_in_id), now=now)
    answer = page(
        visit.request,
        "standing_in_one.html",
        it=it,
        link=link,
        qr=segno.make(link, error="m").svg_inline(scale=5, border=3, light="#fff") if link else "",
        problem=problem_of(error, language_of(visit.request)) if error else None,
    )
    answer.status_code = error.status if error else 200
    return answer


@router.post("/{stand_in_id}/link")
def hand_over(visit: Sent, stand_in_id: str) -> Response:
    """A link for whoever has no channel; its secret stands on this page only."""
    try:
        with visit.context.database.transaction() as session:
            find(session, sight(session, visit.me), stand_in_id)
            secret = stand_in_answers.hand_over(session, visit.me, stand_in_id, now=visit.context.now())
    except NotFound:
        raise
    except LoaError as error:
        return show(visit, stand_in_id, error=error)
    return show(visit, stand_in_id, link=f"{visit.context.settings.public_url}/say/{secret}")


@router.post("/{stand_in_id}/answer")
def answer(visit: Sent, stand_in_id: str) -> Response:
    """What the village head said on the phone, or does himself; the log book names who wrote it down."""
    try:
        airing = _answer(visit, stand_in_id)
    except NotFound:
        raise
    except LoaError as error:
        return show(visit, stand_in_id, error=error)
    visit.context.live.nudge(f"airing-{airing}")
    return go(f"/standing-in/{stand_in_id}", "stood-in")


def _answer(visit: Sending, stand_in_id: str) -> str:
    did = visit.form.line("did")
    if did not in DID:
        raise Malformed(field="did", problem=" | ".join(DID))
    given = Answer(DID[did], visit.form.line("reason"))
    with visit.context.database.transaction() as session:
        find(session, sight(session, visit.me), stand_in_id)
        row = stand_in_answers.answer_for(session, visit.me, stand_in_id, given, now=visit.context.now())
        return row.airing_id
