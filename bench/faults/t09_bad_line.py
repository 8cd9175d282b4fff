"""T09: lines on which little passes: large packets vanish, 16 kbit/s, a third of all packets lost."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.ground.namespaces import Line, line
from bench.faults.ground.packets import clip_asked_for
from bench.faults.ground.wire import PERFECT, Profile
from bench.faults.stage import Loudspeaker, Setting, Stage, must, stage, until
from broadcaster.store.tables import SpeakerManifest

LINES = {
    "16 kbit/s": Profile(delay_ms=(60, 100), bytes_per_s=2_000),
    "30 % loss": Profile(delay_ms=(60, 100), bytes_per_s=8_000, loss=0.30),
    "nothing above 1,300 bytes": Profile(delay_ms=(60, 100), bytes_per_s=8_000, largest=1_300),
}
ARRIVES_S = 120.0
MANIFEST_BYTES, MOST_ITEMS = 48_000, 240
"""The size of the manifest that crosses each line; above 64 KB it would be a pointer."""
DARK_S = 24.0
"""Longer than the speaker waits for the next byte, so that it has to ask anew."""
SENTENCE = "Mời bà con đến nhà văn hoá họp bàn việc làm đường, nhớ mang theo giấy tờ. "
_MANIFEST = re.compile(r"action=manifest epoch=\d+ version=(\d+)")


@dataclass(slots=True)
class Seen:
    """What came of each line."""

    manifest_s: dict[str, float] = field(default_factory=dict)
    """The slowest."""
    manifest_bytes: int = 0
    asked: dict[str, list[int]] = field(default_factory=dict)
    """From which bytes on the clip was asked for, in order."""
    parts: dict[str, list[int]] = field(default_factory=dict)
    """How much of it lay on the speaker's disk, looked at again and again."""
    unfinished: list[str] = field(default_factory=list)


def run(scale: Scale) -> Outcome:
    """Over each line: a large manifest, and a clip that is cut off in the middle until it is there."""
    with ExitStack() as stack:
        wire = stack.enter_context(line(PERFECT, seed=scale.seed))
        stack.enter_context(wire.center.entered())
        setting = Setting(address=wire.address, prefix=wire.village.prefix)
        place = stack.enter_context(stage(scale.folder, setting))
        seen, announcement = Seen(), place.written()
        _fill(place, announcement)
        for number, (name, profile) in enumerate(LINES.items()):
            wire.become(profile)
            for turn in range(scale.of(4)):
                progress(f"T09 {name}: manifest {turn}")
                _manifest(place, seen, name, announcement)
            progress(f"T09 {name}: clip")
            _clip(place, wire, seen, name, text=f"Lần thứ {number}. {SENTENCE * 4}")
            wire.become(PERFECT)
        return _judged(seen)


def _fill(place: Stage, announcement: str) -> None:
    (speaker,) = place.speakers
    start = datetime.now(UTC) + timedelta(hours=6)
    for number in range(MOST_ITEMS):
        place.aired(announcement, at=(start + timedelta(minutes=5 * number)).isoformat())
        if number % 20 == 19 and _planned(place, speaker)[1] >= MANIFEST_BYTES:
            break
    must("the speaker holds the full plan", lambda: _held(speaker) == _planned(place, speaker)[0], 60.0)


def _planned(place: Stage, speaker: Loudspeaker) -> tuple[int, int]:
    """Version and size of what the speaker is to hold."""
    with place.ground.database.read() as session:
        row = session.get(SpeakerManifest, speaker.id)
        return (row.version, len(row.raw or b"")) if row else (0, 0)


def _held(speaker: Loudspeaker) -> int:
    return max((int(version) for version in _MANIFEST.findall(speaker.log())), default=0)


def _manifest(place: Stage, seen: Seen, name: str, announcement: str) -> None:
    (speaker,) = place.speakers
    before = _planned(place, speaker)[0]
    began = time.monotonic()
    place.aired(announcement, at=(datetime.now(UTC) + timedelta(hours=4)).isoformat())
    arrived = until(lambda: _held(speaker) > before, 2 * ARRIVES_S)
    spent = float("inf") if arrived is None else time.monotonic() - began
    seen.manifest_s[name] = max(spent, seen.manifest_s.get(name, 0.0))
    seen.manifest_bytes = max(seen.manifest_bytes, _planned(place, speaker)[1])


def _clip(place: Stage, wire: Line, seen: Seen, name: str, *, text: str) -> None:
    (speaker,) = place.speakers
    known = {path.stem for path in (speaker.folder / "data" / "clips").iterdir()}
    asked: list[tuple[str, int]] = []
    wire.watch = lambda packet: _note(asked, packet)
    announcement = place.written(text=text)
    place.aired(announcement, at=(datetime.now(UTC) + timedelta(hours=5)).isoformat())
    sizes = seen.parts[name] = [0]
    for _ in range(2):
        until(lambda: _part(speaker, known) > sizes[-1] + 8_000, 90.0)
        wire.cut()
        sizes.append(_part(speaker, known))
        time.sleep(DARK_S)
        sizes.append(_part(speaker, known))
        wire.mend()
    if until(lambda: _whole(speaker, known), 180.0) is None:
        seen.unfinished.append(name)
    wire.watch = lambda _packet: None
    seen.asked[name] = [start for digest, start in asked if digest not in known]


def _note(asked: list[tuple[str, int]], packet: bytes) -> None:
    found = clip_asked_for(packet)
    # The same request again is TCP's repetition of a lost packet.
    if found and found not in asked:
        asked.append(found)


def _part(speaker: Loudspeaker, known: set[str]) -> int:
    clips = (speaker.folder / "data" / "clips").iterdir()
    return max((path.stat().st_size for path in clips if path.stem not in known and path.suffix == ".part"), default=0)


def _whole(speaker: Loudspeaker, known: set[str]) -> bool:
    return any(
        path.suffix == ".ogg" and path.stem not in known for path in (speaker.folder / "data" / "clips").iterdir()
    )


def _judged(seen: Seen) -> Outcome:
    slowest = max(seen.manifest_s.values())
    again = sum(max(0, len(starts) - 1) for starts in seen.asked.values())
    from_nothing = sum(starts[1:].count(0) for starts in seen.asked.values())
    good = slowest <= ARRIVES_S and not seen.unfinished and again >= len(LINES) and from_nothing == 0
    figure = (
        f"a manifest of {seen.manifest_bytes / 1000:.0f} kB after {slowest:.0f} s at most; "
        f"clips asked for anew {again} times, {from_nothing} from byte 0; {len(seen.unfinished)} clips never whole"
    )
    details = [f"{name}: manifest {seen.manifest_s[name]:.1f} s, clip from {seen.asked[name]}" for name in LINES]
    return Outcome(good, figure, "\n".join(details))


FAULT = Fault(
    number="T09",
    title="A line at 16 kbit/s, one that loses 30 %, one that swallows packets above 1,300 bytes",
    criterion="a manifest ≤ 64 KB arrives ≤ 120 s; a clip goes on by Range, never from 0",
    run=run,
    needs=frozenset({"root", "tun"}),
)
