"""What the core asks the shell to do; the shell carries them out in the order given."""

from dataclasses import dataclass

from device_agent.ledger import Entry
from firmware_config.protocol import ClipRef, Event, Evidence, Klass, Millis, Played

NO_WORDS = "zxx"
"""ISO 639's language of what has no words."""


@dataclass(frozen=True, slots=True)
class FetchAnnouncement:
    """Get a signed announcement by its content key."""

    reference: str
    klass: Klass
    until: Millis


@dataclass(frozen=True, slots=True)
class FetchClip:
    """Get a clip's sound."""

    clip: ClipRef
    klass: Klass
    until: Millis


@dataclass(frozen=True, slots=True)
class ClipPart:
    """Play a stored clip."""

    language: str
    clip: ClipRef


@dataclass(frozen=True, slots=True)
class SpokenPart:
    """Let the board speak a text itself."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class TonePart:
    """Sound a plain tone, for a self-test."""

    ms: int
    language: str = NO_WORDS


Part = ClipPart | SpokenPart | TonePart


@dataclass(frozen=True, slots=True)
class Play:
    """Play parts one after the other; the first sample is heard at `at`, or as soon as possible after it."""

    airing: str
    attempt: int
    parts: tuple[Part, ...]
    volume: int
    at: Millis
    lead_ms: int
    tail_ms: int


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Fade out what plays and report it as cut."""

    airing: str
    fade_ms: int


@dataclass(frozen=True, slots=True)
class TurnDown:
    """From now on that airing is no louder than this, 0..100."""

    airing: str
    volume: int


@dataclass(frozen=True, slots=True)
class Save:
    """Put a ledger entry on disk, before any later effect."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Forget:
    """Remove a ledger entry whose time is long over."""

    airing: str


@dataclass(frozen=True, slots=True)
class LogPlay:
    """Put on disk from when to when an airing's attempt is heard."""

    airing: str
    attempt: int
    play: Played


@dataclass(frozen=True, slots=True)
class ForgetPlays:
    """Remove what ended before a moment from the log of plays."""

    before: Millis


@dataclass(frozen=True, slots=True)
class Record:
    """Put a receipt on disk and send it when possible."""

    event: Event
    airing: str | None = None
    announcement: str | None = None
    attempt: int = 0
    reason: str = ""
    evidence: Evidence | None = None
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class DropClip:
    """Remove a clip that the decoder cannot read."""

    sha256: str


@dataclass(frozen=True, slots=True)
class CloseRelay:
    """Feed the amplifier."""


@dataclass(frozen=True, slots=True)
class OpenRelay:
    """Let the amplifier sleep."""


@dataclass(frozen=True, slots=True)
class Report:
    """The state report has changed; send it soon, once."""


Effect = (
    FetchAnnouncement
    | FetchClip
    | Play
    | StopPlaying
    | TurnDown
    | Save
    | Forget
    | LogPlay
    | ForgetPlays
    | Record
    | DropClip
    | CloseRelay
    | OpenRelay
    | Report
)

__all__ = [
    "NO_WORDS",
    "ClipPart",
    "CloseRelay",
    "DropClip",
    "Effect",
    "FetchAnnouncement",
    "FetchClip",
    "Forget",
    "ForgetPlays",
    "LogPlay",
    "OpenRelay",
    "Part",
    "Play",
    "Record",
    "Report",
    "Save",
    "SpokenPart",
    "StopPlaying",
    "TonePart",
    "TurnDown",
]
