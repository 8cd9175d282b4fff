"""T12: the wall clock steps while the speaker plays, and a board without a clock of its own begins in another year."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.ground.clocks import FalseClock
from bench.faults.ground.namespaces import Line, line
from bench.faults.ground.village import Village, village
from bench.faults.ground.wire import Profile
from bench.faults.stage import must, until
from firmware_config.protocol import ClockState, Event
from tests.agent.station import now_ms

STEPS: dict[str, Callable[[FalseClock], None]] = {
    "+1 s": lambda clock: clock.show(1),
    "-1 s": lambda clock: clock.show(-1),
    "+1 h": lambda clock: clock.show(3_600),
    "-1 h": lambda clock: clock.show(-3_600),
    "1970": lambda clock: clock.show_year(1970),
    "2038": lambda clock: clock.show_year(2038),
}
BOOTS = ("1970", "2038", "+1 h")
AHEAD_MS, WINDOW_MS = 7_000, 8_000
LATE_MS = 1_500
"""What it takes to hear of a start."""
OFFLINE_S = 12.0
REPORTS_S = 60.0
GOOD = Profile(delay_ms=(20, 40))


@dataclass(slots=True)
class Seen:
    """What was counted."""

    played: int = 0
    outside: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    boots: int = 0
    untrusted_starts: int = 0
    report_s: float = 0.0


def run(scale: Scale) -> Outcome:
    """Every step in the middle of an airing, then every false year at a boot without a line."""
    with ExitStack() as stack:
        wire = stack.enter_context(line(GOOD, seed=scale.seed))
        stack.enter_context(wire.center.entered())
        clock = FalseClock(scale.folder)
        clock.show(0)
        clock.reboot()
        place = stack.enter_context(
            village(
                scale.folder,
                lengths_s=(2.5,),
                prefix=(*clock.prefix(), *wire.village.prefix),
                program="bench.faults.ground.false_clock",
                environment=clock.environment(),
                address=wire.address,
            )
        )
        place.child.start()
        must("the clock is trusted", lambda: _clock(place) is ClockState.TRUSTED)
        seen = Seen()
        for _ in range(scale.of(5)):
            for name, step in STEPS.items():
                progress(f"T12 step {name}")
                _step(place, clock, seen, name, step)
        for _ in range(scale.of(3)):
            for name in BOOTS:
                progress(f"T12 boot {name}")
                _boot(place, clock, wire, seen, name)
        return _judged(seen)


def _clock(place: Village) -> ClockState | None:
    return place.side.states[-1].clock if place.side.states else None


def _step(place: Village, clock: FalseClock, seen: Seen, name: str, step: Callable[[FalseClock], None]) -> None:
    """It plays, the clock steps, and the next one is due a little later."""
    clock.show(0)
    first = place.say()
    if until(lambda: place.has(first, Event.STARTED), 20.0) is None:
        seen.lost.append(f"{name}: {place.station.events(first)}")
        return
    step(clock)
    start = now_ms() + AHEAD_MS
    second = place.say(start=start, latest_start=start + WINDOW_MS, expires=start + WINDOW_MS + 60_000)
    until(lambda: place.has(second, Event.STARTED, Event.MISSED), 30.0, every=0.02)
    began = now_ms()
    until(lambda: place.has(second, Event.HEARD), 20.0)
    for airing in (first, second):
        seen.played += 1
        if not place.has(airing, Event.HEARD):
            seen.lost.append(f"{name}: {place.station.events(airing)}")
    if not start <= began <= start + WINDOW_MS + LATE_MS:
        seen.outside.append(f"{name}: {began - start} ms after its start")


def _boot(place: Village, clock: FalseClock, wire: Line, seen: Seen, name: str) -> None:
    """Something is due; the power fails, and the board comes back without a line and without the time."""
    clock.show(0)
    start = now_ms() + 4_000
    airing = place.say(start=start, latest_start=start + 300_000, expires=start + 360_000)
    must("the plan is on the speaker", lambda: place.side.states[-1].version == place.station.manifest.version)
    place.child.cut_power()
    wire.cut()
    STEPS[name](clock)
    clock.reboot()
    asked, begun = len(place.side.resyncs), place.log.count("action=sounding")
    place.child.start()
    time.sleep(OFFLINE_S)
    seen.boots += 1
    seen.untrusted_starts += place.log.count("action=sounding") - begun
    said = len(place.side.states)
    wire.mend()
    must("the speaker is linked again", lambda: len(place.side.resyncs) > asked, 120.0)
    spent = until(lambda: len(place.side.states) > said and _clock(place) is ClockState.TRUSTED, 2 * REPORTS_S)
    seen.report_s = max(seen.report_s, float("inf") if spent is None else spent)
    seen.played += 1
    if until(lambda: place.has(airing, Event.HEARD), 60.0) is None:
        seen.lost.append(f"boot {name}: {place.station.events(airing)}")


def _judged(seen: Seen) -> Outcome:
    good = not seen.outside and not seen.lost and seen.untrusted_starts == 0 and seen.report_s <= REPORTS_S
    figure = (
        f"{seen.played} airings: {len(seen.outside)} outside their window, {len(seen.lost)} lost; "
        f"{seen.boots} boots without the time: {seen.untrusted_starts} scheduled starts; "
        f"trusted and reported {seen.report_s:.1f} s after the link at most"
    )
    return Outcome(good, figure, "\n".join((*seen.outside, *seen.lost)))


FAULT = Fault(
    number="T12",
    title="The clock steps by ±1 s and ±1 h, to 1970 and 2038, in mid-play; boots offline without a clock of its own",
    criterion="0 plays outside the window while trusted, 0 scheduled starts while untrusted, report ≤ 60 s after link",
    run=run,
    needs=frozenset({"root", "tun", "faketime"}),
)
