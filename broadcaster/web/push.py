"""Browsers of residents ask to be told, and to be told no more: no account, no session, only their own address."""

from fastapi import APIRouter
from fastapi.responses import FileResponse
from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from broadcaster.domain.errors import BadForm, NotFound, TooMany
from broadcaster.domain.feedback import household
from broadcaster.services.outlets import subscriptions
from broadcaster.services.outlets.subscriptions import Wish
from broadcaster.web.asking import OpenForm, Posted, origin, same_site
from broadcaster.web.context import Context
from broadcaster.web.wire import STATIC

AN_HOUR = RateLimitItemPerHour(60)
"""From one address; behind one there may be the telephones of a village."""
SHORT = {"cache-control": "public, max-age=3600"}


def push_routes(context: Context) -> APIRouter:
    """The key to subscribe with, beginning, ending, and the script that shows what arrives."""
    router = APIRouter(include_in_schema=False)
    limiter = MovingWindowRateLimiter(MemoryStorage())

    def admit(request: Request) -> None:
        if not same_site(request):
            raise BadForm
        if not limiter.hit(AN_HOUR, "push", household(origin(request))):
            raise TooMany

    @router.get("/push/key")
    def key() -> Response:
        if context.vapid is None:
            raise NotFound(what="key", id="push")
        return PlainTextResponse(context.vapid.public, headers=SHORT)

    @router.get("/listen-sw.js")
    def worker() -> Response:
        path = STATIC / "residents" / "listen-sw.js"
        return FileResponse(path, media_type="text/javascript", headers={"cache-control": "no-cache"})

    @router.post("/push/subscriptions")
    def subscribe(request: Request, form: OpenForm) -> Response:
        admit(request)
        if context.vapid is None:
            raise NotFound(what="key", id="push")
        with context.database.transaction() as session:
            subscriptions.subscribe(session, wish_of(form), private=context.vapid.private, now=context.now())
        return Response(status_code=204)

    @router.post("/push/leave")
    def leave(request: Request, form: OpenForm) -> Response:
        admit(request)
        with context.database.transaction() as session:
            subscriptions.leave(session, form.line("endpoint"))
        return Response(status_code=204)

    return router


def wish_of(form: Posted) -> Wish:
    """What a browser filled in."""
    return Wish(
        endpoint=form.line("endpoint"),
        p256dh=form.line("p256dh"),
        auth=form.line("auth"),
        unit_id=form.line("unit"),
        classes=form.lines("class"),
        language=form.line("language"),
        quiet_from=form.line("quiet_from"),
        quiet_until=form.line("quiet_until"),
    )
