"""Terms of a channel as somebody fills them in, and the hours in which it is quiet."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.errors import LoaError, Malformed, UnknownLanguage
from broadcaster.domain.mirror_terms import PostsWhen, Terms, TypedTerms, clock, quiet_end

pytestmark = pytest.mark.pure

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
clocks = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
moments = st.integers(0, 15 * 366 * 24 * 60).map(lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
zones = st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Paris", "America/New_York", "Australia/Lord_Howe"]).map(ZoneInfo)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


@pytest.mark.parametrize(
    ("now", "begins", "ends", "end"),
    [
        ("2026-11-25T21:59", "22:00", "05:30", None),
        ("2026-11-25T22:00", "22:00", "05:30", "2026-11-26T05:30"),
        ("2026-11-26T05:29", "22:00", "05:30", "2026-11-26T05:30"),
        ("2026-11-26T05:30", "22:00", "05:30", None),
        ("2026-11-26T12:00", "11:30", "13:30", "2026-11-26T13:30"),
        ("2026-11-26T13:30", "11:30", "13:30", None),
        ("2026-11-26T00:00", "23:00", "00:00", None),
        ("2026-11-26T12:00", "", "", None),
    ],
)
def test_quiet_hours_begin_and_end_on_the_clock_of_the_village(
    now: str, begins: str, ends: str, end: str | None
) -> None:
    assert quiet_end(at(now), HERE, begins, ends) == (at(end) if end else None)


@given(moments, zones, clocks, clocks)
def test_quiet_hours_always_end_within_a_day_and_then_hold_no_more(
    now: datetime, zone: ZoneInfo, begins: str, ends: str
) -> None:
    end = quiet_end(now, zone, begins, ends) if begins != ends else None
    if end is None:
        return
    assert now < end <= now + timedelta(hours=25)
    assert quiet_end(end, zone, begins, ends) is None


@given(st.lists(st.one_of(st.none(), st.text(), st.just("Europe"), st.just("Asia/Nowhere")), max_size=3))
def test_names_that_are_no_clock_are_passed_over(names: list[str | None]) -> None:
    assert clock([*names, "Asia/Kabul"]).key == "Asia/Kabul" or set(names) & available_timezones()
    assert clock(["", "Asia/Nowhere"]) == HERE


def test_what_is_left_out_is_the_usual() -> None:
    assert TypedTerms().settled() == Terms()


def test_what_is_filled_in_is_kept() -> None:
    found = TypedTerms("approval", "21:30", "05:00", "12", ("vi", "", "hmn", "vi")).settled()
    assert found == Terms(PostsWhen.APPROVAL, "21:30", "05:00", 12, ("vi", "hmn"))


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (TypedTerms(posts_when="sometimes"), Malformed),
        (TypedTerms(quiet_from="22:00"), Malformed),
        (TypedTerms(quiet_until="05:00"), Malformed),
        (TypedTerms(quiet_from="25:00", quiet_until="05:00"), Malformed),
        (TypedTerms(quiet_from="05:00", quiet_until="05:00"), Malformed),
        (TypedTerms(per_minute="0"), Malformed),
        (TypedTerms(per_minute="601"), Malformed),
        (TypedTerms(per_minute="-3"), Malformed),
        (TypedTerms(per_minute="²"), Malformed),
        (TypedTerms(languages=("vi", "xx")), UnknownLanguage),
    ],
)
def test_what_makes_no_sense_is_refused(typed: TypedTerms, error: type[LoaError]) -> None:
    with pytest.raises(error):
        typed.settled()


@given(st.builds(TypedTerms, *[st.text(max_size=6)] * 4, st.lists(st.text(max_size=4)).map(tuple)))
def test_whatever_is_typed_is_settled_or_refused(typed: TypedTerms) -> None:
    try:
        settled = typed.settled()
    except LoaError:
        return
    assert settled.per_minute is None or 1 <= settled.per_minute <= 600
    assert bool(settled.quiet_from) == bool(settled.quiet_until)
