"""What the links put into the mailboxes: messages from speakers, and news about a link itself."""

from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a speaker, exactly as the broker gave it."""

    topic: str
    payload: bytes
    kept: bool = False
    """The broker had it from before we asked."""


@dataclass(frozen=True, slots=True)
class Up:
    """The link stands anew, or its broker began again: whatever it retained may be gone."""

    link: str


@dataclass(frozen=True, slots=True)
class Down:
    """The link broke; nothing published on it and not yet acknowledged counts."""

    link: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The broker has taken the message `mid` of this link."""

    link: str
    mid: int


@dataclass(frozen=True, slots=True)
class Wake:
    """Something was committed that may need sending."""


News = Up | Down | Acknowledged | Wake


class Line(Protocol):
    """A connection to one broker, as those see it who send."""

    name: str

    @property
    def connected(self) -> bool:
        """Whether anything can be sent now."""

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> int | None:
        """Hand a message over; its number, to be seen again in Acknowledged, or None when not connected."""


class Mailbox:
    """Messages waiting to be read by one thread; bounded, because a speaker repeats what nobody confirmed."""

    def __init__(self, limit: int = 50_000) -> None:
        self._letters: SimpleQueue[Inbound] = SimpleQueue()
        self._limit = limit
        self.dropped = 0

    def put(self, letter: Inbound) -> None:
        """Add without ever waiting; beyond the limit the letter is dropped and counted."""
        if self._letters.qsize() >= self._limit:
            self.dropped += 1
        else:
            self._letters.put(letter)

    def take(self, most: int, seconds: float) -> list[Inbound]:
        """Up to `most` letters; waits at most `seconds` for the first."""
        letters: list[Inbound] = []
        try:
            letters.append(self._letters.get(timeout=seconds))
            while len(letters) < most:
                letters.append(self._letters.get_nowait())
        except Empty:
            pass
        return letters

    def __len__(self) -> int:
        return self._letters.qsize()
