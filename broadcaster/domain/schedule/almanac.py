"""Days as a wall calendar shows them: whole weeks from Monday, with the moon and the public holidays."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import holidays

from broadcaster.domain.schedule.lunar import lunar_of

WEEK = timedelta(days=7)


class Span(StrEnum):
    """How much of it is looked at."""

    WEEK = "week"
    MONTH = "month"


def days(span: Span, at: date) -> tuple[date, ...]:
    """The days shown: the week of that day, or its month filled up to whole weeks."""
    if span is Span.WEEK:
        first = at - timedelta(days=at.weekday())
        return tuple(first + timedelta(days=number) for number in range(7))
    first = at.replace(day=1)
    last = after(Span.MONTH, first) - timedelta(days=1)
    first -= timedelta(days=first.weekday())
    many = (last - first).days + 7 - last.weekday()
    return tuple(first + timedelta(days=number) for number in range(many))


def before(span: Span, at: date) -> date:
    """A day of the week, or the first of the month, before."""
    return at - WEEK if span is Span.WEEK else (at.replace(day=1) - timedelta(days=1)).replace(day=1)


def after(span: Span, at: date) -> date:
    """A day of the week, or the first of the month, after."""
    return at + WEEK if span is Span.WEEK else (at.replace(day=28) + timedelta(days=4)).replace(day=1)


def lunar_short(day: date) -> str:
    """Its lunar date in figures: "15/10"; "15/6+" in a leap month."""
    found = lunar_of(day)
    return f"{found.day}/{found.month}{'+' if found.leap else ''}"


@lru_cache(maxsize=64)
def holiday_names(year: int, language: str) -> Mapping[date, str]:
    """What the public holidays of Viet Nam are called in that year: in Vietnamese, or else in English."""
    spoken = "vi" if language == "vi" else "en_US"
    return dict(holidays.country_holidays("VN", years=year, language=spoken))
