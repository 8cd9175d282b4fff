"""One unit with all that is known about it, and where its names lead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.audience import Place
from broadcaster.domain.errors import NotFound
from broadcaster.domain.land import leads_to
from broadcaster.domain.permissions import Action
from broadcaster.domain.rules_of_the_air import is_free_rein
from broadcaster.services.hours.book import Book
from broadcaster.services.places import reorganising, units
from broadcaster.store import places
from broadcaster.store.tables import Speaker, Unit
from broadcaster.web.shown.day import Day, next_day
from broadcaster.web.shown.history import Line, of_unit
from broadcaster.web.shown.places import Connected
from broadcaster.web.shown.rules import OverrideView, SetView, SiteView, overrides, rule_sets, sites
from broadcaster.web.shown.sight import Sight
from broadcaster.web.shown.unit_changes import ChangeBrief, brief

Named = tuple[str, str]
"""A unit's id and what it is called."""


@dataclass(frozen=True, slots=True)
class UnitView:
    """One unit."""

    id: str
    name: str
    level: str
    former_names: tuple[str, ...]
    above: tuple[Named, ...]
    """From the topmost that may be seen."""
    parent: str
    below: tuple[Named, ...]
    joined: tuple[Named, ...]
    """What became part of it."""
    ruled: tuple[Named, ...]
    """Of these, the ones whose own rules still hold."""
    closed_at: datetime | None
    now: tuple[Named, ...]
    """Where it is closed, what it is now."""
    people: int | None
    counted: int
    """How many live in the units below it that say so."""
    languages: tuple[str, ...]
    inherited: bool
    speakers: Connected
    day: Day
    sets: Sequence[SetView]
    sites: Sequence[SiteView]
    overrides: Sequence[OverrideView]
    feed: str
    may: Mapping[str, bool]
    coming: Sequence[ChangeBrief]
    timeline: Sequence[Line]


def find_unit(session: Session, seen: Sight, unit_id: str) -> Unit:
    """One unit within sight; what may not be seen is said not to exist."""
    if unit_id not in seen.units:
        raise NotFound(what="unit", id=unit_id)
    return session.get_one(Unit, unit_id)


def unit_view(session: Session, seen: Sight, unit_id: str, language: str, now: datetime) -> UnitView:
    """Everything the unit's page shows."""
    unit = find_unit(session, seen, unit_id)
    path, inside = seen.tree.path(unit_id), seen.tree.under(unit_id)
    rows = session.execute(select(Unit.id, Unit.name, Unit.people).where(Unit.id.in_(inside)).order_by(Unit.position))
    known = [row for row in rows if row.id != unit_id and row.id not in seen.closed and _next(seen, row.id, unit_id)]
    land, book = places.land(session), Book(session, now)
    joined = tuple((each.id, each.name) for each in land.values() if each.closed and each.successor == unit_id)
    coming = [brief(land, row, seen) for row in reorganising.waiting(session, {unit_id})]
    return UnitView(
        id=unit.id,
        name=unit.name,
        level=unit.level,
        former_names=tuple(unit.former_names),
        above=tuple((each, seen.names[each]) for each in path[:-1] if each in seen.units and each not in seen.closed),
        parent=seen.parent(unit_id) or "",
        below=tuple((row.id, row.name) for row in known),
        joined=joined,
        ruled=tuple(part for part in joined if any(not is_free_rein(one) for one in book.sets(part[0])[-1:])),
        closed_at=unit.closed_at,
        now=tuple((each, land[each].name) for each in leads_to(land, unit_id) if unit.closed_at),
        people=unit.people,
        counted=sum(row.people or 0 for row in known),
        languages=tuple(units.languages_of(session, unit_id)),
        inherited=not unit.languages,
        speakers=_connected(session, inside),
        day=next_day(session, seen, Place("", unit_id), now),
        sets=rule_sets(session, unit_id, language, now),
        sites=sites(session, unit_id, seen, language, now=now),
        overrides=overrides(session, unit_id, seen, now),
        feed=unit.feed or "",
        may={action.value: seen.allows(action, unit_id) for action in Action},
        coming=coming,
        timeline=of_unit(session, language, unit_id),
    )


def _next(seen: Sight, below: str, unit: str) -> bool:
    """Whether nothing but closed units lies between."""
    between = seen.tree.path(below)[:-1]
    return all(each in seen.closed for each in between[between.index(unit) + 1 :])


def _connected(session: Session, units: frozenset[str]) -> Connected:
    in_service = (Speaker.unit_id.in_(units), Speaker.revoked_at.is_(None), Speaker.pretend.is_(False))
    wanted = select(Speaker.online, func.count()).where(*in_service)
    counts = {row[0]: row[1] for row in session.execute(wanted.group_by(Speaker.online))}
    return Connected(counts.get(True, 0), sum(counts.values()))
