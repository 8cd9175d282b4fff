"""A unit's month: what was said, in which languages, heard by how many, beside the month before."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from broadcaster.domain import report
from broadcaster.domain.comparing import Share
from broadcaster.domain.feedback import What
from broadcaster.domain.months import Month
from broadcaster.domain.report import Reached, Said, Spoken, Sum
from broadcaster.services.outlets import feedback
from broadcaster.store import figures
from broadcaster.store.tables import Announcement, Unit
from broadcaster.web.labels import CATEGORY
from broadcaster.web.shown.province import counted_in, zone_of
from broadcaster.web.shown.sight import Sight, within
from firmware_config.protocol import Klass

MOST_SILENT = 10


@dataclass(frozen=True, slots=True)
class Held:
    """An exception that was granted."""

    announcement_id: str
    title: str
    unit: str
    starts: datetime
    ends: datetime
    reason: str
    asked_by: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class Practised:
    """A drill, and on how many loudspeakers it sounded."""

    airing_id: str
    title: str
    at: datetime
    sounded: Share


@dataclass(frozen=True, slots=True)
class Silent:
    """A loudspeaker that was often without a word."""

    id: str
    name: str
    unit: str
    answered: Share


@dataclass(frozen=True, slots=True)
class Sums:
    """What a month comes to."""

    all: Sum
    reached: Reached
    sessions: int
    answered: Share
    emergencies: int
    exceptions: int
    drills: int
    voices: Mapping[What, int]
    categories: Sequence[Sum]
    languages: Sequence[Sum]


@dataclass(frozen=True, slots=True)
class Report:
    """One unit's month."""

    id: str
    name: str
    month: Month
    running: bool
    """The month is not over yet."""
    zone: str
    now: datetime
    sums: Sums
    before: Sums
    days: Sequence[Sum]
    spoken: Sequence[Spoken]
    exceptions: Sequence[Held]
    drills: Sequence[Practised]
    silent: Sequence[Silent]

    @property
    def empty(self) -> bool:
        """Whether nothing fell due at all."""
        return not (self.sums.all.heard.whole or self.drills or self.exceptions)

    @property
    def emergencies(self) -> list[Spoken]:
        """The alerts among what was said."""
        return [one for one in self.spoken if one.klass == Klass.EMERGENCY]

    def local(self, at: datetime) -> str:
        """A moment on the clock of the place."""
        return at.astimezone(ZoneInfo(self.zone)).strftime("%d/%m/%Y %H:%M")


def month_of_unit(
    session: Session, seen: Sight, unit_id: str, month: Month, *, now: datetime, listed: int | None = None
) -> Report:
    """The report of a unit within sight, its first so many announcements with who lives there. Raises NotFound."""
    desk = _Desk(session, within(seen, unit_id), unit_id, month, now=now)
    zone = desk.zone
    rows = desk.rows(month)
    begin, end = month.borders(zone)
    silent = figures.silent_speakers(session, desk.hung, since=begin, until=end, now=now, limit=MOST_SILENT)
    return Report(
        id=unit_id,
        name=seen.names_of(unit_id),
        month=month,
        running=begin <= now < end,
        zone=zone.key,
        now=now,
        sums=desk.sums(month, rows),
        before=desk.sums(month.before, desk.rows(month.before)),
        days=report.by_day(rows, month.days, zone),
        spoken=desk.with_people(month, report.spoken(rows), listed),
        exceptions=desk.exceptions(month),
        drills=desk.drills(month),
        silent=[
            Silent(row.id, row.name, seen.names_of(row.unit_id), Share(row.due - row.silent, row.due)) for row in silent
        ],
    )


