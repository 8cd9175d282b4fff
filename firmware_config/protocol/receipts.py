"""What a speaker says about its deliveries: signed, numbered, and chained so that nothing can be taken out."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from firmware_config.protocol.codecs import (
    AtMost,
    Count,
    Ident,
    Language,
    Moment,
    Number,
    Reference,
    Sha256,
    Text,
)
from firmware_config.protocol.documents import ClockState, Document
from firmware_config.protocol.envelope import KeyRing, Role, unseal
from firmware_config.protocol.levels import MOST
from firmware_config.protocol.refusals import Refusal, Refused

GENESIS = "0" * 64
MAX_BATCH = 50
MOST_LATE_MS = 86_400_000
_Level = Annotated[int, Number(-20_000, 0)]


class Event(StrEnum):
    """What happened: the ladder of one airing, then what concerns the speaker as a whole."""

    STORED = "stored"
    ARMED = "armed"
    STARTED = "started"
    FINISHED = "finished"
    HEARD = "heard"
    PARTIAL = "partial"
    MISSED = "missed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    BOOTED = "booted"
    SELF_TEST = "self_test"
    GAP = "gap"


SPEAKER_EVENTS = frozenset({Event.BOOTED, Event.SELF_TEST, Event.GAP})
"""These, and the refusal of a whole manifest or command, are about no airing."""

_WITHOUT_AIRING = SPEAKER_EVENTS | {Event.REFUSED}


@dataclass(frozen=True, slots=True)
class Evidence(Document):
    """What was measured at the last stage: frames and milliseconds written, centi-dBFS RMS over speech, and peak.

    `proof` is "frames" (counted as written to the sound card) or "loop" (heard back by a microphone or a wire).
    `seconds` is written by `levels.write_levels`; `late_ms` is how long after its moment the first sample was heard;
    `loop` is the level of the code tone in the input, where it was found.
    """

    LATER: ClassVar[frozenset[str]] = frozenset({"seconds", "late_ms", "loop"})
    frames: Count
    ms: Count
    level: _Level
    peak: _Level
    proof: Annotated[Literal["frames", "loop"], Text(6, re.compile("frames|loop"))]
    languages: Annotated[tuple[Language, ...], AtMost(20)]
    seconds: Annotated[str, Text(MOST, re.compile("[A-Za-z0-9_-]*"))] = ""
    late_ms: Annotated[int, Number(-MOST_LATE_MS, MOST_LATE_MS)] = 0
    loop: _Level | None = None


@dataclass(frozen=True, slots=True)
class Receipt(Document):
    """One line of a speaker's ledger; `fallback` says that the board spoke the text itself."""

    seq: Annotated[int, Number(1)]
    boot: Ident
    airing: Ident | None
    announcement: Reference | None
    event: Event
    at: Moment
    clock: ClockState
    attempt: Annotated[int, Number(0, 1000)]
    reason: Annotated[str, Text(200)]
    evidence: Evidence | None
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class Batch(Document):
    """Up to 50 receipts in a row; `previous` is the chain's hash before the first."""

    TYPE: ClassVar[str] = "application/vnd.loa.receipts.v1+json"
    device: Ident
    previous: Sha256
    receipts: Annotated[tuple[Receipt, ...], AtMost(MAX_BATCH, 1)]


def next_hash(previous: str, receipt: Receipt) -> str:
    """The chain's hash (hex) after `receipt`; the first `previous` is `GENESIS`."""
    return hashlib.sha256(previous.encode("ascii") + receipt.to_bytes()).hexdigest()


def verify_chain(batch: Batch) -> list[str]:
    """The chain's hash after each receipt of the batch, for the next batch's `previous` to be compared with."""
    hashes = []
    previous = batch.previous
    for receipt in batch.receipts:
        previous = next_hash(previous, receipt)
        hashes.append(previous)
    return hashes


def accept_batch(raw: bytes, *, device: str, keys: KeyRing) -> Batch:
    """The batch, if `device` signed it with its own key (whose keyid is the device id). Raises `Refused`."""
    own = KeyRing({keyid: key for keyid, key in keys.keys.items() if keyid == device})
    body = unseal(raw, payload_type=Batch.TYPE, role=Role.SPEAKER, keys=own, now=None)
    found = Batch.from_bytes(body)
    if found.device != device:
        raise Refused(Refusal.NOT_FOR_ME, "receipts of another speaker")
    first = found.receipts[0].seq
    if any(one.seq != first + at for at, one in enumerate(found.receipts)):
        raise Refused(Refusal.POLICY, "receipts not numbered in a row")
    if any(one.airing is None and one.event not in _WITHOUT_AIRING for one in found.receipts):
        raise Refused(Refusal.POLICY, "a step of an airing that names none")
    return found
