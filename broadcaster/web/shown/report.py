"""A unit's month: what was said, in which languages, heard by how many, beside the month before."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import report
from broadcaster.domain.comparing import Share
from broadcaster.domain.months import Month
from broadcaster.domain.report import Reached, Said, Spoken, Sum
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

    def local(self, at: datetime, pattern: str = "%d/%m/%Y %H:%M") -> str:
        """A moment on the clock of the place."""
        return at.astimezone(ZoneInfo(self.zone)).strftime(pattern)


def month_of_unit(session: Session, seen: Sight, unit_id: str, month: Month, *, now: datetime) -> Report:
    """The report of a unit within sight. Raises NotFound."""
    zone = zone_of(session, within(seen, unit_id), unit_id)
    desk = _Desk(session, seen, unit_id, zone, now)
    rows, heard = desk.rows(month)
    begin, end = month.borders(zone)
    exceptions, drills = desk.exceptions(month), desk.drills(month)
    people = {each: report.reached(units, desk.parents, desk.people).people for each, units in heard.items()}
    silent = figures.silent_speakers(session, desk.units, since=begin, until=end, now=now, limit=MOST_SILENT)
    return Report(
        id=unit_id,
        name=seen.names_of(unit_id),
        month=month,
        running=begin <= now < end,
        zone=zone.key,
        now=now,
        sums=desk.sums(rows, heard, len(exceptions), len(drills)),
        before=desk.before(month.before),
        days=report.by_day(rows, month.days, zone),
        spoken=report.spoken(rows, people),
        exceptions=exceptions,
        drills=drills,
        silent=[
            Silent(row.id, row.name, seen.names_of(row.unit_id), Share(row.due - row.silent, row.due)) for row in silent
        ],
    )


class _Desk:
    """What is needed to write any month of one unit."""

    def __init__(self, session: Session, seen: Sight, unit_id: str, zone: ZoneInfo, now: datetime) -> None:
        self.session, self.seen, self.zone, self.now = session, seen, zone, now
        self.units = counted_in(session, seen, unit_id)
        self.homes = figures.homes(session)
        open_units = seen.tree.under(unit_id) - seen.closed
        self.parents = {seen.parent(unit) or "" for unit in open_units}
        self.wide = any(seen.parent(unit) != unit_id for unit in open_units - {unit_id})
        self.people = {row.id: row.people for row in session.execute(select(Unit.id, Unit.people))}

    def rows(self, month: Month) -> tuple[list[Said], dict[str, set[str]]]:
        """What was said, and by announcement the units where it was heard."""
        begin, end = month.borders(self.zone)
        told = figures.said(self.session, self.units, since=begin, until=end, now=self.now)
        heard: dict[str, set[str]] = defaultdict(set)
        for row in figures.heard_where(self.session, self.units, since=begin, until=end):
            heard[row.announcement_id].add(self.homes.get(row.unit_id, row.unit_id))
        rows = [
            Said(
                airing=row.airing_id,
                announcement=row.announcement_id,
                title=row.title,
                category=row.category,
                klass=row.klass,
                station=row.station,
                at=row.planned_at,
                sound_ms=row.sound_ms,
                languages=tuple(json.loads(row.languages or "[]") or ()),
                due=row.due,
                heard=row.heard,
                played=row.played,
                silent=row.silent,
            )
            for row in told
        ]
        return rows, heard

    def sums(self, rows: list[Said], heard: dict[str, set[str]], exceptions: int, drills: int) -> Sums:
        """What the rows come to."""
        emergencies = {row.announcement for row in rows if row.klass == Klass.EMERGENCY and row.played}
        return Sums(
            all=report.total(rows),
            reached=report.reached(set().union(*heard.values()), self.parents, self.people),
            sessions=report.sessions_of(rows, wide=self.wide),
            answered=report.answered(rows),
            emergencies=len(emergencies),
            exceptions=exceptions,
            drills=drills,
            categories=report.by_category(rows, CATEGORY),
            languages=report.by_language(rows),
        )

    def before(self, month: Month) -> Sums:
        """The month to compare with."""
        rows, heard = self.rows(month)
        return self.sums(rows, heard, len(self.exceptions(month)), len(self.drills(month)))

    def exceptions(self, month: Month) -> list[Held]:
        """Those that began in the month."""
        begin, end = month.borders(self.zone)
        found = figures.exceptions(self.session, self.units, since=begin, until=min(end, self.now))
        mine = [one for one in found if one.starts >= begin]
        titles = self._titles(one.announcement_id for one in mine)
        return [
            Held(
                announcement_id=one.announcement_id,
                title=titles.get(one.announcement_id, ""),
                unit=self.seen.names_of(one.unit_id),
                starts=one.starts,
                ends=one.ended_at or one.ends,
                reason=one.reason,
                asked_by=one.asked_by_name,
                decided_by=one.decided_by_name,
            )
            for one in mine
        ]

    def drills(self, month: Month) -> list[Practised]:
        """Those of the month, the earliest first."""
        begin, end = month.borders(self.zone)
        sounded: dict[str, tuple[datetime, str, Share]] = {}
        for row in reversed(figures.drills(self.session, self.units, since=begin, now=min(end, self.now))):
            if row.at < end:
                before = sounded.get(row.airing_id, (row.at, row.announcement_id, Share()))[2]
                sounded[row.airing_id] = (row.at, row.announcement_id, before + Share(row.sounded, row.due))
        titles = self._titles(announcement for _, announcement, _ in sounded.values())
        return [Practised(airing, titles.get(said, ""), at, share) for airing, (at, said, share) in sounded.items()]

    def _titles(self, ids: Iterable[str]) -> dict[str, str]:
        wanted = select(Announcement.id, Announcement.title).where(Announcement.id.in_(set(ids)))
        return {row.id: row.title for row in self.session.execute(wanted)}
