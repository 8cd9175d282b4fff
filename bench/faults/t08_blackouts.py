"""T08: the line goes dark without a word, in both directions or in one, again and again."""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.ground.namespaces import Line, line
from bench.faults.ground.packets import first_acts
from bench.faults.ground.wire import Profile
from bench.faults.stage import Loudspeaker, Setting, Stage, must, stage, until
from bench.faults.verdict import all_ended, judge

CYCLES = 100
HALF_OPEN_S = 45.0
"""One and a half keepalives of 30 s."""
LONG_S = 62.0
"""Dark for long enough that a speaker which has nothing to say must find it out by itself."""
GOOD = Profile(delay_ms=(20, 40))
WAYS = ({"up": True, "down": True}, {"up": True, "down": False}, {"up": False, "down": True})
_STAMP = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) \w+ action=(link_up|link_down|asked)", re.MULTILINE)


@dataclass(slots=True)
class Seen:
    """What was asked for and what was seen."""

    airings: list[str] = field(default_factory=list)
    found_s: list[float] = field(default_factory=list)
    """How long after each long blackout began the speaker knew."""
    back_s: list[float] = field(default_factory=list)
    """How long after a blackout's end the speaker was linked."""
    first_acts: list[str] = field(default_factory=list)
    """What the speaker said first after each connect, presence left out."""
    dark_s: float = 0.0
    blackouts: int = 0


def run(scale: Scale) -> Outcome:
    """Blackouts of 5 s and more with announcements made while it is dark; every tenth cycle long ones of every kind."""
    with ExitStack() as stack:
        wire = stack.enter_context(line(GOOD, seed=scale.seed))
        stack.enter_context(wire.center.entered())
        setting = Setting(address=wire.address, prefix=wire.village.prefix)
        place = stack.enter_context(stage(scale.folder, setting))
        seen, chance = Seen(), random.Random(scale.seed)
        broker = _talkative(place)
        for way in WAYS * scale.of(CYCLES / 30):
            _long(place, wire, seen, way)
        for number in range(scale.of(CYCLES, least=3)):
            progress(f"T08 blackout {number}")
            _short(place, wire, seen, chance)
        # What waited in the dark is heard one after the other.
        until(lambda: all_ended(place, seen.airings), 600.0, every=1.0)
        seen.first_acts = first_acts(broker.read_text(errors="replace"), place.speakers[0].id)
        return _judged(place, seen)


def _long(place: Stage, wire: Line, seen: Seen, way: dict[str, bool]) -> None:
    """Nothing is said before or meanwhile: only the silence can tell the speaker."""
    (speaker,) = place.speakers
    must("the speaker is linked", lambda: place.linked(speaker) and _linked(speaker))
    time.sleep(3.0)
    wire.cut(**way)
    began = time.time()
    progress(f"T08 dark: {way}")
    until(lambda: any(at > began for at in _moments(speaker, "link_down")), LONG_S)
    found = next((at - began for at in _moments(speaker, "link_down") if at > began), float("inf"))
    seen.found_s.append(found)
    seen.airings.append(place.said())
    _lit(wire, seen, began, speaker)


def _short(place: Stage, wire: Line, seen: Seen, chance: random.Random) -> None:
    (speaker,) = place.speakers
    wire.cut(**chance.choice(WAYS))
    began = time.time()
    seen.airings.append(place.said())
    time.sleep(max(0.0, chance.uniform(5.0, 15.0) - (time.time() - began)))
    _lit(wire, seen, began, speaker)


def _lit(wire: Line, seen: Seen, began: float, speaker: Loudspeaker) -> None:
    wire.mend()
    ended = time.time()
    seen.dark_s += ended - began
    seen.blackouts += 1
    must("the speaker is linked again", lambda: _linked(speaker), 120.0)
    seen.back_s.append(time.time() - ended)


def _linked(speaker: Loudspeaker) -> bool:
    said = [action for _, action in _logged(speaker) if action in {"link_up", "link_down"}]
    return bool(said) and said[-1] == "link_up"


def _moments(speaker: Loudspeaker, action: str) -> list[float]:
    return [at for at, said in _logged(speaker) if said == action]


def _logged(speaker: Loudspeaker) -> Iterator[tuple[float, str]]:
    for day, ms, action in _STAMP.findall(speaker.log()):
        # The log's own time is local, as is what it is compared with.
        yield datetime.fromisoformat(day).timestamp() + int(ms) / 1000, action


def _talkative(place: Stage) -> Path:
    """Let the broker write down every packet; where it does."""
    folder = place.settings.data / "broker"
    with (folder / "mosquitto.conf").open("a") as settings:
        settings.write("log_type all\n")
    os.kill(int((folder / "mosquitto.pid").read_text()), signal.SIGHUP)
    return folder / "mosquitto.log"


def _judged(place: Stage, seen: Seen) -> Outcome:
    verdict = judge(place, seen.airings)
    lost = verdict.deliveries - verdict.heard
    found, back = max(seen.found_s), max(seen.back_s)
    strange = [act for act in seen.first_acts if act != "resync"]
    first = bool(seen.first_acts) and not strange
    good = first and found <= HALF_OPEN_S and verdict.clean and lost == 0 and verdict.deliveries == len(seen.airings)
    figure = (
        f"{seen.blackouts} blackouts, dark for {seen.dark_s:.0f} s; half-open found after {found:.0f} s at most; "
        f"linked again {back:.0f} s after the end at most; "
        f"resync first after {len(seen.first_acts) - len(strange)} of {len(seen.first_acts)} links; "
        f"{lost} of {verdict.deliveries} lost"
    )
    return Outcome(good, figure, f"{verdict.words}\n{verdict.details}".strip())


FAULT = Fault(
    number="T08",
    title="Blackouts without a word, in both directions or in one",
    criterion="half-open found ≤ 45 s (1.5 keepalives); the first act after a link is the resync; 0 lost",
    run=run,
    needs=frozenset({"root", "tun"}),
)
