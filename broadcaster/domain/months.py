"""A month on the clock of a place: where it begins and ends, and its neighbours."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.errors import Malformed

FIRST_YEAR, LAST_YEAR = 2020, 2100
_WRITTEN = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def before(self) -> "Month":
        """The month before."""
        return _of(self.first - timedelta(days=1))

    @property
    def after(self) -> "Month":
        """The month after."""
        return _of(self.first + timedelta(days=31))

    @property
    def days(self) -> list[date]:
        """Its days, in order."""
        return [self.first + timedelta(days=number) for number in range((self.after.first - self.first).days)]

    def borders(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first instant and the first one after it, in UTC."""
        return midnight(self.first, zone), midnight(self.after.first, zone)

    def back(self, count: int) -> "Iterator[Month]":
        """It and the months before it, `count` in all."""
        month = self
        for _ in range(count):
            yield month
            month = month.before


def parse(written: str) -> Month:
    """2026-11. Raises Malformed."""
    found = _WRITTEN.fullmatch(written)
    if found is None or not (FIRST_YEAR <= int(found[1]) <= LAST_YEAR and 1 <= int(found[2]) <= 12):
        raise Malformed(field="month", problem="2026-11")
    return Month(int(found[1]), int(found[2]))


def month_of(at: datetime, zone: ZoneInfo) -> Month:
    """The month it is there."""
    return _of(at.astimezone(zone).date())


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins there, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _of(day: date) -> Month:
    return Month(day.year, day.month)
