"""A stand-in for Zalo's Official Account interface on loopback: tokens, groups, messages, their errors and rates.

It is no Zalo: it was written from the project's description of the wire format, which is unverified against a live
account, and its front page says so.
"""

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from tests.mirrors.stand_ins.serving import Served

APP_ID, OA_ID, APP_SECRET = "4711", "815", "app-secret-of-the-stand-in"
PAGE = "<html><title>Zalo giả lập</title><body>Đây là máy giả lập để thử, không phải Zalo.</body></html>"
TEXT_LIMIT = 2_000
PER_CALL = 20
"""Fewer than are asked for: lists come in pieces."""

Behaviour = Literal["answer", "hang", "take and drop", "page", "fault", "busy"]


@dataclass(slots=True)
class Desk:
    """What the stand-in knows; tests turn its knobs."""

    refresh: str = "refresh-0"
    """The one refresh token that is good, once."""
    access: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    """Codes of consents, and the challenge each was given for."""
    groups: dict[str, str] = field(default_factory=dict)
    per_minute: int = 100
    behaviour: dict[str, Behaviour] = field(default_factory=dict)
    """"token", or a group's id → what it does instead of answering."""
    errors: dict[str, list[int]] = field(default_factory=dict)
    """A group's id → the errors its next messages meet."""
    slow: float = 0.0
    """Seconds before tokens are given."""
    verified: bool = True
    spent: list[str] = field(default_factory=list)
    """Every refresh token and code that was given for a pair, in order."""
    refused: list[str] = field(default_factory=list)
    """Those that were brought and not taken."""
    received: list[dict[str, str]] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    leaving: threading.Event = field(default_factory=threading.Event)

    def pair(self, form: dict[str, str], secret_key: str) -> dict[str, Any]:
        """POST /v4/oa/access_token."""
        if secret_key != APP_SECRET:
            return oauth_error(-14004, "Invalid secret key")
        if form.get("app_id") != APP_ID:
            return oauth_error(-14002, "App is not active")
        refresh = form.get("grant_type") == "refresh_token"
        brought = form.get("refresh_token" if refresh else "code", "")
        with self.lock:
            good = brought == self.refresh if refresh else brought in self.codes and form.get("code_verifier")
            if not good:
                self.refused.append(brought)
                return oauth_error(
                    -14014 if refresh else -14013, "Invalid refresh token" if refresh else "Invalid code"
                )
            self.codes.pop(brought, None)
            self.spent.append(brought)
            number = len(self.spent)
            self.access, self.refresh = f"access-{number}-{secrets.token_hex(4)}", f"refresh-{number}"
            return {"access_token": self.access, "refresh_token": self.refresh, "expires_in": "90000"}

    def message(self, content: dict[str, Any]) -> dict[str, Any]:
        """POST /v3.0/oa/group/message, for a token that is good."""
        group = (content.get("recipient") or {}).get("group_id")
        text = (content.get("message") or {}).get("text")
        if waiting := self.errors.get(str(group)):
            return refusal(waiting.pop(0))
        if not isinstance(group, str) or group not in self.groups:
            return refusal(-201, "group_id is invalid")
        if not isinstance(text, str) or not text:
            return refusal(-201, "text is empty")
        if len(text) > TEXT_LIMIT:
            return refusal(-210, "text is too long")
        name = f"{len(self.received) + 0x705E:x}"
        self.received.append({"message_id": name, "group_id": group, "text": text})
        return success({"message_id": name, "group_id": group})

    def within_rate(self, now: float) -> bool:
        """Count one call; False above what an account may make in a minute."""
        self.calls = [*(at for at in self.calls if at > now - 60), now]
        return len(self.calls) <= self.per_minute

    def listed(self, offset: int, count: int) -> dict[str, Any]:
        """GET /v3.0/oa/group/getgroupsofoa."""
        rows = list(self.groups.items())[offset : offset + min(count, PER_CALL)]
        groups = [
            {"group_id": group, "name": name, "avatar": "", "group_link": "", "status": "enabled", "total_member": 40}
            for group, name in rows
        ]
        return success({"groups": groups, "total": len(self.groups)})


