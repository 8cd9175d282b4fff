"""What lands in the agent's one mailbox; every thread may put, only the agent takes."""

import queue
from collections.abc import Callable
from dataclasses import dataclass

from device_agent.events import Incoming


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Connected to a broker and subscribed."""

    broker: str


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The connection to the broker ended, or could not be made."""

    reason: str


@dataclass(frozen=True, slots=True)
class ManifestCame:
    """Bytes that claim to be a manifest or a pointer to one; `ack` is called when they are on disk or refused."""

    raw: bytes
    ack: Callable[[], None]


@dataclass(frozen=True, slots=True)
class LiveCame:
    """Bytes that claim to be a live command."""

    raw: bytes
    ack: Callable[[], None]


@dataclass(frozen=True, slots=True)
class AnnouncementCame:
    """Bytes that claim to be the announcement of that reference."""

    reference: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class KeysCame:
    """Bytes that claim to be the key set."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The broadcaster holds all receipts up to a number."""

    through: int


@dataclass(frozen=True, slots=True)
class PathFailed:
    """The HTTPS path did not work; `code` is the problem to report, empty when it works again."""

    code: str


@dataclass(frozen=True, slots=True)
class Heard:
    """An event for the core, made at the edge."""

    event: Incoming


@dataclass(frozen=True, slots=True)
class SinkState:
    """The sound card takes frames again, or does not."""

    problem: str


@dataclass(frozen=True, slots=True)
class RelayState:
    """The amplifier's relay can be switched again, or cannot."""

    problem: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The process was asked to end."""


Mail = (
    LinkUp
    | LinkDown
    | ManifestCame
    | LiveCame
    | AnnouncementCame
    | KeysCame
    | Confirmed
    | PathFailed
    | Heard
    | SinkState
    | RelayState
    | Leave
)
Mailbox = queue.SimpleQueue[Mail]


def no_ack() -> None:
    """For what nobody waits to see acknowledged."""
