"""What one person may see: the units of their grants, and everything under them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, lazyload

from broadcaster.domain.audience import Tree
from broadcaster.domain.errors import NotAllowed, NotFound
from broadcaster.domain.permissions import Action, units_of
from broadcaster.domain.words import plain
from broadcaster.services.actor import Actor
from broadcaster.store.tables import Airing, Announcement, Delivery, Unit

WRITTEN = (Announcement.versions, Announcement.audience, Announcement.approvals)


@dataclass(frozen=True, slots=True)
class Sight:
    """The tree, its names, and the part of it this person may look at.

    What was merged or split stays in it, closed: loudspeakers may hang there, and things may still be named after it.
    """

    actor: Actor
    tree: Tree
    names: dict[str, str]
    tops: frozenset[str]
    units: frozenset[str]
    closed: frozenset[str] = frozenset()

    def allows(self, action: Action, unit: str) -> bool:
        """Whether this person may do something on a unit: what buttons are shown by; the services decide again."""
        return unit in self.names and self.actor.may(action, self.tree.path(unit))

    def announcements(self) -> ColumnElement[bool]:
        """Those written in these units, and those aired on a loudspeaker there."""
        # Asked of each announcement that fits otherwise; gathering all that was ever heard takes longer every day.
        heard = exists().where(Airing.announcement_id == Announcement.id, Delivery.airing_id == Airing.id)
        there = heard.where(Delivery.unit_id.in_(self.units)).correlate(Announcement)
        return or_(Announcement.unit_id.in_(self.units), there)

    def home(self, unit: str | None) -> str | None:
        """The nearest unit at or above that is still open."""
        path = self.tree.path(unit) if unit is not None and unit in self.tree.parents else ()
        return next((each for each in reversed(path) if each not in self.closed), None)

    def parent(self, unit: str) -> str | None:
        """The open unit a unit is shown under; None for the topmost this person may look at."""
        above = self.home(self.tree.parents[unit])
        return above if above in self.units else None

    def walk(self) -> Iterator[tuple[str, int]]:
        """Every open unit in the order of the tree, by name, with how deep it lies."""
        below: dict[str | None, list[str]] = defaultdict(list)
        for unit in sorted(self.units - self.closed, key=lambda each: plain(self.names_of(each))):
            below[self.parent(unit)].append(unit)

        def branch(parent: str | None, depth: int) -> Iterator[tuple[str, int]]:
            for unit in below.get(parent, ()):
                yield unit, depth
                yield from branch(unit, depth + 1)

        return branch(None, 0)

    def names_of(self, unit: str) -> str:
        """What a unit is called."""
        return self.names.get(unit, unit)


def sight(session: Session, actor: Actor, action: Action = Action.SEE) -> Sight:
    """What this person may look at, or with another action, where they may do it. Raises NotAllowed: nowhere."""
    rows = session.execute(select(Unit.id, Unit.parent_id, Unit.name, Unit.closed_at, Unit.successor_id)).all()
    tree = Tree({row.id: row.parent_id for row in rows})
    closed = frozenset(row.id for row in rows if row.closed_at is not None)
    names = {row.id: row.name for row in rows}
    tops = frozenset(unit for unit in units_of(actor.grants, action) if unit in tree.parents)
    if not tops:
        raise NotAllowed(action=action)
    units = frozenset(unit for unit in tree.parents if tops.intersection(tree.path(unit)))
    highest = frozenset(unit for unit in tops if not tops.intersection(tree.path(unit)[:-1]))
    seen = Sight(actor, tree, names, highest, units, closed)
    # What became part of another unit is called after it, with the name it had.
    later = {row.id: names.get(seen.home(row.id) or "", "") for row in rows if row.successor_id}
    names |= {unit: f"{name} ({names[unit]})" for unit, name in later.items() if name}
    # To whoever holds a role on what became part of another unit, it is still the whole they look after.
    return replace(seen, closed=closed - highest)


def within(seen: Sight, unit_id: str) -> Sight:
    """The sight, if this unit is in it. Raises NotFound."""
    if unit_id not in seen.units:
        raise NotFound(what="unit", id=unit_id)
    return seen


def find_announcement(session: Session, seen: Sight, announcement_id: str) -> Announcement:
    """One announcement within sight; what may not be seen is said not to exist."""
    query = select(Announcement).where(Announcement.id == announcement_id, seen.announcements())
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(what="announcement", id=announcement_id)
    return found


def find_airing(session: Session, seen: Sight, airing_id: str) -> tuple[Airing, Announcement]:
    """One airing within sight, with its announcement; what was written and decided is read only when asked for."""
    query = select(Airing, Announcement).join(Announcement, Airing.announcement_id == Announcement.id)
    query = query.options(*(lazyload(each) for each in WRITTEN))
    found = session.execute(query.where(Airing.id == airing_id, seen.announcements())).first()
    if found is None:
        raise NotFound(what="airing", id=airing_id)
    return found[0], found[1]
