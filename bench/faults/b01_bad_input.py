"""Bad input of every kind that reaches a speaker: no crash loop, no sound, a word about it, and back without hands."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from bench.faults.fault import Fault, Outcome, Scale
from bench.faults.lone import Lone, lone
from bench.faults.stage import until
from firmware_config.protocol import ClipRef, Event
from tests.agent.processes import RunningAgent
from tests.agent.sounds import tone_clip

ENDS = (Event.HEARD, Event.PARTIAL, Event.MISSED, Event.REFUSED)
CRITERION = (
    "no crash, no sound beyond what was signed, a receipt or alarm that says what happened, recovery without hands"
)
FOUR_HOURS = 14_400
SINKS = {
    "hangs": "exec sleep 600",
    "exits": "exit 3",
    "eats slowly": "while head -c 960 >/dev/null; do sleep 0.2; done",
}
HEALTHY = "exec python3 -c 'import sys,time\nwhile sys.stdin.buffer.read(1920): time.sleep(0.019)'"


def _told(place: Lone, problem: str, seconds: float = 40.0) -> bool:
    return until(lambda: any(problem in state.problems for state in place.side.states), seconds) is not None


def _lives(agent: RunningAgent) -> bool:
    return agent.process.poll() is None


def wrong_hash(scale: Scale) -> Outcome:
    """A clip of the right length with other bytes; then the true one."""
    clip, data = tone_clip(2.0)
    with lone(scale.folder) as place, place.speaker() as agent:
        place.station.clips[clip.sha256] = data[:-40] + bytes(40)
        airing = place.planned(clip)
        told = _told(place, "fetched_wrong_bytes")
        quiet = place.heard_bytes == 0 and not place.said(airing, *ENDS, seconds=1)
        place.station.clips[clip.sha256] = data
        after = place.said(airing, *ENDS, seconds=150)
        alive = _lives(agent)
    good = told and quiet and alive and after.startswith("heard")
    return Outcome(good, f"alarm {_yes(told)}, silent {_yes(quiet)}, with the true bytes: {after or 'nothing'}")


def four_hours() -> bytes:
    """Four hours of sound in a few megabytes."""
    source = f"sine=frequency=300:sample_rate=8000:duration={FOUR_HOURS}"
    opus = (
        "-c:a",
        "libopus",
        "-b:a",
        "2.5k",
        "-frame_duration",
        "60",
        "-compression_level",
        "0",
        "-application",
        "voip",
    )
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, *opus, "-f", "ogg", "pipe:1"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def too_long(scale: Scale) -> Outcome:
    """A clip that was signed as two seconds and holds four hours."""
    data = four_hours()
    clip = ClipRef(_sha256(data), len(data), 2_000)
    with lone(scale.folder) as place, place.speaker() as agent:
        place.station.clips[clip.sha256] = data
        airing = place.planned(clip)
        ended = place.said(airing, *ENDS, seconds=60)
        seconds = place.heard_bytes / 96_000
        true = place.planned(place.station.add_clip(*tone_clip(1.0)))
        after = place.said(true, *ENDS)
        alive = _lives(agent)
    good = alive and ended != "" and seconds <= 3.1 and after.startswith("heard")
    size = len(data) / 1e6
    figure = (
        f"4 h in {size:.1f} MB, signed as 2 s: {seconds:.1f} s sounded, {ended or 'nothing said'}; the next: {after}"
    )
    return Outcome(good, figure)


def _program(folder: Path, words: str) -> None:
    path = folder / "aplay"
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)


def bad_sink(how: str, scale: Scale) -> Outcome:
    """The program that should eat the sound does not; then it is a good one again."""
    programs = scale.folder / "bin"
    programs.mkdir()
    _program(programs, SINKS[how])
    with lone(scale.folder / "place") as place:
        path = f"{programs}:{os.environ['PATH']}"
        with place.speaker(sink="aplay:default", PATH=path) as agent:
            clip = place.station.add_clip(*tone_clip(2.0))
            airing = place.planned(clip)
            told = until(lambda: _any_problem(place, {"no_sound_card", "sink_stuck"}), 60) is not None
            wrong = place.said(airing, Event.HEARD, seconds=1)
            _program(programs, HEALTHY)
            time.sleep(6)
            after = place.said(place.planned(clip), *ENDS, seconds=90)
            alive = _lives(agent)
            first = place.said(airing, *ENDS, seconds=5)
    good = told and not wrong and alive and after.startswith("heard")
    figure = (
        f"{how}: alarm {_yes(told)}, never called heard {_yes(not wrong)}, ended as {first or 'open'}; "
        f"with a good program the next: {after or 'nothing'}"
    )
    return Outcome(good, figure)


def _any_problem(place: Lone, problems: set[str]) -> bool:
    return any(problems & set(state.problems) for state in place.side.states)


def newer_journal(scale: Scale) -> Outcome:
    """A journal that a later version wrote; then the right version again, while the speaker goes on running."""
    with lone(scale.folder) as place:
        with place.speaker():
            until(lambda: bool(place.station.receipts), 30)
        _version(place, 99)
        count = len(place.station.receipts)
        with place.speaker() as agent:
            told = _told(place, "journal_newer")
            airing = place.planned(place.station.add_clip(*tone_clip(2.0)))
            quiet = not place.said(airing, *ENDS, seconds=5) and place.heard_bytes == 0
            unsaid = len(place.station.receipts) == count
            alive = _lives(agent)
            _version(place, None)
            after = place.said(airing, *ENDS, seconds=150)
            chained = place.station.broken_chains == 0
    good = told and quiet and unsaid and alive and chained and after.startswith("heard")
    return Outcome(good, f"alarm {_yes(told)}, silent {_yes(quiet)}, with its own version: {after or 'nothing'}")


def _version(place: Lone, version: int | None) -> None:
    kept = place.data / "version"
    with closing(sqlite3.connect(place.data / "journal.sqlite", timeout=20)) as db:
        if version is not None:
            kept.write_text(str(db.execute("PRAGMA user_version").fetchone()[0]))
        db.execute(f"PRAGMA user_version={kept.read_text() if version is None else version}")


def _yes(fact: bool) -> str:
    return "yes" if fact else "NO"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


FAULTS = (
    Fault("B01", "a clip whose bytes are not its hash", CRITERION, wrong_hash),
    Fault(
        "B02",
        "a clip of four hours in a few megabytes, signed as two seconds",
        f"{CRITERION}; at most 3 s sound",
        too_long,
    ),
    Fault("B03", "a sink program that hangs", CRITERION, lambda scale: bad_sink("hangs", scale)),
    Fault("B04", "a sink program that exits", CRITERION, lambda scale: bad_sink("exits", scale)),
    Fault("B05", "a sink program that eats slowly", CRITERION, lambda scale: bad_sink("eats slowly", scale)),
    Fault("B06", "a journal from a newer version", CRITERION, newer_journal),
)
