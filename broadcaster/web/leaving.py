"""The link in each mail with which a reader leaves its list: at once by one click of their mail program, or here."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import Request
from starlette.responses import Response

from broadcaster.domain.errors import BadForm, ReaderLinkGone, TooMany
from broadcaster.domain.feedback import household
from broadcaster.services.outlets import mail_readers
from broadcaster.store.tables import Channel, MailReader
from broadcaster.web.asking import OpenForm, origin, same_site
from broadcaster.web.by_key import HEADERS, WRONG_A_MINUTE, drawn, language_of
from broadcaster.web.context import Context

BACK_AN_HOUR = RateLimitItemPerHour(10)
"""By one link: each is written down, and who has come back may leave again whenever they like."""


def leaving_routes(context: Context) -> APIRouter:
    """`/leave/{secret}`: GET shows a button, so that what only looks at links leaves nothing; POST leaves at once."""
    router = APIRouter(include_in_schema=False)
    limiter = FixedWindowRateLimiter(MemoryStorage())

    def admit(request: Request, secret: str) -> None:
        with context.database.read() as session:
            try:
                mail_readers.of_secret(session, secret)
            except ReaderLinkGone:
                if limiter.hit(WRONG_A_MINUTE, "wrong", household(origin(request))):
                    raise
                raise TooMany from None

    @router.api_route("/leave/{secret}", methods=["GET", "HEAD"])
    def look(request: Request, secret: str, lang: str = "") -> Response:
        admit(request, secret)
        return shown(request, context, secret, lang)

    @router.post("/leave/{secret}")
    def leave(request: Request, secret: str, form: OpenForm, lang: str = "") -> Response:
        admit(request, secret)
        back, now = form.line("do") == "back", context.now()
        if back and not same_site(request):
            raise BadForm
        if back and not limiter.hit(BACK_AN_HOUR, "back", secret):
            raise TooMany
        with context.database.transaction() as session:
            (mail_readers.come_back if back else mail_readers.leave)(session, secret, now=now)
        return shown(request, context, secret, lang)

    return router


def shown(request: Request, context: Context, secret: str, lang: str) -> HTMLResponse:
    """How it stands, and the button to change it; whose link it is stands nowhere."""
    language = language_of(lang, context.settings.language)
    with context.database.read() as session:
        reader: MailReader = mail_readers.of_secret(session, secret)
        name, left_at = session.get_one(Channel, reader.channel_id).name, reader.left_at
    known = {"name": name, "left_at": left_at, "path": request.url.path}
    return HTMLResponse(drawn("leave.html", language, now=context.now(), **known), headers=HEADERS)
