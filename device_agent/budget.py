"""What a SIM card's month still allows: normal clips stop first, then priority, an emergency never."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from firmware_config.data_budget import SHARES, may_fetch
from firmware_config.protocol import Klass, Millis
from firmware_config.protocol.hours import day_of

__all__ = ["SHARES", "Month", "counted", "may_fetch", "month_of", "spent"]


@dataclass(frozen=True, slots=True)
class Month:
    """What was moved in one month of the speaker's own clock."""

    number: int
    """Year × 100 + month; 0 before any time was known."""
    bytes: int


def spent(used: int, cap: int) -> bool:
    """Whether clips of some class are no longer fetched, however small."""
    return not may_fetch(Klass.NORMAL, used, cap, 1)


def month_of(now: Millis, zone: ZoneInfo) -> int:
    """The number of the month that a moment falls in."""
    day = day_of(now, zone)
    return day.year * 100 + day.month


def counted(month: Month, more: int, number: int | None) -> Month:
    """The month with `more` bytes; a later one begins at them, `None` while no clock can be trusted.

    A clock that was wrong and is set back keeps the count: what was moved was moved.
    """
    if number is None or number == month.number:
        return replace(month, bytes=month.bytes + more)
    if month.number and number > month.number:
        return Month(number, more)
    return Month(number, month.bytes + more)
