"""Random rules, schedules and edits through the real planner: nothing is planned outside the rules.

The oracle knows none of the product's code: it reads the clock of the village minute by minute.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.domain import errors
from broadcaster.services.airtime import planning, schedules
from broadcaster.services.hours import rules, sites
from broadcaster.services.hours.sites import SiteFacts
from broadcaster.services.speaking.signing import make_keys
from firmware_config.protocol import Manifest
from tests.cast import COMMUNE, NOW, SPEAKERS, VILLAGES, Cast, approved, gather, told
from tests.databases import Server

pytestmark = pytest.mark.database

SOUND_MS = 30_000
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
HOURS = st.integers(0, 23)


@dataclass(frozen=True)
class Written:
    """What the oracle knows of one set: in force in these villages from then on."""

    unit: str
    since: datetime
    facts: dict[str, Any]


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(HOURS) * 60 + draw(st.sampled_from((0, 30)))
    length = draw(st.sampled_from((30, 60, 180, 600)))
    days = draw(st.lists(st.integers(0, 6), min_size=2, max_size=7, unique=True))
    return {"days": sorted(days), "start": start, "end": min(1440, start + length)}


facts = st.fixed_dictionaries(
    {
        "hours": st.lists(windows(), min_size=1, max_size=3),
        "pause_minutes": st.sampled_from((0, 0, 30)),
        "day_minutes": st.sampled_from((0, 0, 2)),
        "categories": st.sampled_from(([], [], ["general"], ["land"])),
    }
)
recurrences = st.fixed_dictionaries(
    {
        "rrule": st.sampled_from(("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=TH,FR,SA")),
        "times": st.lists(HOURS, min_size=1, max_size=3, unique=True).map(
            lambda hours: [
                f"{hour:02d}:{minute}" for hour, minute in zip(sorted(hours), ("00", "15", "45"), strict=False)
            ]
        ),
    }
)
edits = st.lists(
    st.one_of(
        st.tuples(st.just("rules"), st.sampled_from((COMMUNE, *VILLAGES)), facts, st.integers(0, 60)),
        st.tuples(st.just("schedule"), recurrences),
        st.tuples(st.just("site"), windows()),
        st.tuples(st.just("wait"), st.integers(1, 20)),
    ),
    min_size=3,
    max_size=7,
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=edits)
def test_nothing_is_planned_outside_the_rules(sqlite_server: Server, tmp_path_factory: Any, steps: list[Any]) -> None:
    signing = make_keys(Path(tmp_path_factory.mktemp("keys")), now=NOW)
    with sqlite_server.database() as database:
        cast, now = gather(database), START
        written: list[Written] = []
        quiet: list[dict[str, Any]] = []
        for step in steps:
            now += timedelta(minutes=1)
            if step[0] == "wait":
                now += timedelta(hours=step[1])
            try:
                with database.transaction() as session:
                    act(session, cast, step, now, written, quiet)
            except errors.LoaError:
                continue
        with database.transaction() as session:
            planning.plan(session, now=now)
        for speaker, village in zip(SPEAKERS, VILLAGES, strict=True):
            with database.transaction() as session:
                manifest = told(session, speaker, signing=signing, now=now)
            check(manifest, village, written, quiet, now)


def act(
    session: Any, cast: Cast, step: Any, now: datetime, written: list[Written], quiet: list[dict[str, Any]]
) -> None:
    """One edit as its page makes it; what is refused changes nothing."""
    if step[0] == "rules":
        since = now + timedelta(hours=step[3])
        row = rules.set(session, cast.owner, step[1], step[2], now=now, since=since)
        written.append(Written(step[1], row.since, step[2]))
    elif step[0] == "schedule":
        announcement = approved(session, cast, now=now)
        schedules.add(session, cast.clerk, announcement.id, step[1], now=now)
    elif step[0] == "site":
        sites.add(session, cast.owner, COMMUNE, SiteFacts("Trường", "school", [step[1]]), now=now)
        quiet.append(step[1])
    else:
        planning.plan(session, now=now)


def check(
    manifest: Manifest, village: str, written: Sequence[Written], quiet: Sequence[dict[str, Any]], now: datetime
) -> None:
    """Every item's sound lies in the hours of every unit above, in no quiet hour, and within the limits."""
    starts = sorted(datetime.fromtimestamp(item.start / 1000, UTC) for item in manifest.items)
    for start in starts:
        if start < now:
            continue
        ruling = in_force([one for one in written if one.unit in {COMMUNE, village}], start)
        for one in ruling:
            assert is_open(one["hours"], start), (village, start, one)
            assert not one["categories"] or "general" in one["categories"]
            for other in starts:
                gap = abs((other - start).total_seconds()) - SOUND_MS / 1000
                assert other == start or gap <= 60 or gap >= one["pause_minutes"] * 60
            same_day = [other for other in starts if day(other) == day(start)]
            assert not one["day_minutes"] or len(same_day) * SOUND_MS <= one["day_minutes"] * 60_000
        assert not any(touches(window, start) for window in quiet), (start, quiet)


def in_force(written: Sequence[Written], at: datetime) -> list[dict[str, Any]]:
    """Of each unit the facts written last among the latest that have begun; the usual hours while none has."""
    found: dict[str, Written] = {}
    for one in written:
        if one.since <= at and (one.unit not in found or found[one.unit].since <= one.since):
            found[one.unit] = one
    usual = {"hours": [{"days": range(7), "start": 300, "end": 1260}]}
    nothing = {"pause_minutes": 0, "day_minutes": 0, "categories": []}
    return [nothing | one.facts for one in found.values()] or [nothing | usual]


def is_open(hours: Sequence[dict[str, Any]], start: datetime) -> bool:
    """Whether every second of the sound lies in some window."""
    seconds = [start + timedelta(seconds=number) for number in range(SOUND_MS // 1000)]
    return all(any(touches(window, second, 0) for window in hours) for second in seconds)


def touches(window: dict[str, Any], start: datetime, sound: int = SOUND_MS // 1000 - 1) -> bool:
    """Whether a window is open at any of the two ends."""
    ends = (start, start + timedelta(seconds=sound))
    return any(
        end.astimezone(ZONE).weekday() in window["days"] and window["start"] <= minute(end) < window["end"]
        for end in ends
    )


def minute(at: datetime) -> int:
    here = at.astimezone(ZONE)
    return here.hour * 60 + here.minute


def day(at: datetime) -> date:
    return at.astimezone(ZONE).date()
