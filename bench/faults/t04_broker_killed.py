"""T04: the broker dies every twenty seconds, each time while something is being put on air."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.stage import Setting, Stage, stage, until
from bench.faults.verdict import Watch, all_ended, judge

SECONDS = 600.0
EVERY_S = 20.0
CONVERGED_S = 30.0
SETTLE_S = 240.0


def broker_of(place: Stage) -> int:
    """The process id of the broker the service keeps; 0 while there is none."""
    with suppress(OSError, ValueError):
        pid = int((place.settings.data / "broker" / "mosquitto.pid").read_text())
        os.kill(pid, 0)
        return pid
    return 0


def run(scale: Scale) -> Outcome:
    """Kill, put on air in the same moment, see how long until the speakers have it; at the end all must be heard."""
    kills = scale.of(SECONDS / EVERY_S, 3)
    with stage(scale.folder, Setting(speakers=3)) as place:
        watch, recording = Watch(place), place.recording(0.7)
        for number in range(kills):
            ready = place.written(recording=recording)
            until(lambda: broker_of(place) != 0, EVERY_S)
            began = time.monotonic()
            os.kill(broker_of(place), signal.SIGKILL)
            watch.add(place.aired(ready))
            watch.look_for(EVERY_S - (time.monotonic() - began))
            progress(f"T04 {number + 1} of {kills} kills, slowest {watch.slowest:.1f} s")
        until(watch.look, SETTLE_S, every=0.5)
        until(lambda: all_ended(place, watch.begun), SETTLE_S, every=1.0)
        verdict = judge(place, watch.begun)
    good = verdict.clean and verdict.heard == verdict.deliveries == 3 * kills and watch.slowest <= CONVERGED_S
    figure = f"{kills} kills; {verdict.words}; converged after at most {watch.slowest:.1f} s"
    return Outcome(good, figure, verdict.details)


FAULT = Fault("T04", "kill -9 of the broker every 20 s for 10 min", "0 lost; converged within 30 s after each", run)
