"""A unit can only tighten: what is wider is found on any day of a leap year, and so is what leaves nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.rules.chain import SITES, chain_of, quiet_rules, still, with_holidays
from broadcaster.domain.rules.instants import instant
from broadcaster.domain.rules.limits import limit_words, wider_words
from broadcaster.domain.rules.tightening import leaves_nothing, minus, spans, wider
from broadcaster.domain.rules_of_the_air import DEFAULT
from firmware_config.protocol import Holidays, Hours, Kind, Klass, Played, Rules, Sound, barred, in_force
from firmware_config.protocol.rules_of_the_air import check_chain
from tests.rules.strategies import BEGIN, chains, days, instants, lengths, plays, rules, sounds, windows

pytestmark = pytest.mark.pure
YEAR = [date(2024, 1, 1) + timedelta(days=number) for number in range(366)]
EVERY = tuple(range(7))


def minutes(windows: tuple[Hours, ...], day: int, season: int) -> set[int]:
    """Every minute of one weekday on one day of the year, counted one by one."""
    return {
        minute
        for one in windows
        if day in one.days and one.holds_on(date(2024, season // 100, season % 100), day)
        for minute in range(one.start, one.end)
    }


@settings(max_examples=50)
@given(st.lists(windows(), max_size=3), st.lists(windows(), max_size=3))
def test_wider_hours_are_found_on_the_very_days_they_are_wider(own: list[Hours], above: list[Hours]) -> None:
    mine, theirs = (replace(DEFAULT, hours=tuple(each)) for each in (own, above))
    seasons = {101, 415, 416, 1015, 1016, 1126, 1127, 1128, 1231, 229}
    real = any(
        minutes(mine.hours, day, season) - minutes(theirs.hours, day, season) for day in EVERY for season in seasons
    )
    found = wider(mine, [theirs])
    assert (found is not None) == real
    if found is not None:
        assert isinstance(found.own, tuple)
        assert found.own[0] in minutes(mine.hours, found.day, found.season) - minutes(
            theirs.hours, found.day, found.season
        )


@given(chains(), rules("thon-mau"), sounds, plays())
def test_a_unit_below_never_allows_what_one_above_forbids(
    above: tuple[Rules, ...], own: Rules, sound: Sound, heard: tuple[Played, ...]
) -> None:
    forbidden = barred(above, sound, heard)
    both = barred((*above, own), sound, heard)
    assert forbidden is None or both is not None
    assert both is None or forbidden is not None or barred((own,), sound, heard) is not None


@settings(max_examples=40)
@given(st.lists(rules(), min_size=1, max_size=2))
def test_rules_that_leave_nothing_have_no_minute_in_the_year(found: list[Rules]) -> None:
    left = any(
        set.intersection(*(minutes(each.hours, day, season) - minutes(each.quiet, day, season) for each in found))
        for season in (101, 229, 415, 416, 1015, 1016, 1126, 1127, 1128, 1231)
        for day in EVERY
    )
    assert leaves_nothing(found) != left


def test_each_limit_may_be_tightened_and_not_widened() -> None:
    above = replace(DEFAULT, sessions_day=2, session_minutes=15, day_minutes=30, pause_minutes=60, volume_day=80)
    above = replace(above, volume_night=40, categories=("land", "health"))
    for field, tighter, looser in (
        ("sessions_day", 1, 3),
        ("session_minutes", 10, 20),
        ("day_minutes", 20, 31),
        ("pause_minutes", 90, 30),
        ("volume_day", 70, 90),
        ("volume_night", 30, 41),
        ("categories", ("land",), ("land", "farming")),
    ):
        assert wider(replace(DEFAULT, **{field: tighter}), [above]) is None  # type: ignore[arg-type]
        found = wider(replace(DEFAULT, **{field: looser}), [DEFAULT, above])  # type: ignore[arg-type]
        assert found is not None
        assert found.field == field
        assert all(words(found, language) for words in (wider_words, limit_words) for language in ("vi", "en", "fr"))
    assert wider(DEFAULT, [above]) is None


def test_a_chain_always_has_rules_in_force() -> None:
    later = replace(DEFAULT, unit="xa-mau", since=BEGIN + 1000, hours=(Hours(EVERY, 0, 60),))
    for sets in ({}, {"xa-mau": [later]}, {"xa-mau": [replace(later, since=BEGIN - 5)]}):
        chain = chain_of(["tinh", "xa-mau"], sets, [Hours((0,), 420, 660)], since=BEGIN, zone=DEFAULT.zone)
        check_chain(chain)
        ruling = in_force(chain, BEGIN)
        assert [one.unit for one in ruling if one.unit == SITES] == [SITES]
        assert len(ruling) == 2
    assert barred(
        in_force(chain_of(["xa-mau"], {"xa-mau": [later]}, since=BEGIN, zone=DEFAULT.zone), BEGIN + 1000), a()
    )


def a() -> Sound:
    """A sound long after the hour that `later` opens."""
    return Sound(Klass.NORMAL, Kind.LIVE, "general", "tin-mau", BEGIN + 1000, 1000)


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(1, 9)), unique_by=lambda pair: pair[1]))
def test_of_one_moment_the_latest_version_stands(pairs: list[tuple[int, int]]) -> None:
    dated = [replace(DEFAULT, since=BEGIN + at, version=version) for at, version in pairs]
    found = still(dated, BEGIN)
    assert [one.since for one in found] == sorted({one.since for one in found})
    for one in found:
        assert one.version == max(other.version for other in dated if other.since == one.since)
    past = [one.since for one in dated if one.since <= BEGIN]
    assert [one.since for one in found if one.since <= BEGIN] == ([max(past)] if past else [])
    assert {one.since for one in found if one.since > BEGIN} == {one.since for one in dated if one.since > BEGIN}


def test_holidays_are_filled_in_only_where_rules_ask_for_them() -> None:
    assert with_holidays(DEFAULT, 2026).holiday_dates == ()
    asked = with_holidays(replace(DEFAULT, holidays=Holidays.SILENT), 2026)
    assert {20260101, 20260217, 20260430, 20260902, 20270206} <= set(asked.holiday_dates)
    assert asked.holiday_dates == tuple(sorted(asked.holiday_dates))
    new_year = instant(datetime(2027, 1, 1, 3, tzinfo=UTC))
    assert barred((asked,), replace(a(), start=new_year)) == "holiday"


@given(windows(), instants, lengths, days)
def test_quiet_hours_close_nothing_but_themselves(window: Hours, start: int, ms: int, also: tuple[int, ...]) -> None:
    (rules_,) = quiet_rules([window, replace(window, days=also)], DEFAULT.zone)
    assert barred((rules_,), replace(a(), start=start, ms=ms)) in {None, "quiet_site"}


@given(st.lists(windows(), max_size=4), st.lists(windows(), max_size=4), st.integers(0, 6))
def test_spans_are_minutes_written_short(some: list[Hours], others: list[Hours], day: int) -> None:
    one, other = minutes(tuple(some), day, 701), minutes(tuple(others), day, 701)
    left = minus(spans(some, day, 701), spans(others, day, 701))
    assert {minute for start, end in left for minute in range(start, end)} == one - other
