"""Units side by side: a province's communes, a commune's villages, counted in few questions however many there are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import rules_of_the_air
from broadcaster.domain.comparing import Compared, Drill, Figures, Share
from broadcaster.domain.months import midnight
from broadcaster.services.places.health import standings
from broadcaster.store import figures
from broadcaster.store import rules as stored
from broadcaster.store.tables import Unit
from broadcaster.web.shown.sight import Sight, within

WEEK_DAYS, EXCEPTION_DAYS, DRILL_DAYS = 7, 30, 400
SILENT_AFTER = timedelta(minutes=15)
"""No loudspeaker at all said anything for so long: then the figures tell of the past."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The units below one, or those at the top of what a person sees."""

    id: str
    """Empty = several tops."""
    name: str
    above: tuple[tuple[str, str], ...]
    """(id, name) of what lies above it and may be seen, the topmost first."""
    all: Figures
    units: Sequence[Compared]
    zone: str
    now: datetime

    @property
    def silent(self) -> bool:
        """Whether no loudspeaker has said anything lately."""
        seen = self.all.seen_at
        return bool(self.all.online.whole) and (seen is None or self.now - seen > SILENT_AFTER)

    @property
    def clock(self) -> str:
        """What the clock shows there, to the second."""
        return self.now.astimezone(ZoneInfo(self.zone)).strftime("%H:%M:%S")

    def date(self, at: datetime) -> str:
        """A date there, in figures."""
        return at.astimezone(ZoneInfo(self.zone)).strftime("%d/%m/%Y")


def overview(session: Session, seen: Sight, unit_id: str, *, now: datetime) -> Overview:
    """What lies below a unit, or with "" below the only top there is. Raises NotFound."""
    here = unit_id or _only_top(seen)
    inside = _open_under(within(seen, here), here) if here else seen.units - seen.closed
    zone = zone_of(session, seen, here)
    rows = _rows(session, seen, here)
    place, everywhere = _places(session, seen, rows, inside)
    counted = _count(session, place, everywhere, zone, now)
    below = Counter(place[unit] for unit in inside if place.get(unit, "") not in {"", unit})
    units = [Compared(unit, name, counted.get(unit, Figures()), below[unit]) for unit, name in rows]
    above = seen.tree.path(here)[:-1] if here else ()
    return Overview(
        id=here,
        name=seen.names_of(here) if here else "",
        above=tuple((each, seen.names[each]) for each in above if each in seen.units),
        all=counted[""],
        units=units,
        zone=zone.key,
        now=now,
    )


def zone_of(session: Session, seen: Sight, unit_id: str) -> ZoneInfo:
    """On whose clock the days of a unit go."""
    named, path = stored.zones(session), seen.tree.path(unit_id) if unit_id else ()
    return ZoneInfo(next((named[unit] for unit in reversed(path) if unit in named), rules_of_the_air.ZONE))


def counted_in(session: Session, seen: Sight, unit_id: str) -> frozenset[str]:
    """A unit, all in it, and what became part of it: of closed units the past is told."""
    inside = _open_under(seen, unit_id)
    return inside | {unit for unit, home in figures.homes(session).items() if home in inside}


def _open_under(seen: Sight, unit_id: str) -> frozenset[str]:
    return seen.tree.under(unit_id) - seen.closed


def _only_top(seen: Sight) -> str:
    return next(iter(seen.tops)) if len(seen.tops) == 1 else ""


def _rows(session: Session, seen: Sight, here: str) -> list[tuple[str, str]]:
    ordered = session.scalars(select(Unit.id).order_by(Unit.position, Unit.name, Unit.id))
    known = [unit for unit in ordered if unit in seen.units - seen.closed]
    mine = [unit for unit in known if (seen.parent(unit) == here if here else unit in seen.tops)]
    return [(unit, seen.names[unit]) for unit in mine or [here]]


def _places(
    session: Session, seen: Sight, rows: Sequence[tuple[str, str]], inside: frozenset[str]
) -> tuple[dict[str, str], list[str]]:
    """Unit → the row it is counted in ("" = only in the sum), and all units counted."""
    shown = {unit for unit, _ in rows}
    place = {unit: next((each for each in seen.tree.path(unit) if each in shown), "") for unit in inside}
    closed = {unit: home for unit, home in figures.homes(session).items() if home in inside}
    place |= {unit: place[home] for unit, home in closed.items()}
    return place, list(place)


def _count(
    session: Session, place: Mapping[str, str], units: list[str], zone: ZoneInfo, now: datetime
) -> dict[str, Figures]:
    """The figures of each row, and of all together under ""."""
    local = now.astimezone(zone).date()
    today, week = midnight(local, zone), midnight(local - timedelta(days=WEEK_DAYS - 1), zone)
    sums = _Sums(place)
    for row in figures.speakers(session, units):
        sums.add(row.unit_id, Figures(online=Share(row.online, row.total), seen_at=row.seen_at))
    for row in figures.heard_lately(session, units, today=today, week=week, now=now):
        heard = Share(row.heard_today, row.due_today), Share(row.heard_week, row.due_week)
        sums.add(row.unit_id, Figures(today=heard[0], week=heard[1]))
    out = set(session.scalars(figures.OUT_OF_COUNT))
    ill = Counter(one.unit_id for one in standings(session, units, now=now) if one.alarms and one.id not in out)
    for unit, number in ill.items():
        sums.add(unit, Figures(ill=number))
    for unit, number in figures.waiting_people(session, units).items():
        sums.add(unit, Figures(waiting=number))
    for one in figures.exceptions(session, units, since=now - timedelta(days=EXCEPTION_DAYS), until=now):
        runs = one.ended_at is None and one.starts <= now < one.ends
        sums.add(one.unit_id, Figures(exceptions=1, running=int(runs)))
    for row in figures.drills(session, place.keys(), since=now - timedelta(days=DRILL_DAYS), now=now):
        sums.add(row.unit_id, Figures(drill=Drill(row.airing_id, row.at, Share(row.sounded, row.due))))
    return sums.found


class _Sums:
    """What was counted so far, by row and in all."""

    def __init__(self, place: Mapping[str, str]) -> None:
        self._place = place
        self.found: dict[str, Figures] = {"": Figures()}

    def add(self, unit: str, more: Figures) -> None:
        """Count something of a unit."""
        for key in {"", self._place.get(unit, "")}:
            self.found[key] = self.found.get(key, Figures()) + more
