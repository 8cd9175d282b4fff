"""The speaker's program dies at any moment, mostly while it plays."""

from __future__ import annotations

import random
import sqlite3
import time

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.stage import Loudspeaker, Setting, must, stage, until
from bench.faults.verdict import all_ended, judge
from broadcaster.domain.airing import MAX_STARTS

KILLS = 300
TOGETHER = 4
LIVES_S = (0.3, 14.0)
SETTLE_S = 300.0


def run(scale: Scale) -> Outcome:
    """Kill one speaker after the other at random while each has something to play; then judge its own words."""
    chance, kills = random.Random(scale.seed), scale.of(KILLS, TOGETHER)
    airings: list[str] = []
    with stage(scale.folder, Setting(speakers=TOGETHER)) as place:
        due = [time.monotonic() + chance.uniform(*LIVES_S) for _ in place.speakers]
        busy: dict[str, str] = {}
        done = 0
        while done < kills:
            for number, one in enumerate(place.speakers):
                if one.id not in busy or all_ended(place, [busy[one.id]]):
                    busy[one.id] = place.said(one)
                    airings.append(busy[one.id])
                if time.monotonic() > due[number]:
                    one.cut_power()
                    one.start()
                    done += 1
                    due[number] = time.monotonic() + chance.uniform(*LIVES_S)
            progress(f"K01 {done} of {kills} kills, {len(airings)} aired")
            time.sleep(0.1)
        until(lambda: all_ended(place, airings), SETTLE_S, every=1.0)
        must("every speaker is linked", place.all_linked)
        verdict, broken = judge(place, airings), [one.id for one in place.speakers if not sound(one)]
    good = verdict.clean and not broken
    figure = (
        f"{kills} kills; {verdict.words}; {len(verdict.too_often)} started more than {MAX_STARTS} times; "
        f"{len(broken)} journals damaged"
    )
    return Outcome(good, figure, verdict.details)


def sound(one: Loudspeaker) -> bool:
    """Whether its journal is whole, as SQLite itself says, and was never begun anew."""
    with sqlite3.connect(f"file:{one.journal}?mode=ro", uri=True) as db:
        whole = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    return bool(whole) and not any(one.journal.parent.glob("lost-*"))


FAULT = Fault(
    "K01",
    "kill -9 of speakers at random, mostly while they play",
    "each airing started at most 3 times, finished at most once, and ended; no journal damaged; every chain whole",
    run,
)
