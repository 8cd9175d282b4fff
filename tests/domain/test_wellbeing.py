"""Which loudspeakers need a look."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.wellbeing import GRACE, QUIET, Seen, alarms, missed_two, out_of_reach
from firmware_config.alarms import alarms as known
from firmware_config.weekly import WEEK, last_due, last_due_ms

pytestmark = pytest.mark.pure

VILLAGE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY_9 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""A Monday, 09:00 in the village: a self-test is due."""
WELL = Seen(enrolled_at=MONDAY_9 - 9 * WEEK, last_seen_at=MONDAY_9, online=True, clock="trusted", tested_at=MONDAY_9)
LATER = MONDAY_9 + GRACE
seconds = st.integers(950_000_000, 2_100_000_000)
zones = st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"])


def at(now: datetime, **changes: Any) -> tuple[str, ...]:
    return alarms(replace(WELL, **{"last_seen_at": now, **changes}), VILLAGE, now)


def test_who_is_well_needs_nothing() -> None:
    assert at(MONDAY_9) == ()


def test_two_tests_in_a_row_without_a_result_are_an_alarm_and_one_is_not() -> None:
    once, twice = LATER + WEEK, LATER + 2 * WEEK
    assert at(once) == ()
    assert at(twice - timedelta(seconds=1)) == ()
    assert at(twice) == ("tests_missed",)
    assert at(twice, tested_at=MONDAY_9 + WEEK + timedelta(hours=23)) == ()
    assert at(twice, tested_at=None) == ("tests_missed",)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"revoked": True}, ()),
        ({"enrolled_at": MONDAY_9 + WEEK + timedelta(hours=1)}, ()),
        ({"enrolled_at": MONDAY_9 + WEEK}, ("tests_missed",)),
        ({"clock": "untrusted"}, ("clock_unknown",)),
        ({"clock": "holdover"}, ("tests_missed",)),
        ({"last_seen_at": None}, ()),
        ({"ahead_days": 30, "tested_at": MONDAY_9}, ()),
        ({"tested_at": MONDAY_9}, ("tests_missed",)),
    ],
)
def test_who_cannot_have_missed_two(changes: dict[str, object], found: tuple[str, ...]) -> None:
    assert at(LATER + 2 * WEEK, **{"tested_at": None, **changes}) == found


def test_who_is_carried_its_programme_may_be_silent_so_long() -> None:
    now = MONDAY_9 + timedelta(days=10)
    away = replace(WELL, tested_at=now)
    assert not out_of_reach(replace(away, ahead_days=30), now)
    assert out_of_reach(replace(away, ahead_days=3), now)
    assert out_of_reach(away, MONDAY_9 + QUIET + timedelta(seconds=1))
    assert not out_of_reach(away, MONDAY_9 + QUIET)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"problems": ("too_hot", "no_ffmpeg")}, ("too_hot", "no_ffmpeg")),
        ({"lagging": True}, ("lagging",)),
        ({"lagging": True, "ahead_days": 30}, ()),
        ({"emergency_volume": 0}, ("muted",)),
        ({"emergency_volume": 1}, ()),
        ({"lagging": True, "last_seen_at": MONDAY_9 - timedelta(hours=1)}, ("out_of_reach",)),
        ({"chain_problem": "broken"}, ("broken_chain",)),
        ({"chain_problem": "gap"}, ()),
        ({"revoked": True, "problems": ("too_hot",), "chain_problem": "broken"}, ()),
    ],
)
def test_each_trouble_is_named(changes: dict[str, object], found: tuple[str, ...]) -> None:
    assert at(MONDAY_9, **changes) == found
    assert set(found) <= set(known())


@given(st.integers(0, 6), st.integers(0, 1439), seconds, zones)
def test_the_last_due_moment_is_the_newest_with_that_weekday_and_minute(
    day: int, minute: int, now: int, zone: str
) -> None:
    here, moment = ZoneInfo(zone), datetime.fromtimestamp(now, UTC)
    found = last_due(day, minute, moment, here)
    assert found <= moment < found + WEEK + timedelta(hours=2)
    wall = found.astimezone(here)
    # Where the clocks are put forward the minute may not be there at all.
    gone = wall.replace(tzinfo=None) != wall.astimezone(UTC).astimezone(here).replace(tzinfo=None)
    assert (
        gone
        or (wall.weekday(), wall.hour * 60 + wall.minute) == (day, minute)
        or wall.utcoffset() != (found - timedelta(hours=3)).astimezone(here).utcoffset()
    )
    assert last_due_ms(day, minute, round(moment.timestamp() * 1000), here) <= round(moment.timestamp() * 1000)


@given(seconds, st.integers(0, 6), st.integers(0, 1439))
def test_who_tests_itself_each_week_never_misses_two(now: int, day: int, minute: int) -> None:
    moment = datetime.fromtimestamp(now, UTC)
    made = last_due(day, minute, moment - WEEK, VILLAGE)
    seen = replace(WELL, enrolled_at=moment - 9 * WEEK, test_day=day, test_minute=minute, tested_at=made)
    assert not missed_two(seen, VILLAGE, moment)
    assert missed_two(replace(seen, tested_at=made - 2 * WEEK), VILLAGE, moment)
