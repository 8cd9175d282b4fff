"""When sound begins: against its schedule, by the frames that three agents wrote, and in place of what sounds."""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.figures import Figure, at_most
from device_agent.effects import ClipPart
from firmware_config.protocol import Event, Item, SpokenVersion
from tests.agent.processes import RunningAgent, running_agent
from tests.agent.sounds import tone_clip
from tests.agent.station import Station, announcement, item, now_ms
from tests.agent.taking_over import gap_ms, taken_over

LIMIT_MS = 20
STAGGER_MS = 350
AIRINGS = 60
BEGIN_MS = 12_000
APART_MS = 2_500
CLIP_S = 0.3
LEAD_MS = 200
TAKEN_OVER, GAP_MS = 40, 100
SOUNDING = re.compile(r"action=sounding airing=(\S+) .*late_ms=(-?\d+) mono_ms=(\d+)")

Heard = dict[str, float]
"""When the first frame of each airing was heard, milliseconds of this machine's wall clock."""


@dataclass(slots=True)
class Post:
    """One agent with a station of its own; both end with the block that made them."""

    station: Station
    agent: RunningAgent

    def heard(self) -> Heard:
        """From what it logged; to be asked when it has ended."""
        found = [match for line in self.agent.log if (match := SOUNDING.search(line))]
        return {match[1]: int(match[3]) + _wall_offset_ms() for match in found}


def run(quick: bool = False) -> list[Figure]:
    """Two agents at the same moment, and a third that is staggered behind them."""
    with tempfile.TemporaryDirectory(prefix="loa-bench-") as folder, _posts(Path(folder)) as posts:
        items = _plan(posts, 10 if quick else AIRINGS)
        for post in posts:
            post.station.wait_for(items[-1].airing, Event.HEARD, seconds=len(items) * APART_MS / 1000 + 60)
        for post in posts:
            post.agent.stop()
        one, other, behind = (post.heard() for post in posts)
    due = {each.airing: float(each.start) for each in items}
    late = _apart(one, due) + _apart(other, due) + [ms - STAGGER_MS for ms in _apart(behind, due)]
    return [
        at_most("start against the schedule, p99", _p99(late), "ms", LIMIT_MS),
        Figure("… median", statistics.median(late), "ms"),
        at_most("two agents told the same start, p99 apart", _p99(_apart(one, other)), "ms", LIMIT_MS),
        at_most(
            f"a stagger of {STAGGER_MS} ms, p99 off",
            _p99([ms - STAGGER_MS for ms in _apart(behind, one)]),
            "ms",
            LIMIT_MS,
        ),
        Figure("airings that began, of those planned", len(late) / (3 * len(items)), ""),
        *_taking_over(5 if quick else TAKEN_OVER),
    ]


def _taking_over(times: int) -> list[Figure]:
    """An emergency pushes aside what sounds, again and again."""
    with tempfile.TemporaryDirectory(prefix="loa-bench-") as folder:
        plays, emergency = (_part(Path(folder), seconds) for seconds in (4.0, 2.0))
        gaps = sorted(gap_ms(*taken_over(Path(folder), plays, emergency, nr)) for nr in range(times))
    return [
        at_most("an emergency heard after what sounded was stopped, p95", gaps[int(0.95 * (times - 1))], "ms", GAP_MS),
        Figure("… median", statistics.median(gaps), "ms"),
    ]


def _part(folder: Path, seconds: float) -> ClipPart:
    clip, data = tone_clip(seconds)
    (folder / f"{clip.sha256}.ogg").write_bytes(data)
    return ClipPart("vi", clip)


@contextmanager
def _posts(folder: Path) -> Iterator[list[Post]]:
    with ExitStack() as stack:
        posts = []
        for nr in range(3):
            station = Station(folder, device=f"loa-{nr}")
            stack.callback(station.close)
            config = station.bundle()
            posts.append(Post(station, stack.enter_context(running_agent(config, LOA_AGENT_POLL_S="2"))))
        yield posts


def _plan(posts: list[Post], airings: int) -> list[Item]:
    clip, data = tone_clip(CLIP_S)
    begin = now_ms() + BEGIN_MS
    items: list[Item] = []
    for post, stagger in zip(posts, (0, 0, STAGGER_MS), strict=True):
        post.station.add_clip(clip, data)
        of = post.station.announce(announcement(SpokenVersion("vi", "Thử giờ.", clip), now=now_ms()))
        items = [item(f"airing-{nr}", of, start=begin + nr * APART_MS) for nr in range(airings)]
        blank = replace(post.station.manifest, device=post.station.device)
        post.station.manifest = replace(blank, lead_ms=LEAD_MS, stagger_ms=stagger)
        post.station.plan(*items)
    return items


def _apart(one: Heard, other: Heard) -> list[float]:
    return [one[airing] - other[airing] for airing in one.keys() & other.keys()]


def _p99(values: list[float]) -> float:
    """Of the distances from 0."""
    found = sorted(map(abs, values))
    return found[min(len(found) - 1, round(0.99 * len(found)))]


def _wall_offset_ms() -> float:
    """What lies between the monotonic clock and the wall clock, from the closest of some pairs of looks."""
    looks = [(time.monotonic(), time.time(), time.monotonic()) for _ in range(20)]
    before, wall, after = min(looks, key=lambda look: look[2] - look[0])
    return (wall - (before + after) / 2) * 1000
