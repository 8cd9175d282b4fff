"""When a speaker may be heard: enforced by the server and once more by the speaker."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from firmware_config.protocol.codecs import AtMost, Count, Millis, Moment, Number, Text
from firmware_config.protocol.documents import Document, Klass
from firmware_config.protocol.refusals import Refusal, Refused

DAY_MINUTES = 1440
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Minute = Annotated[int, Number(0, DAY_MINUTES)]
_YearDay = Annotated[int, Number(101, 1231)]
_Category = Annotated[str, Text(40, re.compile(r"[a-z][a-z_]{1,39}"))]
_Date = Annotated[int, Number(20200101, 21001231)]


@dataclass(frozen=True, slots=True)
class Hours(Document):
    """One window of the week: on `days` (0 = Monday) from `start` to `end`, minutes since local midnight.

    It counts in one season, from the day `first` to the day `last` of each year, written month × 100 + day.
    """

    days: Annotated[tuple[Annotated[int, Number(0, 6)], ...], AtMost(7)]
    start: _Minute
    end: _Minute
    first: _YearDay = 101
    last: _YearDay = 1231


class Holidays(StrEnum):
    """What holds on a public holiday."""

    USUAL = "usual"
    SUNDAY = "sunday"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Rules(Document):
    """A unit's rules of the air in its IANA zone, in force from `since`; a limit of 0 holds nothing back.

    Volumes 0..100 are ceilings by day and by night. Every set of a speaker's chain of units must allow a sound:
    so a unit can tighten what the units above it allow, and never widen it.
    """

    version: Count
    zone: Annotated[str, Text(60, re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*"))]
    hours: Annotated[tuple[Hours, ...], AtMost(50)]
    volume_day: Count = 100
    volume_night: Count = 100
    night_start: _Minute = 21 * 60
    night_end: _Minute = 5 * 60
    since: Moment = 0
    holidays: Holidays = Holidays.USUAL
    holiday_dates: Annotated[tuple[_Date, ...], AtMost(200)] = ()
    """Public holidays, written year × 10000 + month × 100 + day."""
    quiet: Annotated[tuple[Hours, ...], AtMost(50)] = ()
    """Hours of a school or a clinic nearby, in which nothing but an emergency is heard."""
    categories: Annotated[tuple[_Category, ...], AtMost(50)] = ()
    """The only categories that may be heard; none named = every one."""
    sessions_day: Count = 0
    session_minutes: Count = 0
    day_minutes: Count = 0
    pause_minutes: Count = 0


def allows(rules: Rules, klass: Klass, start: Millis, ms: int) -> bool:
    """Whether a sound of `ms` from `start` may be heard: wholly inside one window; an emergency always may."""
    if klass is Klass.EMERGENCY:
        return True
    zone = zone_of(rules)
    begin, end = _local(start, zone), _local(start + max(ms, 0), zone)
    last = _second(end) + (end.date() - begin.date()).days * DAY_MINUTES * 60
    return any(
        begin.weekday() in one.days and one.start * 60 <= _second(begin) and last <= one.end * 60 for one in rules.hours
    )


def volume_ceiling(rules: Rules, klass: Klass, at: Millis) -> int:
    """The loudest volume (0..100) allowed at that moment; an emergency is never held down by the night."""
    if klass is Klass.EMERGENCY:
        return 100
    minute = _second(_local(at, zone_of(rules))) / 60
    evening, morning = minute >= rules.night_start, minute < rules.night_end
    over_midnight = rules.night_start > rules.night_end
    night = (evening or morning) if over_midnight else (evening and morning)
    return rules.volume_night if night else rules.volume_day


def zone_of(rules: Rules) -> ZoneInfo:
    """The rules' time zone; one that is not known here raises `Refused(POLICY)`."""
    try:
        return ZoneInfo(rules.zone)
    except (KeyError, ValueError, OSError):
        raise Refused(Refusal.POLICY, "time zone not known") from None


def check_policy(rules: Rules) -> None:
    """Raises `Refused(POLICY)` for rules that cannot be meant."""
    zone_of(rules)
    if max(rules.volume_day, rules.volume_night) > 100:
        raise Refused(Refusal.POLICY, "volume above 100")
    if any(one.start >= one.end for one in rules.hours):
        raise Refused(Refusal.POLICY, "hours that end before they begin")


def _local(at: Millis, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(zone)


def _second(at: datetime) -> float:
    return at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6
