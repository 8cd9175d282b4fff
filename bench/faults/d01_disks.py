"""A disk that is full and one that has become read-only, for real, while the speaker works."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.ground.disks import break_down, mend, mounted, new_disk, remount
from bench.faults.ground.village import Village, village
from bench.faults.stage import must, until
from device_agent.problems import Problem
from firmware_config.protocol import Event, Klass

DISK_MB = 24
PLAYS_S = 2.0
WATCHED_S = 15.0
MOST_CPU = 0.5
"""Of a core, while nothing can be written: no loop that spins."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Seen:
    """What was seen, and what of it should not be."""

    wrong: list[str] = field(default_factory=list)
    alarm_s: float = 0.0
    emergency_s: float = 0.0
    emergencies: int = 0
    back_s: float = 0.0
    cpu: float = 0.0

    def expect(self, well: object, otherwise: str) -> None:
        """Note what should have been."""
        if not well:
            self.wrong.append(otherwise)


def full(scale: Scale) -> Outcome:
    """Fill the disk to the last byte; an alarm, emergencies with power cuts in them, and room again."""
    seen, disk = Seen(), scale.folder / "disk"
    new_disk(disk, DISK_MB)
    with ExitStack() as stack:
        place = stack.enter_context(village(scale.folder, lengths_s=(PLAYS_S,), sink="wav:sound"))
        stack.enter_context(mounted(disk, place.data))
        stack.enter_context(_working(place))
        filler = place.data / "somebody-elses-log"
        _fill(filler)
        seen.alarm_s = must("the alarm", lambda: Problem.DISK_FULL in place.problems())
        normal = place.say()
        for number in range(scale.of(6, least=2)):
            progress(f"D01 emergency {number}")
            _emergency(place, seen, cut=number % 2 == 1)
            _fill(filler)
        _watch(place, seen)
        filler.unlink()
        _back(place, seen, (normal,), Problem.DISK_FULL)
    figure = (
        f"alarm after {seen.alarm_s:.1f} s; {seen.emergencies} emergencies heard on a full disk, first sound after "
        f"{seen.emergency_s:.1f} s at most, each start on record, none begun again after a power cut; "
        f"{seen.cpu:.0%} of a core; well again {seen.back_s:.1f} s after there was room"
    )
    return Outcome(not seen.wrong, figure, "\n".join(seen.wrong))


def read_only(scale: Scale) -> Outcome:
    """An error makes it read-only in mid-work; the board starts on it read-only; then it can be written again."""
    seen, disk = Seen(), scale.folder / "disk"
    new_disk(disk, DISK_MB)
    with village(scale.folder, lengths_s=(PLAYS_S,), sink="wav:sound") as place:
        with mounted(disk, place.data), _working(place):
            break_down(place.data)
            waiting = place.say(), place.say(Klass.EMERGENCY)
            seen.alarm_s = must("the alarm", lambda: Problem.DISK_READ_ONLY in place.problems())
            silent = _sound_bytes(place)
            _watch(place, seen)
            place.child.cut_power()
        mend(disk)
        with mounted(disk, place.data):
            remount(place.data, "ro")
            said = len(place.side.states)
            with _started(place):
                must("the alarm after a start", lambda: Problem.DISK_READ_ONLY in place.problems(said))
                _watch(place, seen)
                seen.expect(_sound_bytes(place) == silent, "there was sound that is not on record")
                remount(place.data, "rw")
                _back(place, seen, waiting, Problem.DISK_READ_ONLY)
    figure = (
        f"alarm after {seen.alarm_s:.1f} s, no sound, {seen.cpu:.0%} of a core; "
        f"well again {seen.back_s:.1f} s after it could be written"
    )
    return Outcome(not seen.wrong, figure, "\n".join(seen.wrong))


@contextmanager
def _started(place: Village) -> Iterator[None]:
    """It is gone before its disk is."""
    place.child.start()
    try:
        yield
    finally:
        place.child.ask_to_stop()
        place.child.wait(8.0)


@contextmanager
def _working(place: Village) -> Iterator[None]:
    """It has been heard."""
    with _started(place):
        must("the speaker is linked", lambda: bool(place.side.resyncs))
        first = place.say()
        must("the first airing is heard", lambda: place.has(first, Event.HEARD))
        yield


def _fill(filler: Path) -> None:
    """To the last byte."""
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            with suppress(OSError):
                while file.write(bytes(size)):
                    pass


def _emergency(place: Village, seen: Seen, *, cut: bool) -> None:
    """Allowed one start: with the power cut in the middle it must never begin again."""
    began = time.monotonic()
    airing = place.say(Klass.EMERGENCY, sound=0, max_starts=1)
    if until(lambda: place.has(airing, Event.STARTED), 30.0) is None:
        seen.wrong.append(f"an emergency stayed silent: {place.station.events(airing)}")
        return
    seen.emergency_s = max(seen.emergency_s, time.monotonic() - began)
    seen.emergencies += 1
    if cut:
        linked = len(place.side.resyncs)
        place.child.cut_power()
        place.child.start()
        must("the speaker is linked again", lambda: len(place.side.resyncs) > linked)
    ended = until(lambda: place.has(airing, Event.HEARD, Event.PARTIAL), 20.0)
    seen.expect(ended is not None, f"an emergency did not end: {place.station.events(airing)}")
    starts = place.station.events(airing).count(Event.STARTED)
    seen.expect(starts == 1, f"an emergency started {starts} times")


def _watch(place: Village, seen: Seen) -> None:
    """It neither dies nor spins."""
    pid, before = place.child.pid, _cpu_s(place.child.pid)
    time.sleep(WATCHED_S)
    seen.expect(place.child.running and place.child.pid == pid, "the process ended")
    seen.cpu = (_cpu_s(pid) - before) / WATCHED_S
    seen.expect(seen.cpu <= MOST_CPU, "it spins")


def _back(place: Village, seen: Seen, waiting: Sequence[str], problem: Problem) -> None:
    well = until(lambda: problem not in place.problems(), 90.0)
    seen.expect(well is not None, f"{problem} is still reported")
    seen.back_s = well or 0.0
    for airing in waiting:
        heard = until(partial(place.has, airing, Event.HEARD), 60.0)
        seen.expect(heard is not None, f"what waited was not heard: {place.station.events(airing)}")
    seen.expect(place.station.broken_chains == 0, "the chain is broken")


def _sound_bytes(place: Village) -> int:
    return sum(path.stat().st_size for path in (place.config.parent / "sound").glob("*.wav"))


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


FAULTS = (
    Fault(
        number="D01",
        title="The speaker's disk is filled to the last byte",
        criterion="no crash loop; an alarm; no sound that is not on record first; an emergency is heard, and not again "
        "after a power cut; well again without hands",
        run=full,
        needs=frozenset({"root", "loop"}),
    ),
    Fault(
        number="D02",
        title="The speaker's disk becomes read-only",
        criterion="no crash loop; an alarm, also after a start on it; no sound; well again without hands; what waited "
        "is heard",
        run=read_only,
        needs=frozenset({"root", "loop"}),
    ),
)
