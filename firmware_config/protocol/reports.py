"""What a speaker says about itself, unsigned: hints for the board, never evidence."""

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar

from firmware_config.protocol.codecs import AtMost, Count, Ident, Nonce, Number, Sha256, Text
from firmware_config.protocol.documents import ClockState, Document
from firmware_config.protocol.manifest import Have

_LIMIT = 16_384
_Problem = Annotated[str, Text(60, re.compile(r"[a-z0-9_]{1,60}"))]


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
