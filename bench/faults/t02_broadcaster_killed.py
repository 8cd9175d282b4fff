"""T02: the broadcaster dies at any moment, again and again, while people write and air announcements."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.stage import Loudspeaker, Setting, Stage, stage, until
from bench.faults.verdict import all_ended, integrity, judge
from broadcaster.demo.client import Refused

KILLS = 500
PER_MINUTE = 50
SPEAKERS = 8
UP_WITHIN_S = 10.0
LIVES_S = (2.0, 9.0)
"""How long the service lives between two deaths, at random."""
SETTLE_S = 420.0


@dataclass
class Crowd:
    """People who write and air announcements without a pause; what was answered with 2xx is remembered."""

    stage: Stage
    recording: str
    airings: list[str] = field(default_factory=list)
    failed: int = 0
    why: Counter[str] = field(default_factory=Counter)
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, to: Loudspeaker, pause: float, begin: float) -> None:
        """One person's evening: an announcement to one speaker, again and again."""
        time.sleep(begin)
        while not self._over.wait(pause):
            try:
                airing = self.stage.said(to, recording=self.recording)
            except (Refused, httpx.HTTPError, ValueError) as failure:
                # Nobody promised anything.
                self._note(f"{type(failure).__name__}: {failure}"[:150])
            else:
                with self._lock:
                    self.airings.append(airing)

    def _note(self, why: str) -> None:
        with self._lock:
            self.failed += 1
            self.why[why] += 1

    def go_home(self) -> None:
        """Let everybody finish the sentence."""
        self._over.set()


def run(scale: Scale) -> Outcome:
    """Kill, start, and when all is quiet look at every announcement that was answered for."""
    chance, kills = random.Random(scale.seed), scale.of(KILLS, 3)
    with stage(scale.folder, Setting(speakers=SPEAKERS)) as place:
        crowd = Crowd(place, place.recording(0.7))
        pause = SPEAKERS * 60.0 / PER_MINUTE
        people = [
            threading.Thread(target=crowd.run, args=(one, pause, pause * number / SPEAKERS))
            for number, one in enumerate(place.speakers)
        ]
        for person in people:
            person.start()
        ups: list[float] = []
        worked: list[float] = []
        try:
            for number in range(kills):
                time.sleep(chance.uniform(*LIVES_S))
                place.service.cut_power()
                ups.append(place.start_service())
                worked.append(processor_s(place.service.pid))
                progress(f"T02 {number + 1} of {kills} kills, up after {ups[-1]:.1f} s, {len(crowd.airings)} aired")
        finally:
            crowd.go_home()
            for person in people:
                person.join(130)
        return _outcome(place, crowd, ups, worked)


def processor_s(pid: int) -> float:
    """Seconds of processor time a process has had: what it would have taken on a machine with nothing else to do."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _outcome(place: Stage, crowd: Crowd, ups: list[float], worked: list[float]) -> Outcome:
    until(lambda: all_ended(place, crowd.airings), SETTLE_S, every=1.0)
    verdict, whole = judge(place, crowd.airings), integrity(place)
    good = verdict.clean and whole == "ok" and max(ups) <= UP_WITHIN_S and verdict.deliveries >= len(ups)
    figure = (
        f"{len(ups)} kills; {verdict.words}; integrity {whole}; up after at most {max(ups):.1f} s "
        f"({max(worked):.1f} s of processor time); "
        f"{crowd.failed} requests got no answer"
    )
    return Outcome(good, figure, f"{verdict.details}\n{_lines(crowd.why)}".strip())


def _lines(why: Counter[str]) -> str:
    return "\n".join(f"{count} × {text}" for text, count in why.most_common(6))


FAULT = Fault(
    "T02",
    f"kill -9 of the broadcaster at random, {KILLS} times, while {PER_MINUTE} announcements a minute are made",
    "every 2xx ends in a terminal state on the speaker; none twice; integrity_check ok; up within 10 s",
    run,
)