class _Desk:
    """What happened in a month of one unit and in the month before, asked for once."""

    def __init__(self, session: Session, seen: Sight, unit_id: str, month: Month, *, now: datetime) -> None:
        self.session, self.seen, self.now = session, seen, now
        self.zone = zone_of(session, seen, unit_id)
        self.units = counted_in(session, seen, unit_id)
        self.hung = None if len(self.units) == len(seen.tree.parents) else self.units
        self.homes = figures.homes(session)
        open_units = seen.tree.under(unit_id) - seen.closed
        self.parents = {seen.parent(unit) or "" for unit in open_units}
        self.wide = any(seen.parent(unit) != unit_id for unit in open_units - {unit_id})
        self.people = {row.id: row.people for row in session.execute(select(Unit.id, Unit.people))}
        begin, end = month.before.borders(self.zone)[0], month.borders(self.zone)[1]
        told = figures.said(session, self.hung, since=begin, until=end, now=now)
        self._said = [_said(row) for row in told]
        self._exceptions = figures.exceptions(session, self.units, since=begin, until=min(end, now))
        drills = figures.drills(session, self.units, since=begin, now=min(end, now))
        self._drills = list(reversed(drills))
        about = {one.announcement_id for one in self._exceptions} | {row.announcement_id for row in drills}
        self._titles = self._called(about) if about else {}

    def rows(self, month: Month) -> list[Said]:
        """What was said in one of the months."""
        begin, end = month.borders(self.zone)
        return [row for row in self._said if begin <= row.at < end]

    def with_people(self, month: Month, said: list[Spoken], most: int | None) -> list[Spoken]:
        """The announcements, the first of them with how many live where each was heard."""
        begin, end = month.borders(self.zone)
        of = None if most is None else [one.id for one in said[:most]]
        heard: dict[str, set[str]] = defaultdict(set)
        for row in figures.heard_where(self.session, self.hung, since=begin, until=end, of=of):
            heard[row.announcement_id].add(self.homes.get(row.unit_id, row.unit_id))
        return [replace(one, people=self._reached(heard[one.id]).people) if one.id in heard else one for one in said]

    def _reached(self, units: Iterable[str]) -> Reached:
        return report.reached(units, self.parents, self.people)

    def sums(self, month: Month, rows: list[Said]) -> Sums:
        """What the rows of a month come to."""
        begin, end = month.borders(self.zone)
        heard = figures.heard_in(self.session, self.units, since=begin, until=end)
        emergencies = {row.announcement for row in rows if row.klass == Klass.EMERGENCY and row.played}
        return Sums(
            all=report.total(rows),
            reached=self._reached({self.homes.get(unit, unit) for unit in heard}),
            sessions=report.sessions_of(rows, wide=self.wide),
            answered=report.answered(rows),
            emergencies=len(emergencies),
            exceptions=len(self.exceptions(month)),
            drills=len(self.drills(month)),
            voices=feedback.of_time(self.session, self.units, begin, end),
            categories=report.by_category(rows, CATEGORY),
            languages=report.by_language(rows),
        )

    def exceptions(self, month: Month) -> list[Held]:
        """Those that began in the month."""
        begin, end = month.borders(self.zone)
        return [
            Held(
                announcement_id=one.announcement_id,
                title=self._titles.get(one.announcement_id, ""),
                unit=self.seen.names_of(one.unit_id),
                starts=one.starts,
                ends=one.ended_at or one.ends,
                reason=one.reason,
                asked_by=one.asked_by_name,
                decided_by=one.decided_by_name,
            )
            for one in self._exceptions
            if begin <= one.starts < end
        ]

    def drills(self, month: Month) -> list[Practised]:
        """Those of the month, the earliest first."""
        begin, end = month.borders(self.zone)
        sounded: dict[str, Practised] = {}
        for row in self._drills:
            if begin <= row.at < end:
                before = sounded.get(row.airing_id)
                share = (before.sounded if before else Share()) + Share(row.sounded, row.due)
                sounded[row.airing_id] = Practised(
                    row.airing_id, self._titles.get(row.announcement_id, ""), row.at, share
                )
        return list(sounded.values())

    def _called(self, ids: Iterable[str]) -> dict[str, str]:
        wanted = select(Announcement.id, Announcement.title).where(Announcement.id.in_(ids))
        return {row.id: row.title for row in self.session.execute(wanted)}


def _said(row: Row[Any]) -> Said:
    fields: list[Any] = [*row[1:], _tags(row.languages)]
    return Said(*fields)


@lru_cache(maxsize=1_000)
def _tags(told: str | None) -> tuple[str, ...]:
    return tuple(json.loads(told or "[]") or ())
