"""What is plainly allowed at a glance, the rules of the air allow as well."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadcaster.domain.rules.free import Listener, laid_out
from broadcaster.domain.rules.glance import Glance, Programme
from broadcaster.domain.rules.instants import instant
from firmware_config.protocol import Holidays, Hours, Kind, Klass, Played, Rules, Sound

pytestmark = pytest.mark.pure

BEGIN = instant(datetime(2026, 10, 24, 12, tzinfo=UTC))
"""A weekend on which Europe puts its clocks back."""
HOUR = 3_600_000
END = BEGIN + 72 * HOUR

windows = st.builds(
    lambda days, start, length: Hours(tuple(sorted(days)), start, min(start + length, 1440)),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 1380),
    st.integers(30, 1440),
)
minutes = st.just(0) | st.integers(1, 60)
rules = st.builds(
    Rules,
    version=st.just(1),
    zone=st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "Australia/Lord_Howe"]),
    hours=st.lists(windows, min_size=1, max_size=3).map(tuple),
    since=st.just(0) | st.integers(BEGIN, END),
    holidays=st.sampled_from(Holidays),
    holiday_dates=st.just((20261025,)),
    quiet=st.lists(windows, max_size=1).map(tuple),
    categories=st.just(()) | st.just(("health",)),
    sessions_day=st.integers(0, 4),
    session_minutes=minutes,
    day_minutes=minutes,
    pause_minutes=minutes,
    unit=st.sampled_from(["above", "here"]),
)
chains = st.lists(rules, min_size=1, max_size=2, unique_by=lambda one: (one.unit, one.since)).map(tuple)
plays = st.lists(
    st.builds(lambda at, ms: Played(at, at + ms), st.integers(BEGIN, END), st.integers(1, 20 * 60_000)), max_size=6
)


@given(chains, plays, st.lists(st.tuples(st.integers(BEGIN, END), st.integers(1, 30 * 60_000)), max_size=8))
def test_a_yes_is_certain(chain: tuple[Rules, ...], heard: list[Played], asked: list[tuple[int, int]]) -> None:
    glance, programme = Glance(chain, BEGIN, END), Programme(laid_out(heard))
    programme.count(glance)
    for start, ms in asked:
        yes = glance.is_open(start, start + ms) and (not glance.limited or glance.fits(programme, start, start + ms))
        sound = Sound(Klass.NORMAL, Kind.LIVE, "general", "a", start, ms)
        bar = Listener(chain, 0, laid_out(heard)).bars(sound)
        if yes:
            assert bar is None
        if bar is None:
            # As the planner does: what is allowed is planned, and the next is judged beside it.
            heard = [*heard, Played(start, start + ms)]
            programme.add(start, start + ms, glance.day(start))


@given(st.integers(0, 23), st.integers(1, 60 * 60_000))
@example(12, HOUR)
def test_where_only_hours_hold_it_says_yes_at_once(hour: int, ms: int) -> None:
    day = Hours(tuple(range(7)), 0, 1440)
    glance = Glance((Rules(1, "UTC", (day,)),), BEGIN, END)
    start = BEGIN + hour * HOUR
    whole = (start // (24 * HOUR)) == ((start + ms) // (24 * HOUR))
    assert glance.is_open(start, start + ms) or not whole


def test_beside_a_full_programme_it_doubts() -> None:
    day = Hours(tuple(range(7)), 0, 1440)
    glance = Glance((Rules(1, "UTC", (day,), pause_minutes=10, sessions_day=2),), BEGIN, END)
    programme = Programme()
    first, minute = BEGIN + HOUR, 60_000
    for start, allowed in ((first, True), (first + 5 * minute, False), (first + 20 * minute, True)):
        assert glance.fits(programme, start, start + minute) is allowed
        if allowed:
            programme.add(start, start + minute, glance.day(start))
    later = first + int(timedelta(hours=2) / timedelta(milliseconds=1))
    assert not glance.fits(programme, later, later + minute)
    assert glance.fits(programme, later + 24 * HOUR, later + 24 * HOUR + minute)
