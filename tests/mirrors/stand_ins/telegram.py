"""A stand-in for the Telegram Bot API on loopback: its methods, its errors and its limits.

It is no Telegram: it was written from the description of the wire format, and its page says so.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.datastructures import UploadFile

TOKEN = "1000000001:may-gia-lap"
LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024
PER_MINUTE = 20

Behaviour = Literal["answer", "hang", "take and drop", "page", "fault"]
Answer = dict[str, Any]


class No(Exception):
    """A refusal: its code, Telegram's words, and what comes with them."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.answer: Answer = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.answer["parameters"] = parameters


@dataclass(slots=True)
class Message:
    """What stands in a chat."""

    number: int
    text: str
    sound: bytes = b""
    edited: bool = False
    answers: int | None = None
    parse_mode: str | None = None
    duration: int = 0


@dataclass(slots=True)
class Chat:
    """One group; tests turn its knobs."""

    title: str
    status: str = "member"
    """Of the bot: "member", "kicked", "left"."""
    moved_to: int | None = None
    editable: bool = True
    """Whether messages may still be changed or taken away."""
    messages: dict[int, Message] = field(default_factory=dict)
    sent_at: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Desk:
    """What the stand-in knows."""

    chats: dict[int, Chat] = field(default_factory=dict)
    per_minute: int = PER_MINUTE
    behaviour: dict[str, Behaviour] = field(default_factory=dict)
    """A method's name → what it does instead of answering."""
    calls: list[str] = field(default_factory=list)
    leaving: threading.Event = field(default_factory=threading.Event)
    hang_seconds: float = 5.0

    def chat(self, value: object) -> Chat:
        """A chat in which the bot may act."""
        text = str(value)
        found = self.chats.get(int(text)) if text.removeprefix("-").isdigit() else None
        if found is None:
            raise No(400, "Bad Request: chat not found")
        if found.moved_to is not None:
            raise No(
                400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=found.moved_to
            )
        if found.status != "member":
            raise No(403, "Forbidden: bot was kicked from the group chat")
        return found

    def post(self, chat: Chat, text: str, **values: Any) -> Answer:
        """One more message, unless there were too many in the last minute."""
        now = time.monotonic()
        chat.sent_at = [at for at in chat.sent_at if at > now - 60]
        if len(chat.sent_at) >= self.per_minute:
            raise No(429, "Too Many Requests: retry after 2", retry_after=2)
        chat.sent_at.append(now)
        number = 70 + sum(len(each.messages) for each in self.chats.values()) + len(self.calls)
        chat.messages[number] = Message(number, text, **values)
        return {"message_id": number, "date": int(time.time()), "chat": {"id": 0, "title": chat.title}}


def get_me(desk: Desk, content: Mapping[str, Any]) -> Answer:
    """Who the bot is."""
    return {"id": 1000000001, "is_bot": True, "first_name": "Máy giả lập", "username": "may_gia_lap_bot"}


def get_chat(desk: Desk, content: Mapping[str, Any]) -> Answer:
    """What a group is called."""
    return {"id": int(content["chat_id"]), "type": "group", "title": desk.chat(content["chat_id"]).title}


def get_chat_member(desk: Desk, content: Mapping[str, Any]) -> Answer:
    """What somebody is in a group."""
    return {"status": desk.chat(content["chat_id"]).status, "user": {"id": int(content["user_id"])}}


def send_message(desk: Desk, content: Mapping[str, Any]) -> Answer:
    """Post a text."""
    chat, text = desk.chat(content.get("chat_id")), str(content.get("text") or "")
    answered = (content.get("reply_parameters") or {}).get("message_id")
    return desk.post(chat, _fit(text, LONGEST_TEXT), answers=answered, parse_mode=content.get("parse_mode"))


