"""Schedules in words, with their next times and the lunar date beside the solar one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from broadcaster.domain.schedule import At, Moment, Recurrence, Rule, rule_of, zone_named
from broadcaster.domain.schedule.words import clock_words, date_words, lunar_words, weekday_words, words
from broadcaster.domain.timetable import Entry
from broadcaster.services.airtime import schedules
from broadcaster.services.airtime.schedules import Coming, Preview
from broadcaster.store.tables import Schedule
from broadcaster.web import i18n
from broadcaster.web.problems import problem_of


@dataclass(frozen=True, slots=True)
class Time:
    """One time to come: "05:30", "15/11/2026", "mồng 7 tháng 10", and why it will not be heard, if so."""

    hour: str
    day: str
    lunar: str
    at: datetime
    bar: str = ""
    meets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A schedule as people read it."""

    id: str
    words: str
    times: tuple[Time, ...]


def said(row: Schedule, language: str, now: datetime) -> Said:
    """A stored schedule."""
    zone = zone_named(row.zone)
    rule = rule_of(row.kind, row.rule, row.starts)
    sentence = _words(rule, row.starts, row.until, zone, language=language, now=now)
    times = tuple(_time(each, language, zone) for each in schedules.upcoming(row, now=now))
    return Said(row.id, sentence, times)


def running(session: Session, announcement_id: str, language: str, now: datetime) -> list[Said]:
    """Those of an announcement that have times to come."""
    return [said(row, language, now) for row in schedules.running(session, announcement_id, now=now)]


def foreseen(shown: Preview, language: str, now: datetime) -> Said:
    """A schedule that is being composed."""
    sentence = _words(shown.rule, shown.starts, shown.until, shown.zone, language=language, now=now)
    return Said("", sentence, tuple(_times(shown.next, language, shown.zone)))


def _words(
    rule: Rule, starts: datetime, until: datetime | None, zone: ZoneInfo, *, language: str, now: datetime
) -> str:
    begins = starts.astimezone(zone) if starts > now else None
    return words(rule, begins, until.astimezone(zone) if until else None, language)


def _times(coming: Iterable[Coming], language: str, zone: ZoneInfo) -> Iterable[Time]:
    for each in coming:
        bar = problem_of(each.bar, language).title if each.bar else ""
        yield _time(each.moment, language, zone, bar, each.meets)


def _time(each: Moment, language: str, zone: ZoneInfo, bar: str = "", meets: tuple[str, ...] = ()) -> Time:
    here = each.at.astimezone(zone)
    day = here.date()
    return Time(
        hour=clock_words(here.time(), language),
        day=f"{weekday_words(day.weekday(), language)}, {date_words(day, language)}",
        lunar=lunar_words(day, language),
        at=each.at,
        bar=bar,
        meets=meets,
    )


def entry_words(entry: Entry, language: str, now: datetime) -> tuple[str, str]:
    """An event of a timetable: its title, and when it would air."""
    assert entry.starts is not None
    zone = i18n.ZONE
    rule = Recurrence.from_json(entry.rule) if entry.rule else At(entry.starts)
    if isinstance(rule, At):
        return entry.title, words(rule, entry.starts.astimezone(zone), None, language)
    return entry.title, _words(rule, entry.starts, entry.until, zone, language=language, now=now)
