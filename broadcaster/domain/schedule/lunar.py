"""The Vietnamese lunar calendar: which day it is, and which days a schedule means."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Self

import vnlunar

from broadcaster.domain.errors import LunarLeapMonth, Malformed

LAST = "last"
WRITTEN = re.compile(r"(?:(?P<month>\d{1,2})(?P<leap>\D*)-)?(?P<day>\d{1,2}|last)")


@dataclass(frozen=True, slots=True)
class Lunar:
    """A day of the lunar calendar; `leap` where its month is the second of that number in its year."""

    day: int
    month: int
    leap: bool
    year: int


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A lunar day that comes every month (`month` none) or every year; day 0 is the month's last."""

    month: int | None
    day: int

    def is_on(self, day: date) -> bool:
        """Whether that day is it: yearly in the ordinary month only, monthly in a leap month as well."""
        found = lunar_of(day)
        if self.month is not None and (found.month != self.month or found.leap):
            return False
        if self.day == 0:
            return lunar_of(day + timedelta(days=1)).day == 1
        return found.day == self.day

    def __str__(self) -> str:
        """As it is stored: "15", "1-1", "12-last"."""
        day = str(self.day) if self.day else LAST
        return day if self.month is None else f"{self.month}-{day}"

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read "15" (every month), "1-1" (month-day, every year), "12-last". Raises LunarLeapMonth, Malformed."""
        found = WRITTEN.fullmatch(written)
        if found is None:
            raise Malformed(field="lunar", problem="“15”, “1-1” or “12-last”")
        if found["leap"]:
            raise LunarLeapMonth(day=written)
        month = int(found["month"]) if found["month"] else None
        day = 0 if found["day"] == LAST else int(found["day"])
        if (month is not None and not 1 <= month <= 12) or day > 30 or (day == 0 and found["day"] != LAST):
            raise Malformed(field="lunar", problem="1–30, 1–12")
        return cls(month, day)


@lru_cache(maxsize=4096)
def lunar_of(day: date) -> Lunar:
    """That day in the lunar calendar as it is kept in Viet Nam (UTC+7; not always the Chinese one)."""
    found = vnlunar.get_lunar_date(day.day, day.month, day.year)
    return Lunar(found["day"], found["month"], bool(found["leap"]), found["year"])
