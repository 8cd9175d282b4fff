"""A stand-in for chat providers on loopback: the Zalo Bot JSON, signed webhooks, and a page as a resident would see it.

It is no Zalo: it was written from docs/channels.md, and it says so on every page.
"""

import argparse
import re
import socket
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from broadcaster.mirrors.webhook import key, sign

TOKEN = "1000000001:may-gia-lap"  # noqa: S105  (of the stand-in only; it opens nothing)
SECRET = "whsec_bWF5LWdpYS1sYXAtY2hvLXRodQ=="  # noqa: S105
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
QUOTA = 60
TEXT_LIMIT = 2000
_LINK = re.compile(r"https?://\S+")
_MENTION = re.compile(r"\[@[^\]]+\]")

Behaviour = Literal["answer", "hang", "take and drop", "page", "fault", "busy"]


@dataclass(frozen=True, slots=True)
class Received:
    """One message that stands in a group now."""

    message_id: str
    chat_id: str
    bot: str
    text: str
    parse_mode: str | None
    mentions: tuple[str, ...]
    """What the real client would have shown as a mention."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook that came in."""

    id: str
    signed: bool
    """Whether its signature is true and fresh."""
    again: bool
    """Whether this id was taken before."""
    body: dict[str, Any]


@dataclass(slots=True)
class Desk:
    """What the stand-in knows; tests turn its knobs."""

    token: str = TOKEN
    secret: str = SECRET
    groups: dict[str, str] = field(default_factory=dict)
    """chat_id → name; while it is empty any chat is taken."""
    quota: int = QUOTA
    """Messages a minute for one bot, after which it says 429."""
    can_join_groups: bool = True
    updates: list[dict[str, Any]] = field(default_factory=list)
    """What was written to the bot and not yet handed over, as `wrote` makes it."""
    behaviour: dict[str, Behaviour] = field(default_factory=dict)
    """chat_id, or the last part of a webhook's address → what it does instead of answering."""
    hang_seconds: float = 30.0
    received: list[Received] = field(default_factory=list)
    hooks: list[Hook] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    leaving: threading.Event = field(default_factory=threading.Event)

    def send_message(self, content: dict[str, Any], now: float) -> dict[str, Any]:
        """sendMessage as channels.md has it."""
        chat, text = content.get("chat_id"), content.get("text")
        if not isinstance(chat, str) or not isinstance(text, str) or not 1 <= len(text) <= TEXT_LIMIT:
            return refusal(400, "Bad Request")
        if self.groups and chat not in self.groups:
            return refusal(404, "Not Found")
        self.calls = [*(at for at in self.calls if at > now - 60), now]
        if len(self.calls) > self.quota:
            return refusal(429, "Quota exceeded")
        message = Received(
            message_id=f"{8_259_000_000 + len(self.received):x}",
            chat_id=chat,
            bot=self.get_me()["result"]["account_name"],
            text=text,
            parse_mode=content.get("parse_mode"),
            mentions=tuple(_MENTION.findall(text)),
            at=datetime.fromtimestamp(now, ZONE),
        )
        self.received.append(message)
        return {"ok": True, "result": {"message_id": message.message_id, "date": int(now * 1000)}}

    def get_me(self) -> dict[str, Any]:
        """getMe as channels.md has it."""
        name = {"id": self.token.partition(":")[0], "account_name": "bot.MayGiaLap", "account_type": "BASIC"}
        return {"ok": True, "result": {**name, "can_join_groups": self.can_join_groups}}

    def get_updates(self) -> dict[str, Any]:
        """getUpdates as channels.md has it: one message, or 408 where there is none; without the waiting."""
        return {"ok": True, "result": self.updates.pop(0)} if self.updates else refusal(408, "Request timeout")

    def wrote(self, chat: str, who: str, text: str, *, kind: str = "GROUP") -> None:
        """Somebody mentions the bot in a group, or writes to it alone (PRIVATE)."""
        sender = {"id": "u1", "display_name": who, "is_bot": False}
        message = {"from": sender, "chat": {"id": chat, "chat_type": kind}, "text": text, "message_id": "m1", "date": 0}
        self.updates.append({"message": message, "event_name": "message.text.received"})

    def take_hook(self, headers: dict[str, str], raw: bytes, body: dict[str, Any], now: float) -> Hook:
        """Check a webhook's signature and whether it came before."""
        name, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        true = headers.get("webhook-signature") == sign(key(self.secret), name, at, raw)
        signed = true and at.isdigit() and abs(now - int(at)) <= 300
        hook = Hook(name, signed, any(taken.id == name and taken.signed for taken in self.hooks), body)
        self.hooks.append(hook)
        return hook


