"""Among which units one chooses when the tree is to be changed."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from broadcaster.domain.errors import NotFound
from broadcaster.domain.land import Land, Node, leaves, path, under
from broadcaster.domain.wishes import Kind
from broadcaster.store import places
from broadcaster.web.shown.sight import Sight

MOST = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """What is offered."""

    unit: str
    name: str
    """Of the unit that is split, renamed or moved."""
    inside: str
    """The unit whose parts are offered for merging; empty = the topmost ones."""
    inside_name: str
    units: tuple[Node, ...]
    """Those that can be merged, or the villages to be dealt out."""
    goals: tuple[tuple[str, str], ...]
    """Where a unit can go, with all that is above it."""
    levels: tuple[str, ...]
    level: str
    """Of that unit."""


def offered(session: Session, seen: Sight, kind: Kind, unit: str, inside: str) -> Choice:
    """What can be chosen for one kind of change. Raises NotFound for a unit that is not tended."""
    land = places.land(session)
    for each in (unit, inside):
        if each and each not in seen.units:
            raise NotFound(what="unit", id=each)
    above = inside or (seen.parent(unit) or "" if unit else _top(seen))
    units = _parts(seen, land, unit if kind is Kind.SPLIT else above)
    return Choice(
        unit=unit,
        name=land[unit].name if unit else "",
        inside=above,
        inside_name=land[above].name if above else "",
        units=units,
        goals=_goals(seen, land, unit) if kind is Kind.MOVE and unit else (),
        levels=tuple(dict.fromkeys(node.level for node in land.values())),
        level=land[unit].level if unit else "",
    )


def _top(seen: Sight) -> str:
    tops = [unit for unit in seen.tops if unit not in seen.closed]
    return tops[0] if len(tops) == 1 else ""


def _parts(seen: Sight, land: Land, above: str) -> tuple[Node, ...]:
    shown = [unit for unit in land if unit in seen.units and unit not in seen.closed]
    if above:
        below = leaves(land, above)
        return tuple(land[unit] for unit in shown if unit in below)
    return tuple(land[unit] for unit in shown if seen.parent(unit) is None)


def _goals(seen: Sight, land: Land, unit: str) -> tuple[tuple[str, str], ...]:
    """Units that hold others or are of the kind that holds this one now, this one and all below it left out."""
    inside, holding = under(land, unit), {seen.parent(each) for each in land if each in seen.units}
    now = seen.home(land[unit].parent)
    level = land[now].level if now else ""
    fit = [each for each in land.values() if each.id in seen.units and not each.closed and each.id not in inside]
    chosen = [each for each in fit if each.id != now and (each.id in holding or each.level == level)]
    return tuple((each.id, _way(seen, land, each.id)) for each in chosen[:MOST])


def _way(seen: Sight, land: Land, unit: str) -> str:
    shown = [each for each in path(land, unit) if each in seen.units and each not in seen.closed]
    return " › ".join(land[each].name for each in shown)
