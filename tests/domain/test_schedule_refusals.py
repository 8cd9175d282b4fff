"""What no schedule can be, each refused with its code."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.errors import LoaError
from broadcaster.domain.schedule import Recurrence
from broadcaster.domain.schedule.checks import check

pytestmark = pytest.mark.pure

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ONCE: dict[str, Any] = {"times": ["05:30"]}
DAILY: dict[str, Any] = {"rrule": "FREQ=DAILY"}


def refused(rule: dict[str, Any], until: datetime | None = None) -> str:
    try:
        check(Recurrence.from_json(rule), NOW, until, HANOI)
    except LoaError as error:
        return error.code
    return ""


CODES = [
    ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "schedule_never"),
    ({"rrule": "FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=31"}, "schedule_never"),
    ({"rrule": "FREQ=DAILY;UNTIL=20201231"}, "schedule_never"),
    ({"also": ["2020-01-01"]}, "schedule_never"),
    ({"also": ["2027-01-05"], "except": ["2027-01-05"]}, "schedule_never"),
    ({"rrule": "FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=7", "holidays": "only"}, "schedule_never"),
    ({"rrule": "FREQ=SECONDLY"}, "schedule_too_often"),
    ({"rrule": "FREQ=MINUTELY;INTERVAL=10"}, "schedule_too_often"),
    ({"rrule": "FREQ=HOURLY"}, "schedule_too_often"),
    ({**DAILY, "times": ["05:30", "05:34"]}, "schedule_too_often"),
    ({**DAILY, "times": ["23:58", "00:01"]}, "schedule_too_often"),
    ({**DAILY, "times": [f"{hour:02d}:{minute}" for hour in range(13) for minute in (10, 40)]}, "schedule_too_often"),
    ({**DAILY, "seasons": [{"first": 401, "last": 930, "times": ["23:58"]}], "times": ["00:01"]}, "schedule_too_often"),
    ({"lunar": ["6n-15"]}, "lunar_leap_month"),
    ({"lunar": ["6 nhuận-15"]}, "lunar_leap_month"),
    ({"lunar": ["31"]}, "malformed"),
    ({"lunar": ["0"]}, "malformed"),
    ({"lunar": ["13-1"]}, "malformed"),
    ({"lunar": ["rằm"]}, "malformed"),
    ({"lunar": "15"}, "malformed"),
    ({}, "schedule_empty"),
    ({**DAILY, "times": []}, "schedule_empty"),
    ({**DAILY, "cron": "* * * * *"}, "malformed"),
    ({**DAILY, "times": ["25:00"]}, "malformed"),
    ({**DAILY, "times": ["05:30:30"]}, "malformed"),
    ({**DAILY, "times": ["05:30+07:00"]}, "malformed"),
    ({**DAILY, "times": "05:30"}, "malformed"),
    ({**DAILY, "except": ["30/4"]}, "malformed"),
    ({**DAILY, "holidays": "sometimes"}, "malformed"),
    ({**DAILY, "seasons": [{"first": 230, "last": 930, "times": ["05:00"]}]}, "malformed"),
    ({**DAILY, "seasons": [{"first": 401, "last": 930, "hour": 5}]}, "malformed"),
    ({**DAILY, "seasons": [{"first": 401, "last": 930, "times": []}, {"first": 901, "last": 101}]}, "malformed"),
    ({"days": [7]}, "malformed"),
    ({"days": 1}, "malformed"),
    ({"rrule": 5}, "malformed"),
    ({"rrule": "every day"}, "malformed"),
    ({"rrule": "FREQ=DAILY;FREQ=DAILY"}, "malformed"),
    ({"rrule": "FREQ=DAILY;BYHOUR=5"}, "malformed"),
    ({"rrule": "FREQ=DAILY;BYEASTER=0"}, "malformed"),
    ({"rrule": "FREQ=DAILY;INTERVAL=0"}, "malformed"),
    ({"rrule": "FREQ=WEEKLY;BYDAY=1MO"}, "malformed"),
    ({"rrule": "FREQ=WEEKLY;BYMONTHDAY=1"}, "malformed"),
    ({"rrule": "FREQ=MONTHLY;BYDAY=0MO"}, "malformed"),
    ({"rrule": "FREQ=MONTHLY;BYSETPOS=1"}, "malformed"),
    ({"rrule": "FREQ=MONTHLY;BYMONTHDAY=32"}, "malformed"),
    ({"rrule": "FREQ=DAILY;COUNT=3;UNTIL=20300101"}, "malformed"),
    ({"rrule": "FREQ=DAILY;UNTIL=never"}, "malformed"),
]


@pytest.mark.parametrize(("rule", "code"), CODES)
def test_refused_with_its_code(rule: dict[str, Any], code: str) -> None:
    assert refused({**ONCE, **rule}) == code


def test_an_end_before_the_start_is_refused() -> None:
    assert refused({**DAILY, **ONCE}, until=NOW - timedelta(days=1)) == "end_before_start"
    assert refused({**DAILY, **ONCE}, until=NOW) == "end_before_start"


def test_an_end_before_the_first_time_is_refused() -> None:
    assert refused({**DAILY, "times": ["17:00"]}, until=NOW + timedelta(hours=1)) == "schedule_never"


@pytest.mark.parametrize(
    "rule",
    [
        {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"},
        {"lunar": ["12-30"]},
        {**DAILY, "times": ["05:30", "05:35"]},
        {**DAILY, "times": [f"{hour:02d}:00" for hour in range(24)]},
    ],
)
def test_what_is_rare_or_frequent_but_possible_is_not(rule: dict[str, Any]) -> None:
    assert refused({**ONCE, **rule}) == ""


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("FREQ=DAILY") | st.just("05:30")
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner))
names = st.sampled_from(["rrule", "lunar", "times", "seasons", "except", "also", "holidays", "from", "days", "x"])


@given(st.dictionaries(names, values, max_size=5))
def test_anything_else_is_refused_and_never_falls_over(rule: dict[str, Any]) -> None:
    try:
        check(Recurrence.from_json(rule), NOW, None, HANOI)
    except LoaError as error:
        assert error.code != "unexpected"  # noqa: PT017
