"""The ways on which announcements, clips and receipts travel beside MQTT: all speak the device API's language."""

import http.client
from dataclasses import dataclass
from typing import Protocol


class PathDown(Exception):
    """Nobody answers on this path."""


class NotServed(Exception):
    """The other side answered with a refusal; `status` is HTTP's."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """A small answer, read whole."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


class Reply(Protocol):
    """An answer still to be read; what breaks off raises OSError or HTTPException."""

    status: int

    def read1(self, amount: int = -1, /) -> bytes:
        """What is there already, up to `amount` bytes; empty at the end."""

    def read(self, amount: int | None = None, /) -> bytes:
        """Up to `amount` bytes, waiting for them."""


class Path(Protocol):
    """One way to ask for what the device API serves; used by one thread."""

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One small question; raises PathDown, NotServed."""

    def open(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """Ask and leave the body to be read by the caller; raises PathDown, NotServed."""

    def use(self, urls: tuple[str, ...]) -> None:
        """Take another list of addresses from now on, where a path has any."""

    def close(self) -> None:
        """Let a kept connection go."""


BROKEN = (OSError, http.client.HTTPException)
"""What reading a reply may raise."""
