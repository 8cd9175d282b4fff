"""The web application: layers, refusals and routes put together, and nothing else."""

from dataclasses import replace

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadcaster.domain.errors import LoaError, NotAllowed, NotSignedIn, TooLarge
from broadcaster.web import api, metrics, pages
from broadcaster.web.cap import cap_routes
from broadcaster.web.context import Context
from broadcaster.web.device import DeviceApi, device_routes
from broadcaster.web.enrolling import enrol_routes
from broadcaster.web.feedback import feedback_routes
from broadcaster.web.leaving import leaving_routes
from broadcaster.web.pages import components
from broadcaster.web.problems import (
    BadRange,
    MethodNotAllowed,
    NoSuchAddress,
    Problem,
    Unreadable,
    as_json,
    fields_of,
    for_program,
    language_of_program,
    problem_of,
)
from broadcaster.web.push import push_routes
from broadcaster.web.render import language_of, problem_page
from broadcaster.web.residents import residents_routes
from broadcaster.web.saying import saying_routes
from broadcaster.web.security import LARGE, Guard
from broadcaster.web.wire import STATIC, Files
from broadcaster.web.zalo_webhook import zalo_routes

log = structlog.get_logger()
KEYS = ("/leave/", "/say/", "/sign-in/", "/start/", "/wall/")
OF_STATUS: dict[int, type[LoaError]] = {404: NoSuchAddress, 405: MethodNotAllowed, 416: BadRange}


def create_app(context: Context) -> FastAPI:
    """The console, the API and the speakers' own API over one context."""
    app = FastAPI(
        title="Loa",
        version="1",
        summary="Village loudspeakers that speak on time, offline too, and prove what they said.",
        openapi_url=f"{api.PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        # It would send people to whatever host their request named.
        redirect_slashes=False,
    )
    app.state.context = context
    app.add_middleware(Guard, large=takes_recordings, refuse=refuse_early, https=context.settings.secure_cookies)
    for kind in (LoaError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, refuse)
    app.add_exception_handler(Exception, fault)
    speakers, residents = device_routes(device_api(context)), residents_routes(context)
    heads, boxes, alerts = saying_routes(context), enrol_routes(context), cap_routes(context)
    browsers, voices = push_routes(context), feedback_routes(context)
    letters = leaving_routes(context)
    for router in (api.router, letters, speakers, boxes, alerts, heads, browsers, voices, pages.router, metrics.router):
        app.routes.extend(router.routes)
    if context.settings.developer_pages:
        app.routes.extend(components.router.routes)
    if context.settings.map_tiles is not None:
        app.mount("/map-tiles", StaticFiles(directory=context.settings.map_tiles, check_dir=False))
    app.routes.extend(zalo_routes(context).routes)
    app.mount("/static", Files(directory=STATIC))
    # Last: a village has an address of one word, and every other word means something else.
    app.routes.extend(residents.routes)
    return app


def device_api(context: Context) -> DeviceApi:
    """The speakers' routes, whose receipts nudge the boards."""

    def changed(airings: set[str]) -> None:
        for airing in airings:
            context.live.nudge(f"airing-{airing}")

    return DeviceApi(context.database, context.signing, context.clips, context.now, changed)


def takes_recordings(path: str) -> bool:
    """Whether a body sent here may hold a recording, or receipts of weeks."""
    carried = path.startswith("/speakers/") and path.endswith("/carry")
    carried = carried or (path.startswith("/units/") and path.endswith("/border"))
    return carried or path.startswith("/announcements") or path == f"{api.PREFIX}/recordings"


def refuse(request: Request, error: Exception, *, number: str = "") -> Response:
    """Any failure as its problem, in the caller's language and form."""
    # A piece of a page that asks again is told no: the way to the sign-in would end up in the middle of that page.
    whole = request.method == "GET" and not request.headers.get("hx-request")
    if isinstance(error, NotSignedIn) and whole and not for_program(request):
        return RedirectResponse("/sign-in", 303)
    if isinstance(error, NotAllowed) and request.url.path == "/":
        # Whoever may look nowhere has perhaps only begun to set all of it up.
        return RedirectResponse("/start", 303)
    program = for_program(request)
    language = language_of_program(request) if program else language_of(request)
    problem = replace(_problem(error, language), number=number)
    answer = as_json(request, problem) if program else problem_page(request, problem)
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


def _problem(error: Exception, language: str) -> Problem:
    match error:
        case LoaError():
            return problem_of(error, language)
        case RequestValidationError():
            return fields_of(error.errors(), language)
        case HTTPException(status_code=413):
            return problem_of(TooLarge(limit=LARGE), language)
        case HTTPException():
            return problem_of(OF_STATUS.get(error.status_code, Unreadable)(), language)
        case _:
            return problem_of(LoaError(), language)


def fault(request: Request, error: Exception) -> Response:
    """A mistake of ours: the log has all of it, the person a number to find it by."""
    number = request.state.number
    log.error("request failed", action="request_failed", number=number, path=_loggable(request), exc_info=error)
    return refuse(request, error, number=number)


def _loggable(request: Request) -> str:
    """The address, without the secret of those that are keys."""
    path = request.url.path
    return next((f"{key}…" for key in KEYS if path.startswith(key)), path)


def refuse_early(request: Request, status: int) -> Response:
    """A request that is not even read: its address or its announced size is enough."""
    return refuse(request, HTTPException(status))
