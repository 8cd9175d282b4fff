"""A stand-in at the transport for three providers at once, and what the members of their groups read there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import httpx

ZALO, TELEGRAM, HOOK = "https://zalo.example", "https://telegram.example", "https://hook.example"


class Mood(StrEnum):
    """How the providers answer."""

    TAKES = "takes"
    BUSY = "busy"
    REFUSES = "refuses"
    HANGS = "hangs"
    """It is taken, and the answer is lost."""


@dataclass
class Provider:
    """All groups, by the provider's address and the group's id."""

    mood: Mood = Mood.TAKES
    groups: dict[tuple[str, str], dict[int, str]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    def client(self) -> httpx.Client:
        """A client whose every request comes here."""
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def latest(self, address: str, group: str) -> str:
        """What stands last in a group; empty where nothing does."""
        return "".join(list(self.groups.get((address, group), {}).values())[-1:])

    def _answer(self, request: httpx.Request) -> httpx.Response:
        address = f"https://{request.url.host}"
        content = json.loads(request.content)
        if self.mood is Mood.BUSY:
            return httpx.Response(429, json={"ok": False, "error_code": 429, "description": "busy"})
        if self.mood is Mood.REFUSES:
            return httpx.Response(400, json={"ok": False, "error_code": 400, "description": "no"})
        number = self._take(address, content, request.url.path)
        if self.mood is Mood.HANGS:
            raise httpx.ReadTimeout("no answer", request=request)
        return httpx.Response(200, json={"ok": True, "result": {"message_id": number}})

    def _take(self, address: str, content: dict[str, object], path: str) -> int:
        texts = self.groups.setdefault((address, str(content.get("chat_id", ""))), {})
        number = content["message_id"] if path.endswith("/editMessageText") else next(self._numbers)
        assert isinstance(number, int)
        texts[number] = str(content["text"])
        return number
