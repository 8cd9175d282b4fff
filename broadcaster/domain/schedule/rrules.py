"""Which days a recurrence rule of RFC 5545 chooses, worked out near the stretch that is asked for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NoReturn

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday

from broadcaster.domain.errors import Malformed, ScheduleTooOften

EPOCH = date(2001, 1, 1)
"""Where counting begins that has no beginning of its own; a Monday."""
CYCLE, LAST_YEAR = timedelta(days=146_097), 9990
MOST_YEARS = 40
"""How far ahead a rule is looked for before it counts as one that never comes."""
MOST_TIMES, LEAST_GAP = 24, timedelta(minutes=5)
FREQUENCIES = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NUMBERS = {"BYMONTH": (1, 12), "BYMONTHDAY": (-31, 31), "BYYEARDAY": (-366, 366), "BYWEEKNO": (-53, 53)}
NUMBERS |= {"BYSETPOS": (-366, 366)}
DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
ALONE = {"BYMONTHDAY": ("DAILY", "MONTHLY", "YEARLY"), "BYYEARDAY": ("YEARLY",), "BYWEEKNO": ("YEARLY",)}
# RFC 5545, 3.3.10: which parts stand with which frequency.


@dataclass(frozen=True, slots=True)
class Days:
    """A rule taken apart; `by` holds the numbers of each BY… part, `weekdays` pairs of (which one or 0, day)."""

    freq: str
    interval: int = 1
    until: date | None = None
    count: int | None = None
    weekdays: tuple[tuple[int, int], ...] = ()
    by: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    week_start: int = 0

    def between(self, text: str, since: date | None, first: date, last: date) -> set[date]:
        """The days from `first` to `last`, both included; `text` is this rule as it was written."""
        last = min(last, self.until or last)
        first = max(first, since or first)
        begin = since or EPOCH
        if last < first:
            return set()
        # Only what is missing in the rule comes from its beginning, so that most rules share one answer.
        filled = begin if self.needs_beginning() else None
        return set(_found(text, filled, self.anchor(begin, first), first, last))

    def needs_beginning(self) -> bool:
        """Whether the day or month it comes on is that of its beginning."""
        return self.freq != "DAILY" and not self.weekdays and not (set(self.by) & {"BYMONTHDAY", "BYYEARDAY"})

    def anchor(self, begin: date, first: date) -> date:
        """The first day of the period (day, week, month, year) of the rule that `first` lies in or follows."""
        if self.freq == "DAILY":
            return begin + timedelta(days=_whole((first - begin).days, self.interval))
        if self.freq == "WEEKLY":
            week = begin - timedelta(days=(begin.weekday() - self.week_start) % 7)
            return week + timedelta(days=_whole((first - week).days, 7 * self.interval))
        if self.freq == "MONTHLY":
            months = begin.year * 12 + begin.month - 1
            months += _whole(first.year * 12 + first.month - 1 - months, self.interval)
            return date(months // 12, months % 12 + 1, 1)
        return date(begin.year + _whole(first.year - begin.year, self.interval), 1, 1)

    def counted_out(self, since: date) -> date:
        """The day it comes for the last time, where it says how often."""
        end = date(min(since.year + MOST_YEARS, 9999), 12, 31)
        found = sorted(_expanded(self, since, since, since, end))[: self.count]
        return found[-1] if found else since


def parse(text: str) -> Days:
    """Read a rule that chooses days. Raises ScheduleTooOften for parts of a day, Malformed for what is none."""
    return _parse(text)


@lru_cache(maxsize=1024)
def _parse(text: str) -> Days:
    parts: dict[str, str] = {}
    for each in text.split(";"):
        name, _, value = each.partition("=")
        if not value or name in parts:
            _refuse(each)
        parts[name] = value
    freq = parts.pop("FREQ", "")
    if freq in {"SECONDLY", "MINUTELY", "HOURLY"}:
        raise ScheduleTooOften(times=MOST_TIMES, minutes=LEAST_GAP // timedelta(minutes=1))
    if freq not in FREQUENCIES:
        _refuse("FREQ")
    days = Days(
        freq,
        interval=_numbers("INTERVAL", parts.pop("INTERVAL", "1"), 1, 1000)[0],
        until=_day(parts.pop("UNTIL", None)),
        count=_numbers("COUNT", parts.pop("COUNT"), 1, 1000)[0] if "COUNT" in parts else None,
        weekdays=tuple(_weekday(each) for each in parts.pop("BYDAY").split(",")) if "BYDAY" in parts else (),
        week_start=WEEKDAYS.index(parts.pop("WKST")) if parts.get("WKST") in WEEKDAYS else 0,
        by={name: _numbers(name, parts.pop(name), *span) for name, span in NUMBERS.items() if name in parts},
    )
    if parts:
        _refuse(", ".join(sorted(parts)))
    return _fitting(days)


def _fitting(days: Days) -> Days:
    for name, frequencies in ALONE.items():
        if name in days.by and days.freq not in frequencies:
            _refuse(f"{name} + FREQ={days.freq}")
    ordinal = any(number for number, _ in days.weekdays)
    if ordinal and (days.freq in {"DAILY", "WEEKLY"} or "BYWEEKNO" in days.by):
        _refuse("BYDAY")
    if "BYSETPOS" in days.by and not days.weekdays and len(days.by) == 1:
        _refuse("BYSETPOS")
    if days.until and days.count:
        _refuse("UNTIL + COUNT")
    return days


@lru_cache(maxsize=2048)
def _found(text: str, begin: date | None, anchor: date, first: date, last: date) -> frozenset[date]:
    return frozenset(_expanded(_parse(text), begin, anchor, first, last))


def _expanded(days: Days, begin: date | None, anchor: date, first: date, last: date) -> Iterator[date]:
    # The library looks for the next day of a rule until the year 9999. The calendar repeats itself every 400 years, so
    # we ask near that end, and a rule that never comes is found out soon.
    shift = CYCLE * ((LAST_YEAR - last.year) // 400)
    start, low, high = (datetime.combine(day + shift, time()) for day in (anchor, first, last))
    rule = rrule(dtstart=start, until=high, **_arguments(days, begin))
    return (found.date() - shift for found in rule.between(low, high, inc=True))


def _arguments(days: Days, begin: date | None) -> dict[str, Any]:
    given: dict[str, Any] = {name.lower(): numbers for name, numbers in days.by.items()}
    if days.weekdays:
        given["byweekday"] = [weekday(day, number or None) for number, day in days.weekdays]
    if begin is not None and days.needs_beginning():
        given |= _from_beginning(days, begin)
    return {"freq": FREQUENCIES[days.freq], "interval": days.interval, "wkst": days.week_start, **given}


def _from_beginning(days: Days, begin: date) -> dict[str, Any]:
    if days.freq == "WEEKLY" or "BYWEEKNO" in days.by:
        return {"byweekday": [weekday(begin.weekday())]}
    if days.freq == "MONTHLY" or "BYMONTH" in days.by:
        return {"bymonthday": [begin.day]}
    return {"bymonth": [begin.month], "bymonthday": [begin.day]}


def _whole(distance: int, step: int) -> int:
    return distance // step * step


def _numbers(name: str, value: str, low: int, high: int) -> tuple[int, ...]:
    try:
        found = tuple(sorted({int(each) for each in value.split(",")}))
    except ValueError:
        _refuse(name)
    if 0 in found or found[0] < low or found[-1] > high:
        _refuse(name)
    return found


def _weekday(value: str) -> tuple[int, int]:
    found = DAY.fullmatch(value)
    if found is None or found[1] in {"0", "+0", "-0", "00"} or abs(int(found[1] or 0)) > 53:
        _refuse("BYDAY")
    return int(found[1] or 0), WEEKDAYS.index(found[2])


def _day(value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return datetime.strptime(value[:8], "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        _refuse("UNTIL")


def _refuse(problem: str) -> NoReturn:
    raise Malformed(field="rrule", problem=problem)
