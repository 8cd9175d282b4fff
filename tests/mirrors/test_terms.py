"""Terms of a channel as somebody fills them in, and the hours in which it is quiet."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.errors import LoaError, Malformed, UnknownLanguage
from broadcaster.domain.mirror_terms import PostsWhen, Terms, quiet_end, terms_of

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


def test_what_is_left_out_is_the_usual() -> None:
    assert terms_of("", "", "", "", []) == Terms()


def test_what_is_filled_in_is_kept() -> None:
    found = terms_of("approval", "21:30", "05:00", "12", ["vi", "", "hmn", "vi"])
    assert found == Terms(PostsWhen.APPROVAL, "21:30", "05:00", 12, ("vi", "hmn"))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"posts_when": "sometimes"}, Malformed),
        ({"quiet_from": "22:00"}, Malformed),
        ({"quiet_until": "05:00"}, Malformed),
        ({"quiet_from": "25:00", "quiet_until": "05:00"}, Malformed),
        ({"quiet_from": "05:00", "quiet_until": "05:00"}, Malformed),
        ({"per_minute": "0"}, Malformed),
        ({"per_minute": "601"}, Malformed),
        ({"per_minute": "-3"}, Malformed),
        ({"per_minute": "²"}, Malformed),
        ({"languages": ["vi", "xx"]}, UnknownLanguage),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, object], error: type[LoaError]) -> None:
    usual: dict[str, object] = {
        "posts_when": "", "quiet_from": "", "quiet_until": "", "per_minute": "", "languages": [],
    }  # fmt: skip
    with pytest.raises(error):
        terms_of(**(usual | changes))  # type: ignore[arg-type]
