"""What a speaker says about itself, unsigned: hints for the board, never evidence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, ClassVar, Self

from firmware_config.protocol.codecs import AtMost, Count, Ident, Nonce, Number, Sha256, Text
from firmware_config.protocol.documents import ClockState, Document
from firmware_config.protocol.manifest import Have
from firmware_config.protocol.strict_json import JsonValue

_LIMIT = 16_384
_Problem = Annotated[str, Text(60, re.compile(r"[a-z0-9_]{1,60}"))]


def _open(kind: type, value: JsonValue, usual: Mapping[str, JsonValue]) -> JsonValue:
    """What is missing takes its usual value, what is unknown is passed over: other versions wrote it too."""
    if not isinstance(value, dict):
        return value
    ours = {one.name for one in fields(kind)}
    return {**usual, **{name: one for name, one in value.items() if name in ours}}


@dataclass(frozen=True, slots=True)
class Health(Document):
    """How a board is; a figure that its hardware cannot tell is None, and does not travel."""

    centigrade: Annotated[int, Number(-100, 300)] | None = None
    """The hottest sensor."""
    under_voltage: bool | None = None
    """Now."""
    under_voltage_seen: bool | None = None
    """Since the board was switched on."""
    free_disk_mb: Count | None = None
    worn_percent: Annotated[int, Number(0, 110)] | None = None
    """Of its life, as the memory card itself estimates it; above 100 it is beyond what it was made for."""
    disk_errors: Count | None = None
    """Errors the file system has counted."""
    read_only: bool | None = None
    """The kernel has stopped writing to the disk with our data."""
    free_memory_mb: Count | None = None
    clock_offset_ms: Annotated[int, Number(-(2**52), 2**52)] | None = None
    """The board's own clock less the signed time."""
    signal_percent: Annotated[int, Number(0, 100)] | None = None
    amplifier: bool | None = None
    """Whether its relay is closed."""
    bytes_month: Count | None = None
    """What its line has carried in this calendar month."""

    def to_json(self) -> dict[str, JsonValue]:
        """The figures that are known."""
        return {name: one for name, one in super(Health, self).to_json().items() if one is not None}

    @classmethod
    def from_json(cls, value: JsonValue) -> Self:
        """The figures; one of another type raises `Refused(FIELDS)`."""
        return super(Health, cls).from_json(_open(cls, value, dict.fromkeys(FIGURES)))


FIGURES = tuple(one.name for one in fields(Health))


@dataclass(frozen=True, slots=True)
class State(Document):
    """How a speaker is: the manifest it holds, its clock, cache, volume, build, and the head of its receipts."""

    TYPE: ClassVar[str] = "application/vnd.loa.state.v1+json"
    LIMIT: ClassVar[int] = _LIMIT
    device: Ident
    epoch: Count
    version: Count
    sha256: Annotated[str, Text(64, re.compile(r"([0-9a-f]{64})?"))]
    clock: ClockState
    cache_bytes: Count
    volume: Annotated[int, Number(0, 100)]
    agent: Annotated[str, Text(60)]
    head_seq: Count
    head_hash: Sha256
    boot: Ident
    problems: Annotated[tuple[_Problem, ...], AtMost(30)]
    health: Health = Health()

    @classmethod
    def from_json(cls, value: JsonValue) -> Self:
        """The state, of an older or a newer agent too; a field of another type raises `Refused(FIELDS)`."""
        return super(State, cls).from_json(_open(cls, value, {"health": {}}))


@dataclass(frozen=True, slots=True)
class ResyncRequest(Document):
    """First act after every connect, then every five minutes: what I hold, my clock, and a nonce to echo."""

    TYPE: ClassVar[str] = "application/vnd.loa.resync.v1+json"
    LIMIT: ClassVar[int] = _LIMIT
    device: Ident
    have: Have | None
    nonce: Nonce
    clock_ms: Annotated[int, Number()]
    boot: Ident


@dataclass(frozen=True, slots=True)
class Presence(Document):
    """Birth (`online`) and last will (not)."""

    TYPE: ClassVar[str] = "application/vnd.loa.presence.v1+json"
    LIMIT: ClassVar[int] = _LIMIT
    online: bool
    boot: Ident
