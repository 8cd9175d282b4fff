"""Public holidays of Viet Nam, and what a schedule does on them."""

from datetime import date
from enum import StrEnum
from functools import lru_cache

import holidays


class Holidays(StrEnum):
    """Whether a schedule takes notice of public holidays."""

    INCLUDE = "include"
    """As on any other day."""
    SKIP = "skip"
    """Silent on them."""
    ONLY = "only"
    """Heard on them alone."""


@lru_cache(maxsize=256)
def public_holidays(year: int) -> frozenset[date]:
    """The days off work of that year, with the days given for those that fall on a weekend."""
    return frozenset(holidays.country_holidays("VN", years=year))


def kept(days: set[date], mode: Holidays) -> set[date]:
    """Those of the days that remain."""
    if mode is Holidays.INCLUDE:
        return days
    free = {day for day in days if day in public_holidays(day.year)}
    return free if mode is Holidays.ONLY else days - free
