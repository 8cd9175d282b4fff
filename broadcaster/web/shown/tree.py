"""The units as a tree with counts, and as a list of what was searched for by its name of now or of long ago."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import land as rules
from broadcaster.domain.land import Land
from broadcaster.store import places
from broadcaster.store.tables import Unit
from broadcaster.web.shown.sight import Sight

WHOLE = 300
"""So many units are shown at once; of a larger tree the levels below open as pages of their own."""
LEVELS, SMALL = 2, 40
MOST_FOUND = 100


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit in the tree."""

    id: str
    name: str
    former: tuple[str, ...]
    units: int
    """How many are shown next below it, here or on a page of its own."""
    speakers: int
    people: int | None
    below: tuple["Branch", ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A unit that was searched for."""

    id: str
    name: str
    old: str
    """The former name that fits, where the present one does not."""
    above: str
    speakers: int


@dataclass(frozen=True, slots=True)
class Gone:
    """A closed unit, and what it is now."""

    id: str
    name: str
    now: tuple[tuple[str, str], ...]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Forest:
    """All of it, or the part under one unit."""

    branches: tuple[Branch, ...]
    total: int
    whole: bool
    """Whether everything below is there too."""
    closed: int


class _Counts:
    """What each unit comes to with all below it."""

    def __init__(self, session: Session, seen: Sight, land: Land) -> None:
        self.own: Mapping[str, int | None] = {
            row.id: row.people for row in session.execute(select(Unit.id, Unit.people))
        }
        self.shown = [unit for unit in land if unit in seen.units and unit not in seen.closed]
        self.below: dict[str | None, list[str]] = {}
        for unit in self.shown:
            self.below.setdefault(seen.parent(unit), []).append(unit)
        self.speakers: dict[str | None, int] = {}
        for node in land.values():
            home = seen.home(node.id)
            self.speakers[home] = self.speakers.get(home, 0) + node.speakers

    def hung(self, unit: str) -> int:
        """Loudspeakers in service in it and below."""
        return self.speakers.get(unit, 0) + sum(map(self.hung, self.below.get(unit, ())))

    def people(self, unit: str) -> int | None:
        """Who lives there, as far as it or those below it say."""
        if (own := self.own.get(unit)) is not None:
            return own
        known = [count for each in self.below.get(unit, ()) if (count := self.people(each)) is not None]
        return sum(known) if known else None


def forest(session: Session, seen: Sight, top: str = "") -> Forest:
    """The units within sight as a tree, the topmost levels open; or only what lies under one of them."""
    land = places.land(session)
    counts = _Counts(session, seen, land)
    whole = len(counts.shown) <= WHOLE

    def branch(unit: str, depth: int) -> Branch:
        below = counts.below.get(unit, [])
        deeper = below if whole or depth + 1 < LEVELS else []
        return Branch(
            id=unit,
            name=land[unit].name,
            former=land[unit].former,
            units=len(below),
            speakers=counts.hung(unit),
            people=counts.people(unit),
            below=tuple(branch(each, depth + 1) for each in deeper),
            open=depth == 0 or len(counts.shown) <= SMALL,
        )

    first = counts.below.get(top or None, []) if not top or top in seen.units else []
    branches = tuple(branch(unit, 1 if top else 0) for unit in first)
    return Forest(branches, len(counts.shown), whole, len(seen.closed & seen.units))


def find(session: Session, seen: Sight, text: str) -> list[Found]:
    """The units within sight that are or were called so, by name."""
    land = places.land(session)
    known = {unit: old for unit, old in rules.search(land, text).items() if unit in seen.units}
    counts = _Counts(session, seen, land)
    found = sorted(known, key=lambda unit: (bool(known[unit]), land[unit].name))[:MOST_FOUND]
    return [Found(unit, land[unit].name, known[unit], _above(seen, land, unit), counts.hung(unit)) for unit in found]


def gone(session: Session, seen: Sight) -> list[Gone]:
    """The closed units within sight, the latest first."""
    land = places.land(session)
    closed = select(Unit.id, Unit.closed_at).where(Unit.closed_at.is_not(None)).order_by(Unit.closed_at.desc(), Unit.id)
    rows = [row for row in session.execute(closed) if row.id in seen.units]
    ends = {row.id: tuple((each, land[each].name) for each in rules.leads_to(land, row.id)) for row in rows}
    return [Gone(row.id, land[row.id].name, ends[row.id], row.closed_at) for row in rows]


def _above(seen: Sight, land: Land, unit: str) -> str:
    path = [each for each in seen.tree.path(unit)[:-1] if each in seen.units and each not in seen.closed]
    return " › ".join(land[each].name for each in path)
