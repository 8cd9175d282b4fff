"""What the director key says: this speaker, these announcements, at these times."""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, TypeAlias

from firmware_config.protocol import rules_of_the_air
from firmware_config.protocol.codecs import (
    LAST_MOMENT,
    AtMost,
    Count,
    Ident,
    Language,
    Millis,
    Moment,
    Number,
    PerMember,
    Reference,
    Sha256,
    Text,
)
from firmware_config.protocol.documents import Document, Klass
from firmware_config.protocol.envelope import KeyRing, Role, unseal_any
from firmware_config.protocol.refusals import Refusal, Refused
from firmware_config.protocol.rules_of_the_air import Exempt, Rules
from firmware_config.protocol.strict_json import SIZE_LIMIT

HOUR: Millis = 3_600_000
MAX_WINDOW = 48 * HOUR
DAY = 24 * HOUR
MAX_HORIZON = 36 * DAY + 8 * HOUR
"""35 days ahead, the rest of the day on which they were counted, and a night's delay."""
LIVE_HORIZON = 80 * HOUR
MAX_VALIDITY = 42 * DAY
MAX_ITEMS = 500
"""Fourteen airings a day for 35 days; about as many as `SIZE_LIMIT` has room for."""
MAX_STARTS = 6
MAX_SILENCE_MS = 10_000
MAX_STAGGER_MS = 10_000

Volumes: TypeAlias = Annotated[dict[Klass, int], PerMember(Klass, Number())]
_Broker = Annotated[str, Text(260, re.compile(r"[A-Za-z0-9.\-]{1,253}:[1-9][0-9]{0,4}"))]
SILENT = "silent"
# By name alone: ALSA's other plug-ins may write files and start programs.
SINK = re.compile(rf"({SILENT}|aplay:(default|sysdefault|hw|plughw|dmix)(:[A-Za-z0-9_=,]{{1,60}})?)?")
_Sink = Annotated[str, Text(80, SINK)]
_Url = Annotated[str, Text(300, re.compile(r"https?://[A-Za-z0-9.\-]{1,253}(:[1-9][0-9]{0,4})?(/[!-~]*)?"))]


@dataclass(frozen=True, slots=True)
class Item(Document):
    """One airing on this speaker: to begin at `start`, at the latest `latest_start`, never after `expires`.

    In `standby` it is fetched and kept ready, and begins only when a later word on the same airing calls it up.
    """

    airing: Ident
    announcement: Reference
    start: Moment
    latest_start: Moment
    expires: Moment
    klass: Klass
    max_starts: Count
    volume: Count
    languages: Annotated[tuple[Language, ...], AtMost(20)]
    order: Count
    standby: bool = False


@dataclass(frozen=True, slots=True)
class Places(Document):
    """Where the speaker stands: its unit with all units above it, and its groups."""

    units: Annotated[tuple[Ident, ...], AtMost(30)]
    groups: Annotated[tuple[Ident, ...], AtMost(200)]


@dataclass(frozen=True, slots=True)
class Weekly(Document):
    """When the speaker examines itself: a weekday (0 = Monday) and a minute of that day, by its unit's wall clock."""

    day: Annotated[int, Number(0, 6)]
    minute: Annotated[int, Number(0, 1439)]
    silent: bool


@dataclass(frozen=True, slots=True)
class Have(Document):
    """What a speaker holds: `sha256` (hex) is that of the envelope's bytes."""

    epoch: Count
    version: Count
    sha256: Sha256


@dataclass(frozen=True, slots=True)
class Manifest(Document):
    """All that one speaker should do for the next days, usually three, and the terms it works under."""

    TYPE: ClassVar[str] = "application/vnd.loa.manifest.v1+json"
    LATER: ClassVar[frozenset[str]] = frozenset({"sink", "month_bytes", "weekly", "through"})
    device: Ident
    epoch: Count
    version: Count
    issued: Moment
    valid_until: Moment
    receipts_through: Count
    items: Annotated[tuple[Item, ...], AtMost(4000)]
    cancelled: Annotated[tuple[Ident, ...], AtMost(4000)]
    places: Places
    rules: Annotated[tuple[Rules, ...], AtMost(100, 1)]
    """The chain of units, each with its dated sets."""
    volume_max: Count
    volumes: Volumes
    lead_ms: Count
    tail_ms: Count
    keys_version: Count
    brokers: Annotated[tuple[_Broker, ...], AtMost(10)]
    urls: Annotated[tuple[_Url, ...], AtMost(10)]
    exempt: Annotated[tuple[Exempt, ...], AtMost(100)] = ()
    stagger_ms: Count = 0
    """Added to every start, so that neighbours' sound arrives together."""
    sink: _Sink = ""
    """Where sound goes; empty = as the speaker's own settings say."""
    month_bytes: Count = 0
    """How much its line may carry in a calendar month before what is not urgent waits; 0 = any amount."""
    weekly: Weekly | None = None
    through: Moment = LAST_MOMENT
    """Whatever begins before this moment is among the items; what was told earlier to begin later still holds."""