def refusal(code: int, description: str) -> dict[str, Any]:
    """Zalo's way of saying no, inside an HTTP 200."""
    return {"ok": False, "error_code": code, "description": description}


def stand_in(desk: Desk) -> FastAPI:
    """The application around one desk."""
    app = FastAPI(title="Stand-in chat", openapi_url=None)
    pages = Environment(loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True)
    pages.filters["as_chat"] = as_chat

    @app.post("/bot{token}/{method}")
    def bot(token: str, method: str, content: dict[str, Any]) -> Response:
        behaviour = desk.behaviour.get(str(content.get("chat_id")), "answer")
        if behaviour not in {"answer", "take and drop"}:
            return instead(desk, behaviour)
        if token != desk.token:
            return JSONResponse(refusal(401, "Unauthorized"))
        methods = {"getMe": desk.get_me, "getUpdates": desk.get_updates}
        if method not in {*methods, "sendMessage"}:
            return JSONResponse(refusal(404, "Not Found"))
        answer = methods[method]() if method in methods else desk.send_message(content, time.time())
        return JSONResponse(answer) if behaviour == "answer" else instead(desk, "hang")

    @app.post("/webhook/{name}")
    async def webhook(name: str, request: Request) -> Response:
        behaviour = desk.behaviour.get(name, "answer")
        if behaviour != "answer":
            return await run_in_threadpool(instead, desk, behaviour)
        hook = desk.take_hook(dict(request.headers), await request.body(), await request.json(), time.time())
        return Response(status_code=204 if hook.signed else 401)

    @app.get("/group/{chat_id}")
    def group(chat_id: str) -> HTMLResponse:
        messages = [message for message in desk.received if message.chat_id == chat_id]
        name = desk.groups.get(chat_id, f"Nhóm Zalo {chat_id}")
        return HTMLResponse(pages.get_template("stand_in_group.html").render(name=name, messages=messages))

    @app.get("/received")
    def received() -> dict[str, Any]:
        return {
            "stand_in": True,
            "messages": [asdict(message) for message in desk.received],
            "webhooks": [asdict(hook) for hook in desk.hooks],
        }

    return app


def instead(desk: Desk, behaviour: Behaviour) -> Response:
    """What a provider on a bad day does instead of answering."""
    if behaviour == "hang":
        desk.leaving.wait(desk.hang_seconds)
        return PlainTextResponse("", status_code=504)
    if behaviour == "page":
        return HTMLResponse("<html><title>Đăng nhập Wi-Fi</title></html>")
    if behaviour == "busy":
        return JSONResponse(refusal(429, "Quota exceeded"), status_code=429, headers={"retry-after": "7"})
    return PlainTextResponse("Internal Server Error", status_code=500)


def as_chat(text: str) -> Markup:
    """A message as the chat program shows it: links to tap, mentions in colour, nothing else interpreted."""
    shown = escape(text)
    shown = Markup(_LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', shown))  # noqa: S704  (escaped above)
    return Markup(_MENTION.sub(lambda found: f"<mark>{found[0]}</mark>", shown))  # noqa: S704


class StandInChat:
    """The stand-in on a free loopback port, in a thread of this process: `with StandInChat() as chat: chat.url`."""

    def __init__(self, desk: Desk | None = None, *, port: int = 0) -> None:
        self.desk = desk or Desk()
        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            stand_in(self.desk), log_level="warning", timeout_graceful_shutdown=1, lifespan="off", access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="stand-in-chat", daemon=True
        )

    @property
    def received(self) -> list[Received]:
        """The messages that stand in the groups, oldest first."""
        return list(self.desk.received)

    @property
    def hooks(self) -> list[Hook]:
        """The webhooks that came in, oldest first."""
        return list(self.desk.hooks)

    def start(self) -> Self:
        """Serve until stop()."""
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        """End within about a second, also while somebody is kept hanging."""
        self.desk.leaving.set()
        self._server.should_exit = True
        self._thread.join(5)
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def main(arguments: Iterable[str] | None = None) -> None:
    """Run the stand-in by itself until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m broadcaster.demo.stand_in_chat", description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--token", default=TOKEN, help="the only bot token it takes")
    parser.add_argument(
        "--group", action="append", default=[], metavar="ID=NAME", help="a group it knows; may be repeated"
    )
    chosen = parser.parse_args(None if arguments is None else list(arguments))
    groups = dict(pair.split("=", 1) for pair in chosen.group)
    uvicorn.run(
        stand_in(Desk(token=chosen.token, groups=groups)), host="127.0.0.1", port=chosen.port, log_level="warning"
    )


if __name__ == "__main__":
    main()
