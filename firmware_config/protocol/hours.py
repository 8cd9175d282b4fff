"""Windows of the week by the clock on the wall: seasons, midnights, and the days a clock is put forward or back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

from firmware_config.protocol.codecs import AtMost, Millis, Number
from firmware_config.protocol.documents import Document
from firmware_config.protocol.refusals import Refusal, Refused

DAY_MINUTES = 1440
MINUTE_MS = 60_000
SUNDAY = 6

Minute = Annotated[int, Number(0, DAY_MINUTES)]
YearDay = Annotated[int, Number(101, 1231)]

_DAY_MS = DAY_MINUTES * MINUTE_MS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Hours(Document):
    """One window of the week: on `days` (0 = Monday) from `start` to `end`, minutes since local midnight.

    It counts in one season, from the day `first` to the day `last` of each year, written month × 100 + day; a
    season whose `last` comes before its `first` lasts over New Year.
    """

    days: Annotated[tuple[Annotated[int, Number(0, 6)], ...], AtMost(7)]
    start: Minute
    end: Minute
    first: YearDay = 101
    last: YearDay = 1231

    def holds_on(self, day: date, weekday: int) -> bool:
        """Whether it counts on that date, taken as that day of the week."""
        if weekday not in self.days:
            return False
        today = day.month * 100 + day.day
        if self.first <= self.last:
            return self.first <= today <= self.last
        return today >= self.first or today <= self.last


class Stretch(NamedTuple):
    """A piece of one local date in which the wall clock runs evenly: `start` and `end` in ms since midnight."""

    day: date
    start: Millis
    end: Millis


@lru_cache(maxsize=4096)
def stretches(start: Millis, end: Millis, zone: ZoneInfo) -> tuple[Stretch, ...]:
    """The time from `start` to `end` as the wall shows it, cut at midnights and where the clock is changed."""
    return tuple(_stretches(start, end, zone))


def _stretches(at: Millis, end: Millis, zone: ZoneInfo) -> Iterator[Stretch]:
    while True:
        wall = local(at, zone)
        into = (wall.hour * 3600 + wall.minute * 60 + wall.second) * 1000 + wall.microsecond // 1000
        until = min(end, at + _DAY_MS - into)
        if local(until, zone).utcoffset() != wall.utcoffset():
            until = _clock_change(at, until, zone)
        yield Stretch(wall.date(), into, into + until - at)
        if until >= end:
            return
        at = until


def covers(windows: Sequence[Hours], stretch: Stretch, weekday: int) -> bool:
    """Whether the whole stretch lies within the windows of its day; windows that adjoin count as one."""
    reached = stretch.start
    while True:
        further = _end_of_window(windows, stretch.day, weekday, reached)
        if further >= stretch.end:
            return True
        if further <= reached:
            return False
        reached = further


def _end_of_window(windows: Sequence[Hours], day: date, weekday: int, at: Millis) -> Millis:
    """The latest end among the windows that hold at that moment of the day, or -1."""
    latest = -1
    for one in windows:
        end = one.end * MINUTE_MS
        if one.start * MINUTE_MS <= at <= end and end > latest and one.holds_on(day, weekday):
            latest = end
    return latest


def touches(windows: Sequence[Hours], stretch: Stretch, weekday: int) -> bool:
    """Whether any part of the stretch lies in a window of its day."""
    end = max(stretch.end, stretch.start + 1)
    return any(
        one.start * MINUTE_MS < end and stretch.start < one.end * MINUTE_MS
        for one in windows
        if one.holds_on(stretch.day, weekday)
    )


def local(at: Millis, zone: ZoneInfo) -> datetime:
    """That moment by the clock on the wall."""
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(zone)


@lru_cache(maxsize=4096)
def day_of(at: Millis, zone: ZoneInfo) -> date:
    """The local date of that moment."""
    return local(at, zone).date()


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name; one that is not known here raises `Refused(POLICY)`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Refused(Refusal.POLICY, "time zone not known") from None


def check_window(window: Hours) -> None:
    """Raises `Refused(POLICY)` for a window that cannot be meant."""
    if not window.days or len(set(window.days)) != len(window.days):
        raise Refused(Refusal.POLICY, "hours without days, or with one day twice")
    if window.start >= window.end:
        raise Refused(Refusal.POLICY, "hours that end before they begin")
    if not all(_is_date(_LEAP_YEAR * 10_000 + one) for one in (window.first, window.last)):
        raise Refused(Refusal.POLICY, "a season of days that no calendar has")


def check_date(written: int) -> None:
    """Raises `Refused(POLICY)` for a date (year × 10000 + month × 100 + day) that no calendar has."""
    if not _is_date(written):
        raise Refused(Refusal.POLICY, "a holiday that no calendar has")


def _is_date(written: int) -> bool:
    try:
        date(written // 10_000, written // 100 % 100, written % 100)
    except ValueError:
        return False
    return True


def _clock_change(before: Millis, after: Millis, zone: ZoneInfo) -> Millis:
    """The first moment at which the zone's offset is no longer that of `before`."""
    offset = local(before, zone).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if local(middle, zone).utcoffset() == offset else (before, middle)
    return after
