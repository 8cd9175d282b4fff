"""The log book, and what the system's refusals mean."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from broadcaster.domain.errors import ERRORS, LoaError
from broadcaster.domain.permissions import Action
from broadcaster.web.asking import Visit
from broadcaster.web.i18n import say
from broadcaster.web.problems import Problem
from broadcaster.web.render import language_of, page
from broadcaster.web.shown.history import log_book
from broadcaster.web.shown.sight import sight

router = APIRouter(include_in_schema=False)
PAGE = 50


@router.get("/audit")
def audit(visit: Visit, after: Annotated[int, Query(ge=0, le=2**53)] = 0) -> HTMLResponse:
    """Who did what, newest first, in sentences."""
    with visit.context.database.read() as session:
        seen = sight(session, visit.me, Action.SEE_AUDIT)
        lines = log_book(session, seen, language_of(visit.request), before=after or None, limit=PAGE + 1)
    more = lines[PAGE - 1].seq if len(lines) > PAGE else ""
    return page(visit.request, "audit.html", items=lines[:PAGE], next=more)


@router.get("/problems")
def problems(request: Request) -> HTMLResponse:
    """Where the `type` of each API problem points."""
    language = language_of(request)
    known = [_explained(kind, language) for _, kind in sorted(ERRORS.items())]
    return page(request, "problems.html", problems=known)


def _explained(kind: type[LoaError], language: str) -> Problem:
    message, kept, todo = (say(language, sentence) for sentence in kind.sentences())
    return Problem(kind.code, kind.status, message, kept=kept, todo=todo)