def send_voice(desk: Desk, content: Mapping[str, Any]) -> Answer:
    """Post a voice message: OPUS in an OGG."""
    chat, sound = desk.chat(content.get("chat_id")), content.get("voice")
    if not isinstance(sound, bytes) or not sound.startswith(b"OggS"):
        raise No(400, "Bad Request: invalid file")
    caption = str(content.get("caption", ""))
    if len(caption) > LONGEST_CAPTION:
        raise No(400, "Bad Request: message caption is too long")
    return desk.post(chat, caption, sound=sound, duration=int(content.get("duration", 0)))


def edit_text(desk: Desk, content: Mapping[str, Any]) -> Answer:
    """Change the text of a message."""
    message = _editable(desk, content, "edit")
    if message.text == content["text"]:
        raise No(400, "Bad Request: message is not modified: specified new message content is the same")
    message.text, message.edited = _fit(str(content["text"]), LONGEST_TEXT), True
    return {"message_id": message.number}


def edit_caption(desk: Desk, content: Mapping[str, Any]) -> Answer:
    """Change what stands under a sound, which may be done for ever."""
    message = desk.chat(content["chat_id"]).messages.get(int(content["message_id"]))
    if message is None:
        raise No(400, "Bad Request: message to edit not found")
    message.text, message.edited = str(content["caption"]), True
    return {"message_id": message.number}


def delete(desk: Desk, content: Mapping[str, Any]) -> Answer:
    """Take a message away."""
    message = _editable(desk, content, "delete")
    del desk.chat(content["chat_id"]).messages[message.number]
    return {}


METHODS = {
    "getMe": get_me,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "sendMessage": send_message,
    "sendVoice": send_voice,
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "deleteMessage": delete,
}


def _fit(text: str, longest: int) -> str:
    if not text:
        raise No(400, "Bad Request: message text is empty")
    if len(text) > longest:
        raise No(400, "Bad Request: message is too long")
    return text


def _editable(desk: Desk, content: Mapping[str, Any], what: str) -> Message:
    chat = desk.chat(content["chat_id"])
    message = chat.messages.get(int(content["message_id"]))
    if message is None:
        raise No(400, f"Bad Request: message to {what} not found")
    if not chat.editable:
        raise No(400, f"Bad Request: message can't be {what}ed" if what == "edit" else f"Bad Request: can't {what}")
    return message


def stand_in(desk: Desk) -> FastAPI:
    """The application around one desk."""
    app = FastAPI(openapi_url=None)

    @app.post("/bot{token}/{method}")
    async def bot(token: str, method: str, request: Request) -> Response:
        content = await _content(request)
        return await run_in_threadpool(answer, desk, token, method, content)

    @app.get("/chat/{chat}")
    def shown(chat: int) -> HTMLResponse:
        lines = "".join(f"<p>{escape(each.text)}</p>" for each in desk.chats[chat].messages.values())
        return HTMLResponse(f"<h1>Máy giả lập, không phải Telegram</h1>{lines}")

    return app


async def _content(request: Request) -> dict[str, Any]:
    if request.headers["content-type"].startswith("application/json"):
        return dict(await request.json())
    async with request.form() as form:
        return {key: await each.read() if isinstance(each, UploadFile) else each for key, each in form.items()}


def answer(desk: Desk, token: str, method: str, content: Mapping[str, Any]) -> Response:
    """What Telegram says, also on a bad day."""
    desk.calls.append(method)
    behaviour = desk.behaviour.get(method, "answer")
    if behaviour == "hang":
        desk.leaving.wait(desk.hang_seconds)
    if behaviour == "page":
        return HTMLResponse("<html><title>Đăng nhập Wi-Fi</title></html>")
    if behaviour == "fault":
        return PlainTextResponse("Bad Gateway", status_code=502)
    try:
        if token != TOKEN:
            raise No(401, "Unauthorized")
        if method not in METHODS:
            raise No(404, "Not Found")
        said: Answer = {"ok": True, "result": METHODS[method](desk, content)}
    except No as no:
        return JSONResponse(no.answer, status_code=no.answer["error_code"])
    if behaviour == "take and drop":
        desk.leaving.wait(desk.hang_seconds)
    return JSONResponse(said)
