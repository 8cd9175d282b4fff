"""The events of a timetable as announcements with schedules, each with what stands in its way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from broadcaster.domain import announcement
from broadcaster.domain.announcement import Words
from broadcaster.domain.errors import InThePast, LoaError, Malformed, NotATimetable
from broadcaster.domain.schedule import Recurrence, instant
from broadcaster.domain.schedule.checks import check
from broadcaster.domain.timetable.fitting import fitted
from broadcaster.domain.timetable.moments import Wall, days_of, same_clock, wall_of
from broadcaster.domain.words import line, prose

# What a broken file makes the parser raise, by trying thousands of them; see tests/domain/test_timetable.py.
BROKEN = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError)
CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: an announcement and when it airs (`rule` empty = once at `starts`), or the `problem` with it."""

    title: str
    text: str
    rule: dict[str, Any]
    starts: datetime | None = None
    until: datetime | None = None
    problem: LoaError | None = None


def read(content: bytes, zone: ZoneInfo, now: datetime) -> list[Entry]:
    """Every event of the file, on the clock of that zone. Raises NotATimetable, TimetableTooLarge for the whole."""
    text = fitted(content)
    try:
        calendar = Calendar.from_ical(text)
        events = [each for each in calendar.walk("VEVENT") if isinstance(each, Event)]
    except BROKEN as error:
        raise NotATimetable(problem=str(error)[:80]) from error
    if not events:
        raise NotATimetable(problem="VEVENT")
    moved = _moved(events)
    return [_entry(each, moved, zone, now) for each in events if _word(each, "STATUS").upper() != CANCELLED]


def _moved(events: Iterable[Event]) -> dict[str, list[Event]]:
    """Single times of a recurring event that were moved or cancelled, by its UID."""
    found: dict[str, list[Event]] = {}
    for each in events:
        if "RECURRENCE-ID" in each:
            found.setdefault(_word(each, "UID"), []).append(each)
    return found


def _entry(event: Event, moved: dict[str, list[Event]], zone: ZoneInfo, now: datetime) -> Entry:
    entry = Entry(line(_word(event, "SUMMARY")), "", {})
    try:
        entry = replace(entry, text=prose(_word(event, "DESCRIPTION")) or entry.title)
        away = [] if "RECURRENCE-ID" in event else moved.get(_word(event, "UID"), [])
        entry = _timed(entry, event, away, zone)
        _judge(entry, zone, now)
    except LoaError as error:
        return replace(entry, problem=error)
    except BROKEN as error:
        return replace(entry, problem=Malformed(field="VEVENT", problem=str(error)[:80]))
    return entry


def _timed(entry: Entry, event: Event, away: Sequence[Event], zone: ZoneInfo) -> Entry:
    begins = wall_of(event, "DTSTART", zone)
    if "EXRULE" in event:
        raise Malformed(field="EXRULE", problem="RFC 2445")
    if not {"RRULE", "RDATE"} & set(event):
        return replace(entry, starts=begins.at)
    same_clock(begins, zone)
    gone = [wall_of(each, "RECURRENCE-ID", zone).local.date() for each in away]
    also = days_of(event, "RDATE", begins, zone)
    text, last = _rule(event, begins, zone)
    rule = {
        "rrule": text,
        "times": [begins.local.strftime("%H:%M")],
        "except": _written({*gone, *days_of(event, "EXDATE", begins, zone)}),
        "also": _written(also if text else {*also, begins.local.date()}),
        "from": begins.local.date().isoformat(),
    }
    until = instant(last + timedelta(days=1), time(), zone) if last else None
    return replace(entry, rule={name: value for name, value in rule.items() if value}, starts=begins.at, until=until)


def _rule(event: Event, begins: Wall, zone: ZoneInfo) -> tuple[str, date | None]:
    """The rule without its end, and the last day it can mean."""
    rule = event.get("RRULE")
    if rule is None:
        return "", None
    if isinstance(rule, list):
        raise Malformed(field="RRULE", problem="RRULE, RRULE")
    parts = rule.to_ical().decode().split(";")
    return ";".join(part for part in parts if not part.startswith("UNTIL=")), _last(rule.get("UNTIL"), begins, zone)


def _last(until: Sequence[date | datetime] | None, begins: Wall, zone: ZoneInfo) -> date | None:
    if not until:
        return None
    end = until[0]
    if not isinstance(end, datetime):
        return end
    local = end.astimezone(zone) if end.tzinfo else end
    whole = local.time() >= begins.local.time()
    return local.date() if whole else local.date() - timedelta(days=1)


def _judge(entry: Entry, zone: ZoneInfo, now: datetime) -> None:
    announcement.check(title=entry.title, versions=[Words("vi", entry.text, recorded=False)], audience=1, repeat=1)
    assert entry.starts is not None
    if not entry.rule:
        if entry.starts <= now:
            raise InThePast(when=entry.starts.astimezone(zone).strftime("%d/%m/%Y %H:%M"))
        return
    rule = Recurrence.from_json(entry.rule).starting(entry.starts.astimezone(zone).date())
    if entry.until is not None and entry.until <= now:
        raise InThePast(when=entry.until.astimezone(zone).strftime("%d/%m/%Y %H:%M"))
    check(rule, max(entry.starts, now), entry.until, zone)


def _written(days: Iterable[date]) -> list[str]:
    return [day.isoformat() for day in sorted(days)]


def _word(event: Event, name: str) -> str:
    value = event.get(name)
    return str(value[0] if isinstance(value, list) else value or "")