@dataclass(frozen=True, slots=True)
class Pointer(Document):
    """In place of a manifest too large for the broker: fetch these bytes over HTTPS."""

    TYPE: ClassVar[str] = "application/vnd.loa.pointer.v1+json"
    device: Ident
    epoch: Count
    version: Count
    sha256: Sha256
    size: Count


def accept_manifest(raw: bytes, *, me: str, keys: KeyRing, have: Have | None, now: Millis | None) -> Manifest | Pointer:
    """The manifest or pointer, checked in the written order; `now=None` leaves the dates unjudged. Raises `Refused`."""
    kind, body = unseal_any(
        raw, payload_types=(Manifest.TYPE, Pointer.TYPE), roles=(Role.DIRECTOR,), keys=keys, now=now
    )
    found = Manifest.from_bytes(body) if kind == Manifest.TYPE else Pointer.from_bytes(body)
    if found.device != me:
        raise Refused(Refusal.NOT_FOR_ME, "made for another speaker")
    digest = found.sha256 if isinstance(found, Pointer) else hashlib.sha256(raw).hexdigest()
    if have is not None:
        _check_newer(found, digest, have)
    if isinstance(found, Pointer):
        if not 0 < found.size <= SIZE_LIMIT:
            raise Refused(Refusal.POLICY, "points at too many bytes")
        return found
    if now is not None and now >= found.valid_until:
        raise Refused(Refusal.EXPIRED, "this manifest has ended")
    _check_policy(found)
    return found


def check_item(item: Item, issued: Millis, horizon: Millis = LIVE_HORIZON) -> None:
    """Raises `Refused(POLICY)` for an item that no speaker should play."""
    if item.start > issued + horizon:
        raise Refused(Refusal.POLICY, f"begins beyond {horizon // HOUR} hours")
    if not item.start <= item.latest_start <= item.expires:
        raise Refused(Refusal.POLICY, "start, latest start and end out of order")
    if item.expires - item.start > MAX_WINDOW:
        raise Refused(Refusal.POLICY, "window longer than 48 hours")
    if not 1 <= item.max_starts <= MAX_STARTS:
        raise Refused(Refusal.POLICY, f"1 to {MAX_STARTS} starts expected")
    if item.volume > 100:
        raise Refused(Refusal.POLICY, "volume above 100")


def _check_newer(found: Manifest | Pointer, digest: str, have: Have) -> None:
    offered, held = (found.epoch, found.version), (have.epoch, have.version)
    if offered < held:
        raise Refused(Refusal.OLDER, f"{offered}, here {held}")
    if offered == held and digest != have.sha256:
        raise Refused(Refusal.CONFLICT, f"two manifests numbered {held}")


def _check_policy(found: Manifest) -> None:
    if not found.issued < found.valid_until <= found.issued + MAX_VALIDITY:
        raise Refused(Refusal.POLICY, "valid for at most 42 days")
    if len(found.items) > MAX_ITEMS:
        raise Refused(Refusal.POLICY, f"more than {MAX_ITEMS} items")
    if len({one.airing for one in found.items}) != len(found.items):
        raise Refused(Refusal.POLICY, "one airing twice")
    for item in found.items:
        check_item(item, found.issued, MAX_HORIZON)
    if max(found.volume_max, *found.volumes.values()) > 100:
        raise Refused(Refusal.POLICY, "volume above 100")
    if max(found.lead_ms, found.tail_ms) > MAX_SILENCE_MS:
        raise Refused(Refusal.POLICY, "silence longer than 10 s")
    if found.stagger_ms > MAX_STAGGER_MS:
        raise Refused(Refusal.POLICY, "staggered by more than 10 s")
    rules_of_the_air.check_chain(found.rules)
    for exempt in found.exempt:
        rules_of_the_air.check_exempt(exempt)
