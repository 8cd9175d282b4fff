"""When a recurrence comes round: any stretch of time, cut anywhere, says the same."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.errors import Malformed, ScheduleEmpty, UnknownZone
from broadcaster.domain.schedule import At, Kind, Recurrence, Repeating, moment, rule_of, zone_named
from tests.domain.recurrences import RULES, ZONES, recurrences

pytestmark = pytest.mark.pure

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
WEEK = timedelta(days=7)
instants = st.integers(-400_000, 400_000).map(lambda minutes: MONDAY + timedelta(minutes=minutes))


@given(recurrences(), st.tuples(instants, instants, instants), st.sampled_from(ZONES))
def test_two_stretches_side_by_side_are_one_long_one(
    rule: Recurrence, cuts: tuple[datetime, datetime, datetime], zone: ZoneInfo
) -> None:
    start, middle, end = sorted(cuts)
    parts = rule.between(start, middle, zone) + rule.between(middle, end, zone)
    assert parts == rule.between(start, end, zone)


@given(recurrences(), instants, st.integers(1, 20_000), st.sampled_from(ZONES))
def test_moments_come_in_order_once_each_and_both_clocks_agree(
    rule: Recurrence, start: datetime, minutes: int, zone: ZoneInfo
) -> None:
    end = start + timedelta(minutes=minutes)
    found = rule.between(start, end, zone)
    assert [each.at for each in found] == sorted({each.at for each in found})
    for each in found:
        assert start <= each.at < end
        local = each.at.astimezone(zone)
        assert each.wall == local.strftime("%Y-%m-%dT%H:%M")
        # Where the clock shows an hour twice, ours is the first.
        assert local.fold == 0


@given(recurrences())
def test_a_rule_is_stored_and_read_back(rule: Recurrence) -> None:
    assert Recurrence.from_json(rule.to_json()) == rule


@given(recurrences(), st.integers(0, 400))
def test_what_is_heard_on_a_day_does_not_depend_on_how_far_one_looks(rule: Recurrence, ahead: int) -> None:
    day = date(2026, 11, 23) + timedelta(days=ahead)
    whole = rule.days(date(2026, 11, 23), date(2028, 1, 31))
    assert (day in whole) == (day in rule.days(day, day))


@pytest.mark.parametrize("text", RULES)
def test_a_rule_gives_the_same_days_near_and_from_its_beginning(text: str) -> None:
    """The anchor near the stretch is a short cut: it must not change what is found."""
    rule = Recurrence.from_json({"rrule": text, "times": ["05:30"], "from": "2011-03-30"})
    long = rule.days(date(2011, 3, 30), date(2028, 12, 31))
    near = [day for year in range(2026, 2029) for day in rule.days(date(year, 1, 1), date(year, 12, 31))]
    assert near == [day for day in long if day.year >= 2026]


def test_the_first_form_schedules_were_stored_in_is_still_read() -> None:
    rule = Recurrence.from_json({"days": [0, 2], "times": ["17:00", "05:30"]})
    assert [each.wall for each in rule.between(MONDAY, MONDAY + WEEK, HANOI)] == [
        "2026-11-23T17:00",
        "2026-11-25T05:30",
        "2026-11-25T17:00",
        "2026-11-30T05:30",
    ]


def test_a_number_of_times_becomes_a_last_day() -> None:
    rule = Recurrence.from_json({"rrule": "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=5", "times": ["05:30"]})
    assert rule.starting(date(2026, 11, 24)).rrule == "FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20261210"


NONE: list[dict[str, Any]] = [
    {"days": [], "times": ["05:30"]},
    {"days": [0], "times": []},
    {"times": ["05:30"]},
    {"rrule": "FREQ=DAILY"},
    {"lunar": ["15"], "seasons": [{"first": 401, "last": 930, "times": []}]},
]


@pytest.mark.parametrize("given_rule", NONE)
def test_no_day_or_no_hour_is_no_schedule(given_rule: dict[str, Any]) -> None:
    with pytest.raises(ScheduleEmpty):
        Recurrence.from_json(given_rule)


def test_once_is_once() -> None:
    rule = rule_of(Kind.AT, {}, MONDAY)
    assert rule == At(MONDAY)
    assert rule.between(MONDAY, MONDAY + timedelta(days=1), HANOI) == [moment(MONDAY, HANOI)]
    assert rule.between(MONDAY + timedelta(seconds=1), MONDAY + timedelta(days=1), HANOI) == []


def test_a_few_times_in_a_row_and_no_more() -> None:
    rule = rule_of(Kind.REPEATING, {"every_minutes": 5, "times": 3}, MONDAY)
    found = rule.between(MONDAY, MONDAY + WEEK, HANOI)
    assert [each.at - MONDAY for each in found] == [timedelta(minutes=minutes) for minutes in (0, 5, 10)]
    assert rule == Repeating.from_json({"every_minutes": 5, "times": 3}, MONDAY)


@pytest.mark.parametrize(
    "stored",
    [{}, {"every_minutes": 0, "times": 3}, {"every_minutes": 5, "times": 101}, {"every_minutes": "5", "times": 3}],
)
def test_a_row_that_is_none_is_refused(stored: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Repeating.from_json(stored, MONDAY)


@pytest.mark.parametrize("name", ["Asia/Nowhere", "", "../etc/passwd", "/etc/localtime"])
def test_a_zone_that_is_none_is_named(name: str) -> None:
    with pytest.raises(UnknownZone):
        zone_named(name)


def test_hours_are_in_order_whatever_was_given() -> None:
    rule = Recurrence.from_json({"rrule": "FREQ=DAILY", "times": ["17:00", "05:30", "17:00"]})
    assert rule.times == (time(5, 30), time(17))
