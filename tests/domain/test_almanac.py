"""Weeks and months as a wall calendar shows them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.schedule import public_holidays
from broadcaster.domain.schedule.almanac import Span, after, before, days, holiday_names, lunar_short

pytestmark = pytest.mark.pure

DATES = st.dates(date(1990, 1, 1), date(2150, 12, 31))


@given(st.sampled_from(Span), DATES)
def test_whole_weeks_from_monday_with_that_day_in_them(span: Span, at: date) -> None:
    shown = days(span, at)
    assert shown[0].weekday() == 0
    assert shown == tuple(shown[0] + timedelta(days=number) for number in range(len(shown)))
    assert at in shown
    assert len(shown) == 7 if span is Span.WEEK else len(shown) in {28, 35, 42}


@given(DATES)
def test_a_month_is_shown_whole_and_hardly_more(at: date) -> None:
    shown = days(Span.MONTH, at)
    inside = [day for day in shown if (day.year, day.month) == (at.year, at.month)]
    assert inside[0].day == 1
    assert (inside[-1] + timedelta(days=1)).day == 1
    assert shown.index(inside[0]) < 7
    assert len(shown) - shown.index(inside[-1]) <= 7


@given(st.sampled_from(Span), DATES)
def test_forward_and_back_again_is_the_same_page(span: Span, at: date) -> None:
    assert days(span, before(span, after(span, at))) == days(span, at)
    assert days(span, after(span, at)) != days(span, at)


def test_the_moon_and_the_feasts() -> None:
    assert lunar_short(date(2026, 2, 17)) == "1/1"
    assert lunar_short(date(2025, 7, 25)) == "1/6+"
    assert holiday_names(2026, "vi")[date(2026, 9, 2)] == "Quốc khánh"
    assert holiday_names(2026, "en")[date(2026, 9, 2)] == "National Day"
    assert holiday_names(2026, "fr").keys() == public_holidays(2026)
