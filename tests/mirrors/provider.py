"""A stand-in at the transport for many providers at once, and what the members of their groups read there."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx

ZALO, TELEGRAM, HOOK = "https://zalo.example", "https://telegram.example", "https://hook.example"
FACEBOOK, ACCOUNT, MATRIX = "https://facebook.example", "https://account.example", "https://matrix.example"
Answer = dict[str, Any]


class Mood(StrEnum):
    """How the providers answer."""

    TAKES = "takes"
    BUSY = "busy"
    REFUSES = "refuses"
    HANGS = "hangs"
    """It is taken, and the answer is lost."""


@dataclass
class Provider:
    """All groups, one at each provider's address: what stands there by the number it got."""

    mood: Mood = Mood.TAKES
    groups: dict[str, dict[int, str]] = field(default_factory=dict)
    transactions: dict[str, int] = field(default_factory=dict)
    """Of Matrix: what was taken once is not taken again."""
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def client(self) -> httpx.Client:
        """A client whose every request comes here."""
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def latest(self, address: str) -> str:
        """What stands last in a group; empty where nothing does."""
        return "".join(list(self.groups.get(address, {}).values())[-1:])

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.mood is Mood.BUSY:
            return httpx.Response(429, json={"ok": False, "error_code": 429, "description": "busy"})
        if self.mood is Mood.REFUSES:
            return httpx.Response(400, json={"ok": False, "error_code": 400, "description": "no"})
        speaks: dict[str, Callable[[httpx.Request, str], Answer | None]] = {
            FACEBOOK: self._facebook,
            ACCOUNT: self._account,
            MATRIX: self._matrix,
        }
        address = f"https://{request.url.host}"
        answer = speaks.get(address, self._bot)(request, address)
        if self.mood is Mood.HANGS:
            raise httpx.ReadTimeout("no answer", request=request)
        if answer is None:
            return httpx.Response(404, json={"errcode": "M_NOT_FOUND", "error": "not found"})
        return httpx.Response(200, json=answer)

    def _write(self, address: str, text: str, number: int | None = None) -> int:
        written = next(self._numbers) if number is None else number
        self.groups.setdefault(address, {})[written] = text
        return written

    def _bot(self, request: httpx.Request, address: str) -> Answer:
        content = json.loads(request.content)
        old = content["message_id"] if request.url.path.endswith("/editMessageText") else None
        return {"ok": True, "result": {"message_id": self._write(address, content["text"], old)}}

    def _account(self, request: httpx.Request, address: str) -> Answer:
        number = self._write(address, json.loads(request.content)["message"]["text"])
        return {"error": 0, "data": {"message_id": str(number)}}

    def _facebook(self, request: httpx.Request, address: str) -> Answer:
        words = dict(parse_qsl(request.content.decode()))["message"]
        name = request.url.path.strip("/")
        if name.endswith("/feed"):
            return {"id": f"1_{self._write(address, words)}"}
        self._write(address, words, int(name.partition("_")[2]))
        return {"success": True}

    def _matrix(self, request: httpx.Request, address: str) -> Answer | None:
        name = unquote(request.url.path.rpartition("/")[2])
        if request.method == "GET":
            there = {f"${number}": text for number, text in self.groups.get(address, {}).items()}
            return {"content": {"body": there[name]}} if name in there else None
        content = json.loads(request.content)
        if name not in self.transactions:
            of = content.get("m.relates_to", {}).get("event_id", "")
            new = content.get("m.new_content", content)["body"]
            self.transactions[name] = self._write(address, new, int(of.removeprefix("$")) if of else None)
        return {"event_id": f"${self.transactions[name]}"}
