"""Changes of the tree as people read them: what is planned, what was done, what was not and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import NotFound
from broadcaster.domain.land import Land
from broadcaster.domain.permissions import Action
from broadcaster.domain.wishes import Wish
from broadcaster.store import places
from broadcaster.store.tables import UnitChange
from broadcaster.web.labels import CHANGE, CHANGE_KIND, TROUBLE, Label
from broadcaster.web.shown.sight import Sight

LATEST = 100


@dataclass(frozen=True, slots=True)
class ChangeBrief:
    """One change in a list."""

    id: str
    kind: str
    units: str
    """The names of those that are changed."""
    into: str
    """What comes of it: the name of the whole, of the parts, or of the unit it goes under."""
    state: Label
    at: datetime
    """Its day, or when it was done or called off."""
    decision: str
    by: str
    problem: str
    waiting: bool
    may_call_off: bool


def changes(session: Session, seen: Sight) -> tuple[list[ChangeBrief], list[ChangeBrief]]:
    """Those to come, the next first, and those that are over, the latest first."""
    land = places.land(session)
    rows = session.scalars(select(UnitChange).order_by(UnitChange.effective_at.desc(), UnitChange.id.desc()))
    mine = [brief(land, row, seen) for row in rows if Wish.from_json(row.plan).concerned & seen.units]
    over = [each for each in mine if not each.waiting]
    return [each for each in reversed(mine) if each.waiting], over[:LATEST]


def find_change(session: Session, seen: Sight, change_id: str) -> UnitChange:
    """One change of units within sight. Raises NotFound."""
    found = session.get(UnitChange, change_id)
    if found is None or not set(Wish.from_json(found.plan).units) & seen.units:
        raise NotFound(what="unit_change", id=change_id)
    return found


def brief(land: Land, row: UnitChange, seen: Sight) -> ChangeBrief:
    """One change as a line."""
    wish, state = Wish.from_json(row.plan), _state(row)
    return ChangeBrief(
        id=row.id,
        kind=CHANGE_KIND[wish.kind],
        units=_names(land, wish.units),
        into=", ".join(part.name for part in wish.parts) or wish.name or _names(land, [wish.into or wish.parent]),
        state=CHANGE[state],
        at=row.applied_at or row.cancelled_at or row.effective_at,
        decision=row.decision,
        by=row.made_by_name,
        problem=TROUBLE.get(row.problem, row.problem),
        waiting=state == "waiting",
        may_call_off=state == "waiting" and all(seen.allows(Action.TEND_UNITS, unit) for unit in wish.units),
    )


def _state(row: UnitChange) -> str:
    if row.problem:
        return "failed"
    return "done" if row.applied_at else "called_off" if row.cancelled_at else "waiting"


def _names(land: Land, units: Iterable[str]) -> str:
    return ", ".join(land[unit].name for unit in units if unit in land)
