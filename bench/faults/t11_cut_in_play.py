"""T11: the power fails in the middle of playing, once to six times; each time the disk is what it would be."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.ground.disks import image, mounted, new_disk, still
from bench.faults.ground.village import Village, village
from bench.faults.stage import must, until
from firmware_config.protocol import Event, Klass

CUTS, MOST_STARTS = range(1, 7), range(1, 4)
PLAYS_S = 2.5
ENDS = (Event.HEARD, Event.PARTIAL, Event.MISSED, Event.CANCELLED, Event.REFUSED)


@dataclass(frozen=True, slots=True)
class Life:
    """One airing's life, cut so many times."""

    cuts: int
    max_starts: int
    klass: Klass
    starts: int
    finished: int
    end: str

    @property
    def well(self) -> bool:
        """Heard once, or `partial` because a cut took every start it had."""
        if self.end == Event.PARTIAL:
            return self.finished == 0 and self.starts == self.max_starts <= self.cuts
        return self.end == Event.HEARD and self.finished == 1 and self.starts <= self.max_starts


def run(scale: Scale) -> Outcome:
    """Every number of cuts with every number of starts allowed, as often as the share says."""
    with ExitStack() as stack:
        place = stack.enter_context(village(scale.folder, lengths_s=(PLAYS_S,)))
        chance = random.Random(scale.seed)
        lives = [
            _life(place, scale.folder, chance, cuts, starts)
            for _ in range(scale.of(6))
            for cuts in CUTS
            for starts in MOST_STARTS
        ]
    ill = [life for life in lives if not life.well]
    figure = (
        f"{len(lives)} airings, cut {sum(life.cuts for life in lives)} times: {len(ill)} not as they should be, "
        f"{sum(life.starts > life.max_starts for life in lives)} started too often, "
        f"{sum(life.finished > 1 for life in lives)} finished twice, "
        f"{sum(life.end == Event.PARTIAL for life in lives)} partial, "
        f"{sum(life.end == Event.HEARD for life in lives)} heard; "
        f"{place.station.broken_chains} broken chains"
    )
    return Outcome(not ill and place.station.broken_chains == 0, figure, "\n".join(map(str, ill[:5])))


def _life(place: Village, folder: Path, chance: random.Random, cuts: int, max_starts: int) -> Life:
    progress(f"T11 {cuts} cuts, {max_starts} starts allowed")
    klass = chance.choice((Klass.NORMAL, Klass.EMERGENCY))
    disk, airing = folder / "disk", ""
    if not disk.exists():
        new_disk(disk, 24)
    for cut in range(cuts):
        with mounted(disk, place.data), _running(place):
            airing = airing or place.say(klass, max_starts=max_starts)
            _wait(place, airing, cut + 1, into_s=chance.uniform(0.0, PLAYS_S - 0.8))
            _cut(place, disk)
        disk.with_name("after").rename(disk)
    with mounted(disk, place.data), _running(place):
        until(lambda: place.has(airing, *ENDS), 30.0)
        # Long enough for a sound that should not be.
        time.sleep(1.0)
        found = place.station.events(airing)
    end = next((one for one in reversed(found) if one in ENDS), "open")
    return Life(cuts, max_starts, klass, found.count(Event.STARTED), found.count(Event.FINISHED), end)


def _wait(place: Village, airing: str, attempt: int, *, into_s: float) -> None:
    """Into the middle of this attempt, unless all is over."""
    until(lambda: _sounds(place, airing, attempt) or place.has(airing, *ENDS), 20.0)
    time.sleep(into_s)


def _sounds(place: Village, airing: str, attempt: int) -> bool:
    # Its log and not its receipt: that may still wait for company when the sound is over.
    return f"action=sounding airing={airing} attempt={attempt} " in place.log


def _cut(place: Village, disk: Path) -> None:
    os.kill(place.child.pid, signal.SIGSTOP)
    try:
        still(place.child.pid)
        image(disk, disk.with_name("after"))
    finally:
        place.child.cut_power()


@contextmanager
def _running(place: Village) -> Iterator[None]:
    before = len(place.side.resyncs)
    place.child.start()
    try:
        must("the speaker is linked", lambda: len(place.side.resyncs) > before)
        yield
    finally:
        if place.child.running:
            place.child.cut_power()


FAULT = Fault(
    number="T11",
    title="Power cut in the middle of playing, one to six times",
    criterion="starts ≤ max_starts, finished ≤ 1; heard, or partial when every start was taken by a cut",
    run=run,
    needs=frozenset({"root", "loop"}),
)
