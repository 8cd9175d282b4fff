"""What a power cut left of a speaker's folder, against what the speaker had said before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from device_agent import core
from device_agent.boot import CannotStart, Parts, assemble
from device_agent.effects import Effect, Play
from device_agent.events import ClockChanged
from device_agent.journal import JournalFailed
from device_agent.mail import Mailbox
from device_agent.settings import Settings
from firmware_config.protocol import Batch, ClockState, Event, Receipt, verify_chain

ENDS = frozenset({Event.FINISHED, Event.HEARD, Event.PARTIAL, Event.MISSED, Event.REFUSED, Event.CANCELLED})


@dataclass(frozen=True, slots=True)
class Told:
    """What had left the speaker before the cut."""

    receipts: Sequence[Receipt]
    version: int
    """Of the newest manifest it acknowledged."""
    clips: frozenset[str] = frozenset()
    """What it said to have stored, and still needs."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong with one image, by kind; empty when all is well."""

    unopened: str = ""
    lost_rows: int = 0
    lost_manifest: bool = False
    lost_clips: int = 0
    torn_clips: int = 0
    inconsistent: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return self == Found()


def examine(settings: Settings, told: Told, now: int) -> Found:
    """A fresh agent opens the folder (`settings.data`), which is judged; its threads are not started."""
    try:
        parts = assemble(settings, Mailbox())
    except (JournalFailed, CannotStart) as failure:
        return Found(unopened=str(failure))
    try:
        if "lost" in parts.problems:
            return Found(unopened="the journal was set aside")
        return _judged(parts, settings.data / "clips", told, now)
    finally:
        parts.journal.close()
        parts.lock.close()


def _judged(parts: Parts, folder: Path, told: Told, now: int) -> Found:
    kept = kept_receipts(parts)
    through = parts.journal.confirmed()
    manifest = parts.booted.manifest
    return Found(
        lost_rows=len(lost_rows(told.receipts, kept, through)),
        lost_manifest=(manifest.version if manifest else 0) < told.version,
        lost_clips=len(told.clips - parts.booted.clips),
        torn_clips=sum(hashlib.sha256(one.read_bytes()).hexdigest() != one.stem for one in folder.glob("*.ogg")),
        inconsistent=(*_chain(parts, kept), *_ledger(parts, kept, told), *_plays(parts, told, now)),
    )


def kept_receipts(parts: Parts) -> dict[int, Receipt]:
    """Every receipt on the disk that nobody confirmed, by number."""
    found: dict[int, Receipt] = {}
    after = 0
    while (pending := parts.journal.pending(after, 500)) is not None:
        found |= {one.seq: one for one in pending.receipts}
        after = pending.receipts[-1].seq
    return found


def lost_rows(told: Sequence[Receipt], kept: dict[int, Receipt], through: int) -> list[Receipt]:
    """Receipts that were told, not confirmed, and are not on the disk as they were told."""
    return [one for one in told if one.seq > through and kept.get(one.seq) != one]


def _chain(parts: Parts, kept: dict[int, Receipt]) -> Iterator[str]:
    pending = parts.journal.pending(0, len(kept) or 1)
    if pending is None:
        return
    head = parts.journal.head()
    hashes = verify_chain(Batch("loa", pending.previous, pending.receipts))
    if (pending.receipts[-1].seq, hashes[-1]) != (head.seq, head.hash):
        yield "the chain's head is not its last receipt"


def _ledger(parts: Parts, kept: dict[int, Receipt], told: Told) -> Iterator[str]:
    entries = {entry.airing: entry for entry in parts.booted.ledger}
    for one in (*told.receipts, *kept.values()):
        entry = entries.get(one.airing or "")
        if entry is None:
            continue
        if one.event in ENDS and not entry.over:
            yield f"{one.airing} ended by receipt {one.seq} and is {entry.stage} in the ledger"
        if one.event is Event.STARTED and entry.starts < one.attempt:
            yield f"{one.airing} started {one.attempt} times by receipt {one.seq}, {entry.starts} in the ledger"


def _plays(parts: Parts, told: Told, now: int) -> Iterator[str]:
    """What the agent would do with it now, and what after everything has expired."""
    ended = {one.airing for one in told.receipts if one.event in ENDS}
    allowed = {entry.airing: entry.item.max_starts for entry in parts.booted.ledger}
    for play in _boot(parts, now):
        if play.airing in ended:
            yield f"{play.airing} would play although it has ended"
        if play.attempt > allowed.get(play.airing, play.attempt):
            yield f"{play.airing} would start for the {play.attempt}th time"
    latest = max((entry.item.expires for entry in parts.booted.ledger), default=now)
    yield from (f"{play.airing} would play after it has expired" for play in _boot(parts, latest + 1))


def _boot(parts: Parts, now: int) -> list[Play]:
    state, effects = parts.state, list[Effect]()
    for event in (ClockChanged(ClockState.TRUSTED), replace(parts.booted, news=())):
        state, more = core.step(state, event, now)
        effects += more
    return [effect for effect in effects if isinstance(effect, Play)]
