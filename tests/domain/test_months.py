"""Months begin and end on the clock of the place."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.errors import Malformed
from broadcaster.domain.months import Month, month_of, parse

pytestmark = pytest.mark.pure
ZONES = [ZoneInfo(name) for name in ("Asia/Ho_Chi_Minh", "Europe/Paris", "America/Los_Angeles", "Pacific/Apia")]
months = st.builds(Month, st.integers(2020, 2099), st.integers(1, 12))


@given(months)
def test_what_is_written_is_read(month: Month) -> None:
    assert parse(str(month)) == month
    assert month.before.after == month == month.after.before
    assert list(month.back(3)) == [month, month.before, month.before.before]


@given(st.text(max_size=9))
def test_anything_else_is_refused_or_a_month(written: str) -> None:
    try:
        found = parse(written)
    except Malformed:
        return
    assert str(found) == written


@given(months, st.sampled_from(ZONES))
def test_months_follow_one_another_without_a_gap(month: Month, zone: ZoneInfo) -> None:
    begin, end = month.borders(zone)
    assert end == month.after.borders(zone)[0]
    assert month_of(begin, zone) == month == month_of(end - timedelta(microseconds=1), zone)
    assert month_of(end, zone) == month.after


def test_the_border_lies_at_midnight_in_the_village() -> None:
    begin, end = Month(2026, 11).borders(ZONES[0])
    assert (begin, end) == (datetime(2026, 10, 31, 17, tzinfo=UTC), datetime(2026, 11, 30, 17, tzinfo=UTC))
    assert Month(2024, 2).days[-1] == date(2024, 2, 29)
