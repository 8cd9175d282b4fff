"""When a weekly rule comes round, on clocks that change and clocks that do not."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.errors import Malformed, ScheduleEmpty, UnknownZone
from broadcaster.domain.schedule import At, Weekly, moment, zone_named

pytestmark = pytest.mark.pure

HANOI, BERLIN = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def walls(rule: Weekly, start: datetime, days: int, zone: ZoneInfo = HANOI) -> list[str]:
    return [each.wall for each in rule.between(start, start + timedelta(days=days), zone)]


def test_each_day_at_each_hour_of_the_village_clock() -> None:
    rule = Weekly((0, 2), (time(17), time(5, 30)))
    assert walls(rule, MONDAY, 7) == [
        "2026-11-23T17:00",
        "2026-11-25T05:30",
        "2026-11-25T17:00",
        "2026-11-30T05:30",
    ]


def test_the_instant_is_utc() -> None:
    (found,) = Weekly((2,), (time(5, 30),)).between(MONDAY, MONDAY + timedelta(days=7), HANOI)
    assert found.at == datetime(2026, 11, 24, 22, 30, tzinfo=UTC)


def test_an_hour_the_clock_skips_comes_once_and_one_it_repeats_comes_once() -> None:
    rule = Weekly((6,), (time(2, 30),))
    spring, autumn = datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)
    assert [each.at for each in rule.between(spring, spring + timedelta(days=2), BERLIN)] == [
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    ]
    assert [each.at for each in rule.between(autumn, autumn + timedelta(days=2), BERLIN)] == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    ]


instants = st.integers(0, 20_000).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
rules = st.builds(
    lambda days, times: Weekly(tuple(sorted(days)), tuple(sorted(times))),
    st.sets(st.integers(0, 6), min_size=1),
    st.sets(st.times().map(lambda hour: hour.replace(second=0, microsecond=0)), min_size=1, max_size=4),
)


@given(rules, instants, instants, instants, st.sampled_from([HANOI, BERLIN]))
def test_two_stretches_side_by_side_are_one_long_one(
    rule: Weekly, one: datetime, two: datetime, three: datetime, zone: ZoneInfo
) -> None:
    start, middle, end = sorted([one, two, three])
    parts = rule.between(start, middle, zone) + rule.between(middle, end, zone)
    assert parts == rule.between(start, end, zone)
    assert all(start <= each.at < end for each in parts)


@given(rules)
def test_a_rule_is_stored_and_read_back(rule: Weekly) -> None:
    assert Weekly.from_json(rule.to_json()) == rule


@pytest.mark.parametrize("given_rule", [{"days": [], "times": ["05:30"]}, {"days": [0], "times": []}])
def test_no_day_or_no_hour_is_no_schedule(given_rule: dict[str, list[object]]) -> None:
    with pytest.raises(ScheduleEmpty):
        Weekly.from_json(given_rule)


@pytest.mark.parametrize(
    "given_rule",
    [{}, {"days": [7], "times": ["05:30"]}, {"days": [0], "times": ["25:00"]}, {"days": 1, "times": ["05:30"]},
     {"days": [0], "times": ["05:30+07:00"]}],
)  # fmt: skip
def test_what_is_no_rule_is_refused(given_rule: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        Weekly.from_json(given_rule)


def test_once_is_once() -> None:
    rule = At(MONDAY)
    assert rule.between(MONDAY, MONDAY + timedelta(days=1), HANOI) == [moment(MONDAY, HANOI)]
    assert rule.between(MONDAY + timedelta(seconds=1), MONDAY + timedelta(days=1), HANOI) == []


@pytest.mark.parametrize("name", ["Asia/Nowhere", "", "../etc/passwd", "/etc/localtime"])
def test_a_zone_that_is_none_is_named(name: str) -> None:
    with pytest.raises(UnknownZone):
        zone_named(name)
