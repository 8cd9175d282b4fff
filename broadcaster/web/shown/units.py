"""Units as a tree and one unit with all that is known about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.audience import Place
from broadcaster.domain.errors import NotFound
from broadcaster.domain.permissions import Action
from broadcaster.store.tables import Speaker, Unit
from broadcaster.web.shown.day import Day, next_day
from broadcaster.web.shown.places import Connected
from broadcaster.web.shown.rules import OverrideView, SetView, SiteView, overrides, rule_sets, sites
from broadcaster.web.shown.sight import Sight


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit in the tree."""

    id: str
    name: str
    speakers: int
    below: tuple["Branch", ...]
    open: bool


@dataclass(frozen=True, slots=True)
class UnitView:
    """One unit."""

    id: str
    name: str
    former_names: tuple[str, ...]
    above: tuple[tuple[str, str], ...]
    """(id, name) from the topmost that may be seen."""
    below: tuple[tuple[str, str], ...]
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


def find_unit(session: Session, seen: Sight, unit_id: str) -> Unit:
    """One unit within sight; what may not be seen is said not to exist."""
    if unit_id not in seen.units:
        raise NotFound(what="unit", id=unit_id)
    return session.get_one(Unit, unit_id)


def forest(session: Session, seen: Sight) -> tuple[Branch, ...]:
    """The units within sight as a tree, the topmost levels open."""
    in_service = (Speaker.revoked_at.is_(None), Speaker.pretend.is_(False))
    counted = select(Speaker.unit_id, func.count()).where(*in_service).group_by(Speaker.unit_id)
    hung: dict[str, int] = {row[0]: row[1] for row in session.execute(counted)}
    order = session.execute(select(Unit.id, Unit.parent_id).order_by(Unit.position, Unit.name)).all()

    def branch(unit: str, depth: int) -> Branch:
        below = tuple(branch(row.id, depth + 1) for row in order if row.parent_id == unit and row.id in seen.units)
        speakers = hung.get(unit, 0) + sum(each.speakers for each in below)
        return Branch(unit, seen.names[unit], speakers, below, open=depth < 2)

    return tuple(branch(row.id, 0) for row in order if row.id in seen.tops)


def unit_view(session: Session, seen: Sight, unit_id: str, language: str, now: datetime) -> UnitView:
    """Everything the unit's page shows."""
    unit = find_unit(session, seen, unit_id)
    path, inside = seen.tree.path(unit_id), seen.tree.under(unit_id)
    below = session.execute(
        select(Unit.id, Unit.name).where(Unit.parent_id == unit_id, Unit.id.in_(seen.units)).order_by(Unit.position)
    )
    return UnitView(
        id=unit.id,
        name=unit.name,
        former_names=tuple(unit.former_names),
        above=tuple((each, seen.names[each]) for each in path[:-1] if each in seen.units),
        below=tuple((row.id, row.name) for row in below),
        people=unit.people,
        counted=sum(session.scalars(select(Unit.people).where(Unit.parent_id == unit_id, Unit.people.is_not(None)))),
        languages=_languages(session, path),
        inherited=not unit.languages,
        speakers=_connected(session, inside),
        day=next_day(session, seen, Place("", unit_id), now),
        sets=rule_sets(session, unit_id, language, now),
        sites=sites(session, unit_id, seen, language, now=now),
        overrides=overrides(session, unit_id, seen, now),
        feed=unit.feed or "",
        may={action.value: seen.allows(action, unit_id) for action in Action},
    )


def _languages(session: Session, path: Sequence[str]) -> tuple[str, ...]:
    found = (tuple(session.get_one(Unit, unit).languages) for unit in reversed(path))
    return next((languages for languages in found if languages), ())


def _connected(session: Session, units: frozenset[str]) -> Connected:
    in_service = (Speaker.unit_id.in_(units), Speaker.revoked_at.is_(None), Speaker.pretend.is_(False))
    wanted = select(Speaker.online, func.count()).where(*in_service)
    counts = {row[0]: row[1] for row in session.execute(wanted.group_by(Speaker.online))}
    return Connected(counts.get(True, 0), sum(counts.values()))
