"""Hours on the wall clock of the unit, whatever the zone does that night."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_config.protocol import Hours, Kind, Klass, Refused, Rules, Sound, barred
from firmware_config.protocol import volume_ceiling as ceiling_of

pytestmark = pytest.mark.pure

HANOI = "Asia/Ho_Chi_Minh"
# Hanoi's wards: two sessions a day, Monday to Friday.
WARD = Rules(1, HANOI, (Hours((0, 1, 2, 3, 4), 7 * 60, 7 * 60 + 15), Hours((0, 1, 2, 3, 4), 16 * 60 + 30, 17 * 60)))


def allows(rules: Rules, klass: Klass, start: int, ms: int) -> bool:
    return barred((rules,), Sound(klass, Kind.LIVE, "general", "tb-1", start, ms)) is None


def volume_ceiling(rules: Rules, klass: Klass, moment: int) -> int:
    return ceiling_of((rules,), klass, moment)


def at(text: str, zone: str = HANOI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("start", "seconds", "allowed"),
    [
        ("2026-11-23 07:00:00", 900, True),
        ("2026-11-23 07:00:00", 901, False),
        ("2026-11-23 06:59:59", 60, False),
        ("2026-11-23 07:14:59", 1, True),
        ("2026-11-23 07:14:59", 2, False),
        ("2026-11-23 03:15:00", 60, False),
        ("2026-11-23 16:30:00", 1800, True),
        ("2026-11-23 07:00:00", 10 * 3600, False),
        ("2026-11-22 07:00:00", 60, False),
    ],
)
def test_a_sound_lies_wholly_inside_one_window(start: str, seconds: int, allowed: bool) -> None:
    for klass in (Klass.NORMAL, Klass.PRIORITY):
        assert allows(WARD, klass, at(start), seconds * 1000) is allowed
    assert allows(WARD, Klass.EMERGENCY, at(start), seconds * 1000)


def test_without_hours_only_an_emergency_may_be_heard() -> None:
    silent = replace(WARD, hours=())
    assert not allows(silent, Klass.PRIORITY, at("2026-11-23 07:00:00"), 0)
    assert allows(silent, Klass.EMERGENCY, at("2026-11-23 07:00:00"), 0)


def test_a_window_may_last_until_midnight_and_not_beyond() -> None:
    late = Rules(1, HANOI, (Hours((6,), 23 * 60, 1440), Hours((0,), 0, 60)))
    assert allows(late, Klass.NORMAL, at("2026-11-22 23:59:00"), 60_000)
    assert not allows(late, Klass.NORMAL, at("2026-11-22 23:59:00"), 60_001)


@given(st.integers(0, 4_000_000_000), st.integers(0, 6 * 3600), st.sampled_from([HANOI, "Europe/Berlin", "UTC"]))
@settings(deadline=None, database=None)
def test_what_is_allowed_is_within_the_hours_second_by_second(start: int, seconds: int, zone: str) -> None:
    rules = Rules(1, zone, (Hours((0, 2, 4), 60, 240), Hours((1, 3), 1, 1439), Hours((6,), 0, 1440)))
    begin = datetime.fromtimestamp(start, ZoneInfo(zone))
    end = datetime.fromtimestamp(start + seconds, ZoneInfo(zone))
    midnight = datetime.combine(begin.date() + timedelta(days=1), datetime.min.time())
    last = end.replace(tzinfo=None)
    inside = any(
        begin.weekday() in one.days
        and one.start <= (begin.hour * 60 + begin.minute)
        and last <= min(midnight, midnight - timedelta(minutes=1440 - one.end))
        for one in rules.hours
    )
    assert allows(rules, Klass.NORMAL, start * 1000, seconds * 1000) is inside


def test_hours_follow_the_wall_when_the_clock_is_put_forward_or_back() -> None:
    rules = Rules(1, "Europe/Berlin", (Hours((6,), 60, 240),))
    assert allows(rules, Klass.NORMAL, at("2026-03-29 01:30:00", "Europe/Berlin"), 90 * 60_000)
    assert not allows(rules, Klass.NORMAL, at("2026-03-29 01:30:00", "Europe/Berlin"), 91 * 60_000)
    assert allows(rules, Klass.NORMAL, at("2026-10-25 01:30:00", "Europe/Berlin"), 210 * 60_000)
    assert not allows(rules, Klass.NORMAL, at("2026-10-25 01:30:00", "Europe/Berlin"), 211 * 60_000)


@pytest.mark.parametrize(
    ("wall", "ceiling"), [("20:59:59", 90), ("21:00:00", 40), ("00:00:00", 40), ("04:59:59", 40), ("05:00:00", 90)]
)
def test_the_night_is_quieter_except_for_an_emergency(wall: str, ceiling: int) -> None:
    rules = replace(WARD, volume_day=90, volume_night=40)
    assert volume_ceiling(rules, Klass.NORMAL, at(f"2026-11-23 {wall}")) == ceiling
    assert volume_ceiling(rules, Klass.EMERGENCY, at(f"2026-11-23 {wall}")) == 100


def test_a_night_within_one_day_is_a_night_too() -> None:
    rules = replace(WARD, volume_day=90, volume_night=40, night_start=60, night_end=120)
    assert volume_ceiling(rules, Klass.NORMAL, at("2026-11-23 01:30:00")) == 40
    assert volume_ceiling(rules, Klass.NORMAL, at("2026-11-23 03:00:00")) == 90


def test_a_zone_nobody_knows_is_refused() -> None:
    for zone in ("Asia/Atlantis", "Asia", "A/B/C/D"):
        with pytest.raises(Refused):
            allows(replace(WARD, zone=zone), Klass.NORMAL, 0, 0)
