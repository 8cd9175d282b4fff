"""Rules of the air by tables: one line for each thing a commune may decide."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from firmware_config.protocol import (
    Barred,
    Exempt,
    Holidays,
    Hours,
    Kind,
    Klass,
    Played,
    Refused,
    Rules,
    Sound,
    barred,
    in_force,
    volume_ceiling,
)
from firmware_config.protocol.rules_of_the_air import check_chain, check_exempt, check_policy

pytestmark = pytest.mark.pure

HANOI = "Asia/Ho_Chi_Minh"
WORKDAYS = (0, 1, 2, 3, 4)
EVERY_DAY = tuple(range(7))
MINUTE = 60_000
# Hanoi's wards: two sessions a day, Monday to Friday.
WARD = Rules(1, HANOI, (Hours(WORKDAYS, 7 * 60, 7 * 60 + 15), Hours(WORKDAYS, 16 * 60 + 30, 17 * 60)))
ALWAYS = Rules(1, HANOI, (Hours(EVERY_DAY, 0, 1440),))


def at(text: str, zone: str = HANOI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def sound(start: str, seconds: int = 60, *, klass: Klass = Klass.NORMAL, zone: str = HANOI) -> Sound:
    return Sound(klass, Kind.LIVE, "general", "tb-1", at(start, zone), seconds * 1000)


def played(start: str, minutes: int) -> Played:
    return Played(at(start), at(start) + minutes * MINUTE)


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
        ("2026-11-23 07:00:00", 0, True),
        ("2026-11-23 07:16:00", 0, False),
    ],
)
def test_a_sound_lies_wholly_inside_one_window(start: str, seconds: int, allowed: bool) -> None:
    for klass in (Klass.NORMAL, Klass.PRIORITY):
        wanted = None if allowed else Barred.OUTSIDE_HOURS
        assert barred((WARD,), sound(start, seconds, klass=klass)) is wanted
    assert barred((WARD,), sound(start, seconds, klass=Klass.EMERGENCY)) is None


def test_only_a_live_emergency_is_never_barred() -> None:
    silent = (replace(WARD, hours=()),)
    emergency = sound("2026-11-23 03:00:00", klass=Klass.EMERGENCY)
    assert barred(silent, emergency) is None
    assert barred(silent, replace(emergency, kind=Kind.DRILL)) is Barred.OUTSIDE_HOURS
    assert barred(silent, sound("2026-11-23 07:00:00", 0, klass=Klass.PRIORITY)) is Barred.OUTSIDE_HOURS


def test_windows_that_adjoin_count_as_one_also_at_midnight() -> None:
    late = Rules(1, HANOI, (Hours((6,), 23 * 60, 1440), Hours((0,), 0, 30), Hours((0,), 30, 60)))
    assert barred((late,), sound("2026-11-22 23:59:00", 61 * 60)) is None
    assert barred((late,), sound("2026-11-22 23:59:00", 61 * 60 + 1)) is Barred.OUTSIDE_HOURS
    assert barred((late,), sound("2026-11-23 23:59:00", 120)) is Barred.OUTSIDE_HOURS


@pytest.mark.parametrize(
    ("first", "last", "day", "allowed"),
    [
        (401, 930, "2026-03-31", False),
        (401, 930, "2026-04-01", True),
        (401, 930, "2026-09-30", True),
        (401, 930, "2026-10-01", False),
        (1001, 331, "2026-12-31", True),
        (1001, 331, "2027-01-01", True),
        (1001, 331, "2027-04-01", False),
        (229, 229, "2028-02-29", True),
    ],
)
def test_a_season_may_last_over_new_year(first: int, last: int, day: str, allowed: bool) -> None:
    seasonal = replace(ALWAYS, hours=(Hours(EVERY_DAY, 0, 1440, first, last),))
    assert (barred((seasonal,), sound(f"{day} 12:00:00")) is None) is allowed


def test_hours_follow_the_wall_when_the_clock_is_put_forward_or_back() -> None:
    berlin = "Europe/Berlin"
    rules = (Rules(1, berlin, (Hours((6,), 60, 240),)),)
    assert barred(rules, sound("2026-03-29 01:30:00", 90 * 60, zone=berlin)) is None
    assert barred(rules, sound("2026-03-29 01:30:00", 90 * 60 + 1, zone=berlin)) is Barred.OUTSIDE_HOURS
    assert barred(rules, sound("2026-10-25 01:30:00", 210 * 60, zone=berlin)) is None
    assert barred(rules, sound("2026-10-25 01:30:00", 210 * 60 + 1, zone=berlin)) is Barred.OUTSIDE_HOURS


def test_an_hour_that_comes_twice_is_judged_twice() -> None:
    berlin = "Europe/Berlin"
    rules = (Rules(1, berlin, (Hours((6,), 120, 150),)),)
    # From 02:15 to the second 02:15: in between it is 02:45, outside the window.
    assert barred(rules, sound("2026-10-25 02:15:00", 60 * 60, zone=berlin)) is Barred.OUTSIDE_HOURS
    assert barred(rules, sound("2026-10-25 02:00:00", 30 * 60, zone=berlin)) is None


@pytest.mark.parametrize(
    ("holidays", "start", "wanted"),
    [
        (Holidays.USUAL, "2026-09-02 07:00:00", None),
        (Holidays.SILENT, "2026-09-02 07:00:00", Barred.HOLIDAY),
        (Holidays.SILENT, "2026-09-03 07:00:00", None),
        (Holidays.SUNDAY, "2026-09-02 07:00:00", Barred.OUTSIDE_HOURS),
        (Holidays.SUNDAY, "2026-09-02 08:00:00", None),
        (Holidays.SUNDAY, "2026-09-03 08:00:00", Barred.OUTSIDE_HOURS),
    ],
)
def test_a_public_holiday(holidays: Holidays, start: str, wanted: Barred | None) -> None:
    hours = (Hours(WORKDAYS, 7 * 60, 7 * 60 + 30), Hours((6,), 8 * 60, 9 * 60))
    rules = Rules(1, HANOI, hours, holidays=holidays, holiday_dates=(20260902,))
    assert barred((rules,), sound(start)) is wanted


@pytest.mark.parametrize(
    ("start", "seconds", "wanted"),
    [
        ("2026-11-23 06:59:00", 60, None),
        ("2026-11-23 06:59:00", 61, Barred.QUIET_SITE),
        ("2026-11-23 10:59:59", 60, Barred.QUIET_SITE),
        ("2026-11-23 11:00:00", 60, None),
        ("2026-11-22 08:00:00", 60, None),
    ],
)
def test_beside_a_school_nothing_is_heard_in_its_hours(start: str, seconds: int, wanted: Barred | None) -> None:
    school = replace(ALWAYS, quiet=(Hours(WORKDAYS, 7 * 60, 11 * 60),))
    assert barred((school,), sound(start, seconds)) is wanted
    assert barred((school,), sound(start, seconds, klass=Klass.EMERGENCY)) is None


def test_only_named_categories_are_heard() -> None:
    weather = replace(ALWAYS, categories=("weather",))
    assert barred((weather,), sound("2026-11-23 07:00:00")) is Barred.CATEGORY
    assert barred((weather,), replace(sound("2026-11-23 07:00:00"), category="weather")) is None


@pytest.mark.parametrize(
    ("limit", "heard", "minutes", "wanted"),
    [
        ({"session_minutes": 15}, [played("2026-11-23 06:50", 10)], 5, None),
        ({"session_minutes": 15}, [played("2026-11-23 06:50", 10)], 6, Barred.SESSION_LENGTH),
        ({"session_minutes": 15}, [played("2026-11-23 06:49", 10)], 5, Barred.SESSION_LENGTH),
        ({"session_minutes": 15}, [played("2026-11-23 06:48", 10)], 15, None),
        ({"session_minutes": 15}, [played("2026-11-23 07:05", 11)], 5, Barred.SESSION_LENGTH),
        ({"sessions_day": 1}, [played("2026-11-23 06:50", 10)], 5, None),
        ({"sessions_day": 1}, [played("2026-11-23 06:00", 10)], 5, Barred.SESSIONS_SPENT),
        ({"sessions_day": 1}, [played("2026-11-23 18:00", 10)], 5, Barred.SESSIONS_SPENT),
        ({"sessions_day": 1}, [played("2026-11-22 18:00", 10)], 5, None),
        ({"day_minutes": 15}, [played("2026-11-23 06:00", 10)], 5, None),
        ({"day_minutes": 15}, [played("2026-11-23 06:00", 10)], 6, Barred.DAY_SPENT),
        ({"day_minutes": 15}, [played("2026-11-22 23:55", 10)], 15, None),
        ({"pause_minutes": 30}, [played("2026-11-23 06:20", 10)], 5, None),
        ({"pause_minutes": 30}, [played("2026-11-23 06:21", 10)], 5, Barred.PAUSE),
        ({"pause_minutes": 30}, [played("2026-11-23 06:49", 10)], 5, None),
        ({"pause_minutes": 30}, [played("2026-11-23 07:07", 10)], 5, Barred.PAUSE),
        ({"pause_minutes": 30}, [played("2026-11-23 07:35", 10)], 5, None),
        ({"sessions_day": 1, "pause_minutes": 30}, [played("2026-11-23 06:40", 10)], 5, Barred.SESSIONS_SPENT),
    ],
)
def test_sessions_minutes_and_pauses(
    limit: dict[str, int], heard: list[Played], minutes: int, wanted: Barred | None
) -> None:
    rules = replace(ALWAYS, **limit)  # type: ignore[arg-type]
    assert barred((rules,), sound("2026-11-23 07:00:00", minutes * 60), heard) is wanted


def test_every_set_in_force_must_allow_and_the_first_reason_is_named() -> None:
    province = replace(ALWAYS, unit="tinh")
    commune = replace(ALWAYS, unit="xa", hours=(Hours(EVERY_DAY, 360, 720),), categories=("weather",))
    village = replace(ALWAYS, unit="ban", quiet=(Hours(EVERY_DAY, 300, 660),))
    morning = sound("2026-11-23 10:00:00")
    assert barred((province,), morning) is None
    assert barred((province, commune), morning) is Barred.CATEGORY
    assert barred((province, commune, village), morning) is Barred.QUIET_SITE
    assert barred((province, commune, village), sound("2026-11-23 05:00:00")) is Barred.OUTSIDE_HOURS


def test_of_each_unit_the_latest_set_that_has_begun_is_in_force() -> None:
    old = replace(ALWAYS, unit="xa", since=at("2026-01-01 00:00"))
    new = replace(WARD, unit="xa", since=at("2026-11-23 00:00"))
    village = replace(ALWAYS, unit="ban")
    chain = (new, old, village)
    assert in_force(chain, new.since - 1) == (old, village)
    assert in_force(chain, new.since) == (new, village)
    assert barred(chain, sound("2026-11-22 12:00:00")) is None
    assert barred(chain, sound("2026-11-23 12:00:00")) is Barred.OUTSIDE_HOURS


def test_where_no_set_is_in_force_only_an_emergency_is_heard() -> None:
    later = (replace(ALWAYS, since=at("2026-12-01 00:00")),)
    for chain in (later, ()):
        assert barred(chain, sound("2026-11-23 12:00:00")) is Barred.OUTSIDE_HOURS
        assert barred(chain, sound("2026-11-23 12:00:00", klass=Klass.EMERGENCY)) is None


@pytest.mark.parametrize(
    ("announcement", "start", "end", "free"),
    [
        ("tb-1", "2026-11-23 03:00:00", "2026-11-23 03:01:00", True),
        ("tb-2", "2026-11-23 03:00:00", "2026-11-23 03:01:00", False),
        ("tb-1", "2026-11-23 03:00:01", "2026-11-23 04:00:00", False),
        ("tb-1", "2026-11-23 02:00:00", "2026-11-23 03:00:59", False),
    ],
)
def test_an_exemption_frees_its_own_announcement_in_its_own_time(
    announcement: str, start: str, end: str, free: bool
) -> None:
    exempt = Exempt(announcement, at(start), at(end))
    assert (barred((WARD,), sound("2026-11-23 03:00:00"), (), (exempt,)) is None) is free


@pytest.mark.parametrize(
    ("wall", "ceiling"), [("20:59:59", 90), ("21:00:00", 40), ("00:00:00", 40), ("04:59:59", 40), ("05:00:00", 90)]
)
def test_the_night_is_quieter_except_for_an_emergency(wall: str, ceiling: int) -> None:
    rules = (replace(WARD, volume_day=90, volume_night=40),)
    assert volume_ceiling(rules, Klass.NORMAL, at(f"2026-11-23 {wall}")) == ceiling
    assert volume_ceiling(rules, Klass.EMERGENCY, at(f"2026-11-23 {wall}")) == 100


def test_a_night_within_one_day_is_a_night_too_and_the_lowest_ceiling_holds() -> None:
    commune = replace(WARD, unit="xa", volume_day=90, volume_night=40, night_start=60, night_end=120)
    village = replace(commune, unit="ban", volume_day=70, volume_night=60)
    late = replace(village, since=at("2026-12-01 00:00"), volume_day=10)
    assert volume_ceiling((commune, village, late), Klass.NORMAL, at("2026-11-23 01:30:00")) == 40
    assert volume_ceiling((commune, village, late), Klass.NORMAL, at("2026-11-23 03:00:00")) == 70


@pytest.mark.parametrize(
    "rules",
    [
        replace(WARD, zone="Asia/Atlantis"),
        replace(WARD, zone="Asia"),
        replace(WARD, zone="A/B/C/D"),
        replace(WARD, volume_day=101),
        replace(WARD, hours=(Hours((0,), 60, 60),)),
        replace(WARD, hours=(Hours((), 60, 120),)),
        replace(WARD, hours=(Hours((1, 1), 60, 120),)),
        replace(WARD, hours=(Hours((0,), 60, 120, 132, 1231),)),
        replace(WARD, hours=(Hours((0,), 60, 120, 101, 431),)),
        replace(WARD, quiet=(Hours((0,), 120, 60),)),
        replace(WARD, holiday_dates=(20260229,)),
        replace(WARD, pause_minutes=1441),
        replace(WARD, session_minutes=1441),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(rules: Rules) -> None:
    with pytest.raises(Refused):
        check_policy(rules)
    with pytest.raises(Refused):
        check_chain((WARD, replace(rules, unit="xa")))


def test_rules_that_can_be_meant_are_not_refused() -> None:
    check_chain((WARD, replace(WARD, since=1), replace(WARD, unit="xa", hours=(Hours((0,), 0, 1440, 229, 228),))))
    with pytest.raises(Refused):
        check_chain((WARD, replace(WARD, version=2)))


@pytest.mark.parametrize(("end", "good"), [(1, True), (12 * 3_600_000, True), (12 * 3_600_000 + 1, False), (0, False)])
def test_an_exemption_lasts_at_most_half_a_day(end: int, good: bool) -> None:
    if good:
        check_exempt(Exempt("tb-1", 0, end))
    else:
        with pytest.raises(Refused):
            check_exempt(Exempt("tb-1", 0, end))
