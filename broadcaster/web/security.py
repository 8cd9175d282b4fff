"""What every answer carries, and how much a request may bring."""

import secrets
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEGABYTE = 1_048_576
# Recordings are judged by audio/recordings.py, which takes 64 MiB; everything else is text.
LARGE = 65 * MEGABYTE
SMALL = MEGABYTE
LONGEST_HEADERS = 65_536

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
}
NO_PAGE = "/device/"
"""What is below it only loudspeakers read, over lines that are paid by the byte; what concerns a browser stays away."""
ONLY_HTTPS = {"strict-transport-security": "max-age=31536000"}


class TooLarge(HTTPException):
    """The body is larger than this address takes."""

    def __init__(self) -> None:
        super().__init__(413)


def content_policy(nonce: str) -> str:
    """Only our own files and the scripts this page named; what was just recorded in it may be heard."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


class Guard:
    """ASGI layer: a number and a nonce per request, security headers on each answer, a limit on each body."""

    def __init__(
        self, app: ASGIApp, *, large: Callable[[str], bool], refuse: Callable[[Request, int], Response], https: bool
    ) -> None:
        self._app, self._large, self._refuse = app, large, refuse
        self._headers = HEADERS | (ONLY_HTTPS if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, unless it announces or brings too much."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        number = secrets.token_hex(6)
        scope.setdefault("state", {}).update(nonce=nonce, number=number)
        brief = scope["path"].startswith(NO_PAGE)
        limit = LARGE if self._large(scope["path"]) else SMALL

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and not (brief and message["status"] < 400):
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = number
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", content_policy(nonce))
            await send(message)

        refusal = 400 if _holds_nul(scope) or _long(scope) else 413 if _announced(scope) > limit else 0
        if refusal:
            await self._refuse(Request(scope), refusal)(scope, receive, send_with_headers)
        else:
            await self._app(scope, _counted(receive, limit), send_with_headers)


def _holds_nul(scope: Scope) -> bool:
    # No database stores it, and no honest address holds it.
    return "\0" in scope["path"] or b"%00" in scope["query_string"]


def _long(scope: Scope) -> bool:
    return sum(len(name) + len(value) for name, value in scope["headers"]) > LONGEST_HEADERS


def _announced(scope: Scope) -> int:
    text = dict(scope["headers"]).get(b"content-length", b"0")
    return int(text) if text.isdigit() else 0


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLarge
        return message

    return counted
