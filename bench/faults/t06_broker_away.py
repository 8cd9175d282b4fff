"""T06: no broker for an hour; HTTPS carries everything, at the speakers' usual pace."""

from __future__ import annotations

import time

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.stage import Setting, stage, until
from bench.faults.verdict import Watch, all_ended, judge

SECONDS = 3600.0
EVERY_S = 30.0
LAG_S = 90.0
SPEAKERS = 3
SETTLE_S = 240.0


def run(scale: Scale) -> Outcome:
    """Stop the broker, put something on air every half minute, see when the speakers say that they have it."""
    count = scale.of(SECONDS / EVERY_S, 4)
    with stage(scale.folder, Setting(speakers=SPEAKERS, outside_broker=True)) as place:
        assert place.broker is not None
        watch, recording = Watch(place), place.recording(0.7)
        place.broker.stop()
        for number in range(count):
            began = time.monotonic()
            watch.add(place.said(recording=recording))
            watch.look_for(EVERY_S - (time.monotonic() - began))
            progress(f"T06 {number + 1} of {count} announcements, slowest {watch.slowest:.0f} s")
        until(watch.look, SETTLE_S, every=0.5)
        until(lambda: all_ended(place, watch.begun), SETTLE_S, every=1.0)
        verdict = judge(place, watch.begun)
    good = verdict.clean and verdict.heard == verdict.deliveries == SPEAKERS * count and watch.slowest <= LAG_S
    figure = (
        f"{count} announcements in {count * EVERY_S / 60:.0f} min; {verdict.words}; lag at most {watch.slowest:.0f} s"
    )
    return Outcome(good, figure, verdict.details)


FAULT = Fault(
    "T06", "no broker for an hour of announcements", "HTTPS delivers all of them; the speaker has each within 90 s", run
)
