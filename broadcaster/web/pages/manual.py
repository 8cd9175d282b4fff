"""The manual, which anybody may read: what helps to sign in cannot wait until somebody has."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request

from broadcaster.domain import words
from broadcaster.web import manual
from broadcaster.web.asking import Web, recognised
from broadcaster.web.render import language_of, page, translate
from broadcaster.web.wire import address

router = APIRouter(include_in_schema=False)


@router.get("/help")
def tasks(request: Request, context: Web, q: str = "") -> HTMLResponse:
    """Every task, or those that are searched for."""
    recognised(request, context)
    wanted, language = words.line(q)[:100], language_of(request)
    found = manual.find(wanted, language, lambda text: translate(request, text))
    return page(request, "help.html", wanted=wanted, tasks=[(task.slug, task.texts[language]) for task in found])


@router.get("/help/{slug}")
def task(request: Request, context: Web, slug: str) -> HTMLResponse:
    """One task."""
    recognised(request, context)
    found = manual.tasks().get(slug)
    if found is None:
        raise HTTPException(404)
    picture = found.picture and address(f"manual/{found.picture}.webp")
    return page(request, "help_task.html", task=found, text=found.texts[language_of(request)], picture=picture)