def success(data: dict[str, Any]) -> dict[str, Any]:
    """Zalo's way of saying yes."""
    return {"data": data, "error": 0, "message": "Success"}


def refusal(code: int, message: str = "Not so") -> dict[str, Any]:
    """Zalo's way of saying no, inside an HTTP 200."""
    return {"error": code, "message": message}


def oauth_error(code: int, name: str) -> dict[str, Any]:
    """The same where tokens are given."""
    return {"error": code, "error_name": name, "error_reason": "", "error_description": name, "ref_doc": ""}


def stand_in(desk: Desk) -> FastAPI:
    """The application around one desk."""
    app = FastAPI(openapi_url=None)

    @app.get("/")
    def front() -> HTMLResponse:
        return HTMLResponse(PAGE)

    @app.post("/v4/oa/access_token")
    async def token(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        behaviour = desk.behaviour.get("token", "answer")
        if behaviour not in {"answer", "take and drop"}:
            return await instead(desk, behaviour)
        answer = desk.pair(form, request.headers.get("secret_key", ""))
        await pause(desk, desk.slow)
        return JSONResponse(answer) if behaviour == "answer" else await instead(desk, "hang")

    @app.post("/v3.0/oa/group/message")
    async def message(request: Request) -> Response:
        content = await request.json()
        behaviour = desk.behaviour.get(str((content.get("recipient") or {}).get("group_id")), "answer")
        if behaviour not in {"answer", "take and drop"}:
            return await instead(desk, behaviour)
        answer = checked(desk, request) or desk.message(content)
        return rated(desk, answer) if behaviour == "answer" else await instead(desk, "hang")

    @app.get("/v3.0/oa/group/getgroupsofoa")
    async def groups(request: Request, offset: int = 0, count: int = 5) -> Response:
        return rated(desk, checked(desk, request) or desk.listed(offset, count))

    @app.get("/v3.0/oa/group/getgroup")
    async def group(request: Request, group_id: str = "") -> Response:
        known = desk.groups.get(group_id)
        info = {"group_id": group_id, "name": known, "status": "enabled", "max_member": 100, "auto_delete_date": ""}
        answer = success({"group_info": info}) if known else refusal(-201, "group_id is invalid")
        return rated(desk, checked(desk, request) or answer)

    @app.get("/v2.0/oa/getoa")
    async def about(request: Request) -> Response:
        until = {"package_name": "Growth", "package_valid_through_date": "31/12/2026"}
        data = {"oa_id": OA_ID, "name": "UBND xã Yên Châu", "is_verified": desk.verified, **until}
        return rated(desk, checked(desk, request) or success(data))

    return app


def checked(desk: Desk, request: Request) -> dict[str, Any] | None:
    """The refusal of a call whose token is not good, or that is one too many."""
    if not desk.within_rate(time.time()):
        return refusal(-32, "Your OA has reached the limit of requests per minute")
    if not desk.access or request.headers.get("access_token") != desk.access:
        return refusal(-216, "Access token is invalid")
    return None


def rated(desk: Desk, answer: dict[str, Any]) -> Response:
    """An answer with what is left of this minute."""
    left = max(0, desk.per_minute - len(desk.calls))
    return JSONResponse(answer, headers={"X-RateLimit-Limit": str(desk.per_minute), "X-RateLimit-Remain": str(left)})


async def pause(desk: Desk, seconds: float) -> None:
    """Wait, unless the stand-in is ending."""
    if seconds:
        await run_in_threadpool(desk.leaving.wait, seconds)


async def instead(desk: Desk, behaviour: Behaviour) -> Response:
    """What a provider on a bad day does instead of answering."""
    if behaviour == "hang":
        await pause(desk, 30.0)
        return PlainTextResponse("", status_code=504)
    if behaviour == "page":
        return HTMLResponse("<html><title>Đăng nhập Wi-Fi</title></html>")
    if behaviour == "busy":
        return PlainTextResponse("", status_code=429, headers={"retry-after": "7"})
    return PlainTextResponse("Internal Server Error", status_code=500)


def served(desk: Desk) -> Served:
    """The stand-in on a free port: `with served(desk) as zalo: zalo.url`."""
    return Served(stand_in(desk), leaving=desk.leaving)
