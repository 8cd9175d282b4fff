"""What residents said: read, answered, shown to everybody; and the code for the pole they say it by."""

from functools import partial
from typing import Annotated

import segno
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain.errors import LoaError
from broadcaster.domain.permissions import Action
from broadcaster.services.outlets import feedback
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.shown.feedback import find_voice, voices
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.speaker import find_speaker
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
EVERY = "all"
Word = Annotated[str, Query(max_length=64)]


@router.get("/feedback")
def read(visit: Visit, show: Word = "", airing: Word = "", after: Word = "") -> HTMLResponse:
    """Those that want an answer, or all; of everything or of one airing."""
    return show_voices(visit, every=show == EVERY, airing=airing, after=after or None)


def show_voices(
    visit: Visiting, *, every: bool = False, airing: str = "", after: str | None = None, **values: object
) -> HTMLResponse:
    """The page; after a refusal with what was typed."""
    with visit.context.database.read() as session:
        found, following = voices(session, sight(session, visit.me), every=every, airing=airing, after=after)
    usual: dict[str, object] = {"voices": found, "next": following, "every": every, "airing": airing, "typed": {}}
    return page(visit.request, "feedback.html", **(usual | values))


@router.post("/feedback/{feedback_id}/answer")
def answer(visit: Sent, feedback_id: str) -> Response:
    """Answer, and show the answer to everybody where that was chosen."""
    text, public = visit.form.prose("answer"), visit.form.line("public") == "yes"
    try:
        with visit.context.database.transaction() as session:
            find_voice(session, sight(session, visit.me), feedback_id)
            feedback.answer(session, visit.me, feedback_id, text, public=public, now=visit.context.now())
    except LoaError as error:
        if error.status != 422:
            raise
        return again(visit.request, error, partial(show_voices, visit, every=True, typed={feedback_id: text}))
    return go("/feedback", "voice-published" if public else "voice-answered")


@router.get("/speakers/{speaker_id}/sticker")
def sticker(visit: Visit, speaker_id: str) -> HTMLResponse:
    """What is stuck on the pole: a code that asks whoever stands there whether they heard it."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me)
        row = find_speaker(session, seen, speaker_id)
        visit.me.require(Action.TEND_SPEAKERS, seen.tree.path(row.unit_id))
        address = f"{visit.context.settings.public_url}/s/{row.pole_code}" if row.pole_code else ""
        return page(
            visit.request,
            "sticker.html",
            id=row.id,
            name=row.name,
            place=seen.names_of(row.unit_id),
            address=address,
            in_service=row.revoked_at is None,
            drawing=segno.make(address, error="m").svg_inline(scale=7, border=3, omitsize=True) if address else "",
        )


@router.post("/speakers/{speaker_id}/sticker")
def new_code(visit: Sent, speaker_id: str) -> Response:
    """A code, or another one: the sticker printed before leads nowhere from then on."""
    with visit.context.database.transaction() as session:
        find_speaker(session, sight(session, visit.me), speaker_id)
        feedback.give_code(session, visit.me, speaker_id, now=visit.context.now())
    return go(f"/speakers/{speaker_id}/sticker", "pole-code")
