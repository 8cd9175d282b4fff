"""The dictionary of a commune: a list, a form, and a way back for each entry."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from broadcaster.domain import words
from broadcaster.domain.dictionary import READ_ALOUD
from broadcaster.domain.errors import LoaError, NotFound
from broadcaster.domain.permissions import Action
from broadcaster.services.writing import dictionary
from broadcaster.web.asking import Sent, Visit, Visiting
from broadcaster.web.forms import WriteForm, with_choices
from broadcaster.web.pages.again import again
from broadcaster.web.render import page
from broadcaster.web.shown.sight import sight
from broadcaster.web.sign_in import go

router = APIRouter(include_in_schema=False)
PAGE = 50
EMPTY = {"written": "", "spoken": "", "language": "vi", "unit": ""}


@router.get("/dictionary")
def all_of_it(
    visit: Visit,
    q: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> HTMLResponse:
    """What is read otherwise where this person writes, and a form for one more word."""
    return show(visit, q, after, typed=EMPTY)


def show(visit: Visiting, q: str, after: int, *, typed: dict[str, str], **values: object) -> HTMLResponse:
    """The page with what was typed."""
    with visit.context.database.read() as session:
        writing = sight(session, visit.me, Action.WRITE)
        wanted = words.plain(q)
        found = [
            (row, writing.names_of(row.unit_id))
            for row in dictionary.entries(session, writing.units)
            if wanted in words.plain(f"{row.written} {row.spoken}")
        ]
        common = {
            "entries": found[after : after + PAGE],
            "next": after + PAGE if len(found) > after + PAGE else 0,
            "q": q,
            "typed": typed,
            "tongues": READ_ALOUD,
            "form": with_choices(session, writing, WriteForm(unit=typed["unit"])),
        }
        return page(visit.request, "dictionary.html", **(common | values))


@router.post("/dictionary")
def put(visit: Sent) -> Response:
    """From now on it is read so."""
    typed = {name: visit.form.line(name) for name in EMPTY}
    try:
        with visit.context.database.transaction() as session:
            now, me = visit.context.now(), visit.me
            language = typed["language"]
            dictionary.put(session, me, typed["unit"], typed["written"], typed["spoken"], language=language, now=now)
    except LoaError as error:
        return again(visit.request, error, partial(show, visit, "", 0, typed=typed))
    return go("/dictionary", "kept")


@router.post("/dictionary/{entry_id}/remove")
def remove(visit: Sent, entry_id: str) -> Response:
    """The rules read it again."""
    with visit.context.database.transaction() as session:
        seen = sight(session, visit.me, Action.WRITE)
        if dictionary.get(session, entry_id).unit_id not in seen.units:
            raise NotFound(what="dictionary entry", id=entry_id)
        dictionary.remove(session, visit.me, entry_id, now=visit.context.now())
    return go("/dictionary", "word-removed")
