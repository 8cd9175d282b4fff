"""What every channel promises, and what it is given to keep its promise."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self, runtime_checkable

import httpx

from broadcaster.domain.mirror import Copy, CopyState, Outcome
from broadcaster.services.outlets.trying import Found, Setting, Tried


class NoToken(Exception):
    """There is no token, and only a person can bring a new one; says why in one sentence."""


class NotNow(Exception):
    """There is no token at this moment, and there may be one later; says why in one sentence."""

    def __init__(self, why: str, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(why)


class Tokens(Protocol):
    """The tokens of accounts that several channels share."""

    def token(self, account: str, *, refused: str = "") -> str:
        """One to use for one call now; another than `refused`, which the provider did not take.

        Raises NoToken, NotNow.
        """


@dataclass(frozen=True, slots=True)
class Reader:
    """One address of a list."""

    id: str
    address: str
    leave: str
    """The address with which they leave it."""
    again: bool = False
    """An earlier attempt may have reached them."""


class Readers(Protocol):
    """Lists of readers, and which of them a copy was sent to."""

    def waiting(self, channel: str, copy: str) -> Sequence[Reader]:
        """Those of the list who are still to be sent this copy."""

    def sent(self, copy: str, reader: str, outcome: Outcome) -> None:
        """Write down what came of one; unknown before it goes out, and what is known afterwards."""

    def results(self, copy: str) -> Mapping[CopyState, int]:
        """What came of a copy so far, and how many times."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a channel may use."""

    client: httpx.Client
    """Guarded; see outgoing.py."""
    sound: Callable[[str], bytes]
    """The Ogg Opus of a clip by its hash. Raises OSError."""
    tokens: Tokens
    readers: Readers
    private: bool = False
    """Whether this machine and its network may be called: for stand-ins."""


class Channel(Protocol):
    """One kind of place that takes copies; slow, and used by one thread at a time."""

    kind: ClassVar[str]
    label: ClassVar[str]
    settings: ClassVar[Sequence[Setting]]
    per_minute: ClassVar[int]
    """How many copies one channel sends in a minute unless its owner says otherwise."""

    @classmethod
    def build(cls, settings: Mapping[str, str], means: Means) -> Self:
        """The channel with complete settings; raises ValueError with one sentence when one makes no sense."""

    def send(self, copy: Copy) -> Outcome:
        """Post the copy once; whatever the other side does becomes an Outcome, never an exception."""

    def test(self) -> Tried:
        """Ask the other side whether it would take a copy, without showing residents anything."""


@runtime_checkable
class Listening(Protocol):
    """A channel that can tell in which chats somebody wrote to it."""

    def chats(self) -> Found:
        """Those of the last while; takes some seconds, and whatever happens is found or a problem."""
