"""When a speaker may be heard: enforced by the server and once more by the speaker."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from firmware_config.protocol import budgets
from firmware_config.protocol.budgets import Played
from firmware_config.protocol.codecs import ZONE, AtMost, Category, Count, Ident, Millis, Moment, Number, Text
from firmware_config.protocol.documents import Document, Kind, Klass
from firmware_config.protocol.hours import (
    DAY_MINUTES,
    MINUTE_MS,
    SUNDAY,
    Hours,
    Minute,
    check_date,
    check_window,
    covers,
    local,
    stretches,
    touches,
    zone_named,
)
from firmware_config.protocol.refusals import Refusal, Refused

LONGEST_EXEMPTION: Millis = 12 * 3_600_000
_Date = Annotated[int, Number(20200101, 21001231)]


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
    zone: Annotated[str, Text(60, ZONE)]
    hours: Annotated[tuple[Hours, ...], AtMost(50)]
    volume_day: Count = 100
    volume_night: Count = 100
    night_start: Minute = 21 * 60
    night_end: Minute = 5 * 60
    since: Moment = 0
    holidays: Holidays = Holidays.USUAL
    holiday_dates: Annotated[tuple[_Date, ...], AtMost(200)] = ()
    """Public holidays, written year × 10000 + month × 100 + day."""
    quiet: Annotated[tuple[Hours, ...], AtMost(50)] = ()
    """Hours of a school or a clinic nearby, in which nothing but an emergency is heard."""
    categories: Annotated[tuple[Category, ...], AtMost(50)] = ()
    """The only categories that may be heard; none named = every one."""
    sessions_day: Count = 0
    session_minutes: Count = 0
    day_minutes: Count = 0
    pause_minutes: Count = 0
    unit: Ident = "loa"
    """Whose rules these are; a later set of the same unit replaces an earlier one."""


class Barred(StrEnum):
    """Why a sound may not be heard; where several reasons hold, the first of these is named."""

    OUTSIDE_HOURS = "outside_hours"
    HOLIDAY = "holiday"
    QUIET_SITE = "quiet_site"
    CATEGORY = "category"
    SESSION_LENGTH = "session_length"
    SESSIONS_SPENT = "sessions_spent"
    DAY_SPENT = "day_spent"
    PAUSE = "pause"


_ORDER = {reason: place for place, reason in enumerate(Barred)}


@dataclass(frozen=True, slots=True)
class Sound:
    """What would be heard: `ms` of that announcement (its id) from `start`."""

    klass: Klass
    kind: Kind
    category: str
    announcement: str
    start: Millis
    ms: int

    @property
    def end(self) -> Millis:
        """The moment after its last sample."""
        return self.start + max(self.ms, 0)


@dataclass(frozen=True, slots=True)
class Exempt(Document):
    """Two persons let this announcement be heard outside the rules, from `start` to `end`."""

    announcement: Ident
    start: Moment
    end: Moment


def in_force(chain: Sequence[Rules], at: Millis) -> tuple[Rules, ...]:
    """Of each unit in the chain the set with the latest `since` that is not after `at`."""
    latest: dict[str, Rules] = {}
    for rules in chain:
        if rules.since <= at and (rules.unit not in latest or latest[rules.unit].since <= rules.since):
            latest[rules.unit] = rules
    return tuple(latest.values())


def barred(
    chain: Sequence[Rules], sound: Sound, heard: Collection[Played] = (), exempt: Collection[Exempt] = ()
) -> Barred | None:
    """Why the sound may not be heard among what else is `heard` there, or None: every set in force must allow it.

    A live emergency is never barred; where no set is in force, everything else is.
    """
    if sound.klass is Klass.EMERGENCY and sound.kind is Kind.LIVE:
        return None
    if any(
        one.announcement == sound.announcement and one.start <= sound.start and sound.end <= one.end for one in exempt
    ):
        return None
    chain = in_force(chain, sound.start)
    if not chain:
        return Barred.OUTSIDE_HOURS
    found = [reason for rules in chain if (reason := next(_reasons(rules, sound, heard), None)) is not None]
    return min(found, key=_ORDER.__getitem__, default=None)


def volume_ceiling(chain: Sequence[Rules], klass: Klass, at: Millis) -> int:
    """The loudest volume (0..100) all sets in force allow at that moment; no night holds an emergency down."""
    if klass is Klass.EMERGENCY:
        return 100
    return min((_ceiling(rules, at) for rules in in_force(chain, at)), default=100)


def check_policy(rules: Rules) -> None:
    """Raises `Refused(POLICY)` for rules that cannot be meant."""
    zone_named(rules.zone)
    if max(rules.volume_day, rules.volume_night) > 100:
        raise Refused(Refusal.POLICY, "volume above 100")
    for window in (*rules.hours, *rules.quiet):
        check_window(window)
    for written in rules.holiday_dates:
        check_date(written)
    if max(rules.session_minutes, rules.day_minutes, rules.pause_minutes) > DAY_MINUTES:
        raise Refused(Refusal.POLICY, "a limit longer than a day")


def check_chain(chain: Sequence[Rules]) -> None:
    """Raises `Refused(POLICY)` for a chain with a set that cannot be meant, or with two that hold from one moment."""
    for rules in chain:
        check_policy(rules)
    if len({(rules.unit, rules.since) for rules in chain}) != len(chain):
        raise Refused(Refusal.POLICY, "two sets of rules of one unit from the same moment")


def check_exempt(exempt: Exempt) -> None:
    """Raises `Refused(POLICY)` for an exemption that never holds or holds too long."""
    if not exempt.start < exempt.end <= exempt.start + LONGEST_EXEMPTION:
        raise Refused(Refusal.POLICY, "an exemption lasts at most 12 hours")


def _reasons(rules: Rules, sound: Sound, heard: Collection[Played]) -> Iterator[Barred]:
    """Every reason of one set of rules, in their order."""
    zone = zone_named(rules.zone)
    end = sound.end
    days = [(one, _weekday(rules, one.day)) for one in stretches(sound.start, end, zone)]
    if not all(covers(rules.hours, stretch, weekday) for stretch, weekday in days):
        yield Barred.OUTSIDE_HOURS
    if rules.holidays is Holidays.SILENT and any(_is_holiday(rules, stretch.day) for stretch, _ in days):
        yield Barred.HOLIDAY
    if rules.quiet and any(touches(rules.quiet, stretch, weekday) for stretch, weekday in days):
        yield Barred.QUIET_SITE
    if rules.categories and sound.category not in rules.categories:
        yield Barred.CATEGORY
    if rules.session_minutes or rules.sessions_day or rules.day_minutes or rules.pause_minutes:
        yield from _overspent(rules, Played(sound.start, end), heard, zone)


def _overspent(rules: Rules, play: Played, heard: Collection[Played], zone: ZoneInfo) -> Iterator[Barred]:
    plays = (*heard, play)
    every = budgets.sessions(plays)
    mine = budgets.session_of(play, every)
    if 0 < rules.session_minutes * MINUTE_MS < mine.end - mine.start:
        yield Barred.SESSION_LENGTH
    if 0 < rules.sessions_day < budgets.sessions_on_the_day_of(mine, every, zone):
        yield Barred.SESSIONS_SPENT
    if 0 < rules.day_minutes < budgets.minutes_on_the_day_of(play, plays, zone):
        yield Barred.DAY_SPENT
    if budgets.nearest(mine, every) < rules.pause_minutes:
        yield Barred.PAUSE


def _weekday(rules: Rules, day: date) -> int:
    return SUNDAY if rules.holidays is Holidays.SUNDAY and _is_holiday(rules, day) else day.weekday()


def _is_holiday(rules: Rules, day: date) -> bool:
    return day.year * 10_000 + day.month * 100 + day.day in rules.holiday_dates


def _ceiling(rules: Rules, at: Millis) -> int:
    wall = local(at, zone_named(rules.zone))
    minute = wall.hour * 60 + wall.minute
    evening, morning = minute >= rules.night_start, minute < rules.night_end
    over_midnight = rules.night_start > rules.night_end
    night = (evening or morning) if over_midnight else (evening and morning)
    return rules.volume_night if night else rules.volume_day
