"""T10: the power fails at any moment; the disk as it would be found is opened by a fresh speaker and judged."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.ground.disks import image, mounted, new_disk, still
from bench.faults.ground.judging import Found, Told, examine
from bench.faults.ground.village import Village, village
from bench.faults.stage import must
from firmware_config.protocol import Klass
from tests.agent.station import now_ms

IMAGES, CARELESS_IMAGES = 200, 30
DISK_MB = 32
LENGTHS_S = tuple(0.3 + 0.02 * number for number in range(12))
BOOT_EACH = 20
CARELESS = ("journal", "journal,clips")


def run(scale: Scale) -> Outcome:
    """The product as it is; then without synchronous=FULL, and without the folder's fsync too, which must be seen."""
    careful = _campaign(scale, "careful", scale.of(IMAGES, least=10), "")
    careless = {
        left_out: _campaign(scale, f"careless-{number}", scale.of(CARELESS_IMAGES, least=8), left_out)
        for number, left_out in enumerate(CARELESS)
    }
    noticed = all(any(not found.well for found in images) for images in careless.values())
    ill = [found for found in careful if not found.well]
    figure = f"{_words(careful)}; careless on purpose: " + "; ".join(
        f"without {left_out.replace(',', ' and ')}: {_words(images)}" for left_out, images in careless.items()
    )
    return Outcome(not ill and noticed, figure, "\n".join(str(found) for found in ill[:5]))


def _words(images: Sequence[Found]) -> str:
    rows, clips = (sum(getattr(one, name) for one in images) for name in ("lost_rows", "lost_clips"))
    manifests = sum(one.lost_manifest for one in images)
    torn, unopened = sum(one.torn_clips for one in images), sum(bool(one.unopened) for one in images)
    crooked = sum(len(one.inconsistent) for one in images)
    ill = sum(not one.well for one in images)
    return (
        f"{len(images)} images, {ill} not well ({rows} rows, {manifests} manifests, {clips} clips lost, "
        f"{torn} clips torn, {unopened} unopened, {crooked} contradictions)"
    )


def _campaign(scale: Scale, name: str, count: int, careless: str) -> list[Found]:
    folder = scale.folder / name
    folder.mkdir()
    chance = random.Random(f"{scale.seed} {name}")
    with ExitStack() as stack:
        program = "bench.faults.ground.careless" if careless else "device_agent"
        place = stack.enter_context(
            village(folder, lengths_s=LENGTHS_S, program=program, environment={"CARELESS": careless})
        )
        disk = folder / "disk"
        new_disk(disk, DISK_MB)
        stack.enter_context(mounted(disk, place.data))
        # Before the disk is let go of, its writer must be gone.
        stack.callback(place.child.wait, 5.0)
        stack.callback(place.child.ask_to_stop)
        place.child.start()
        must("the speaker is linked", lambda: bool(place.side.resyncs))
        found: list[Found] = []
        for number in range(count):
            progress(f"T10 {name}: image {number} of {count}, {sum(not one.well for one in found)} not well")
            found.append(_image(place, disk, chance, boots=not careless and number % BOOT_EACH == 0))
        return found


def _image(place: Village, disk: Path, chance: random.Random, *, boots: bool) -> Found:
    place.say(chance.choice((Klass.NORMAL, Klass.PRIORITY, Klass.EMERGENCY)))
    time.sleep(chance.uniform(0.05, 0.8))
    pid = place.child.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        still(pid)
        # A name of its own: a loop device that is still letting go of the last one would mix the two.
        copy = disk.with_name(f"image-{time.monotonic_ns()}")
        image(disk, copy)
        # What it had sent arrives meanwhile; nothing more can leave it.
        told = Told(tuple(place.station.receipts), place.acknowledged, place.stored)
    finally:
        os.kill(pid, signal.SIGCONT)
    with mounted(copy, disk.with_name("found")) as at:
        found = examine(replace(place.settings, data=at), told, now_ms())
        if boots and found.well and not _boots(place, at):
            found = replace(found, unopened="the real process does not start on it")
    copy.unlink()
    return found


def _boots(place: Village, at: Path) -> bool:
    config = place.config.with_name("image.toml")
    text = place.config.read_text().replace('data = "data"', f'data = "{at}"')
    # Nobody is to hear from it: it is the same speaker once more.
    for address in (place.station.url, f"{place.broker.host}:{place.broker.port}"):
        text = text.replace(address, "http://127.0.0.1:9" if "//" in address else "127.0.0.1:9")
    config.write_text(text)
    command = [sys.executable, "-m", "device_agent", "run", "--config", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        ready = any("action=ready" in line for line in iter(process.stderr.readline, ""))
        process.terminate()
        process.communicate(timeout=20)
        return ready and process.returncode == 0


FAULT = Fault(
    number="T10",
    title="Power cut at any moment: the speaker's disk as it would be found",
    criterion="0 acknowledged rows lost, 0 clips lost or torn, the journal opens, the ledger does not contradict "
    "itself, nothing plays after it has expired; the check fails when a precaution is left out",
    run=run,
    needs=frozenset({"root", "loop"}),
)
