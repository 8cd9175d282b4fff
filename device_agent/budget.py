"""What a SIM card's month still allows: normal clips stop first, then priority, an emergency never."""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from firmware_config.protocol import Klass, Millis
from firmware_config.protocol.hours import day_of

SHARES: dict[Klass, int | None] = {Klass.NORMAL: 80, Klass.PRIORITY: 95, Klass.EMERGENCY: None}
"""Up to how many hundredths of the month's cap clips of a class are fetched; the rest keeps the speaker in touch."""


@dataclass(frozen=True, slots=True)
class Month:
    """What was moved in one month of the speaker's own clock."""

    number: int
    """Year × 100 + month; 0 before any time was known."""
    bytes: int


def may_fetch(klass: Klass, used: int, cap: int, more: int) -> bool:
    """Whether `more` bytes for a clip of this class stay within its share of the cap; a cap of 0 holds nothing back."""
    share = SHARES[klass]
    return share is None or cap == 0 or 100 * (used + more) <= share * cap


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
