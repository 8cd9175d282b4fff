"""What the shell tells the core."""

from dataclasses import dataclass

from device_agent.effects import LogPlay, Record
from device_agent.ledger import Entry
from firmware_config.protocol import ClockState, Evidence, Item, Manifest, SignedAnnouncement


@dataclass(frozen=True, slots=True)
class Booted:
    """The journal as it was found; nothing plays. `news` is put on record before anything else."""

    ledger: tuple[Entry, ...]
    manifest: Manifest | None
    announcements: dict[str, SignedAnnouncement]
    clips: frozenset[str]
    news: tuple[Record, ...] = ()
    plays: tuple[LogPlay, ...] = ()


@dataclass(frozen=True, slots=True)
class ManifestAccepted:
    """A newer manifest, verified and on disk."""

    manifest: Manifest


@dataclass(frozen=True, slots=True)
class AnnouncementStored:
    """A signed announcement, verified and on disk."""

    reference: str
    announcement: SignedAnnouncement


@dataclass(frozen=True, slots=True)
class AnnouncementRefused:
    """The signed announcement was fetched and is not acceptable."""

    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class ClipStored:
    """A clip is whole, checked and on disk."""

    sha256: str


@dataclass(frozen=True, slots=True)
class ClipFailed:
    """A clip cannot be had."""

    sha256: str


@dataclass(frozen=True, slots=True)
class LivePlay:
    """A signed live command to play; its freshness is proved."""

    item: Item


@dataclass(frozen=True, slots=True)
class Stop:
    """A signed live command to stop one airing, or all that plays or should have begun."""

    airing: str | None


@dataclass(frozen=True, slots=True)
class VolumeCapped:
    """A signed live command: nothing louder until the next manifest."""

    volume: int


@dataclass(frozen=True, slots=True)
class Sounding:
    """The first sample of an airing was written."""

    airing: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The last sample of an airing was written."""

    airing: str
    attempt: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Cut:
    """An airing ended before its last sample; `reason` is empty when the core asked for it."""

    airing: str
    attempt: int
    evidence: Evidence | None
    reason: str


@dataclass(frozen=True, slots=True)
class ClockChanged:
    """The clock is worth more, or less, than before."""

    clock: ClockState


@dataclass(frozen=True, slots=True)
class DataMoved:
    """So many bytes went over the network since this month began."""

    bytes: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """The process is about to end."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Incoming = (
    Booted
    | ManifestAccepted
    | AnnouncementStored
    | AnnouncementRefused
    | ClipStored
    | ClipFailed
    | LivePlay
    | Stop
    | VolumeCapped
    | Sounding
    | Finished
    | Cut
    | ClockChanged
    | DataMoved
    | Leaving
    | Tick
)
