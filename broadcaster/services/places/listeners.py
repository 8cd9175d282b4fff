"""How many people an audience comes to, as far as units say how many live there."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.audience import Choice, ChoiceKind, Place
from broadcaster.store import places
from broadcaster.store.tables import Unit

Path = Callable[[str], tuple[str, ...]]


def people(session: Session, choices: Sequence[Choice], audience: Sequence[Place]) -> int | None:
    """Those who live in the units chosen, minus the exceptions; None where no unit says how many they are."""
    rows = session.execute(select(Unit.id, Unit.parent_id, Unit.people)).all()
    own: dict[str, int | None] = {row.id: row.people for row in rows}
    below: dict[str | None, list[str]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row.id)
    path = places.tree(session).path

    def living(unit: str) -> int | None:
        if (said := own[unit]) is not None:
            return said
        known = [count for each in below.get(unit, ()) if (count := living(each)) is not None]
        return sum(known) if known else None

    chosen = _units(choices, own, include=True)
    whole = {unit for unit in chosen if not chosen.intersection(path(unit)[:-1])}
    single = {place.unit for place in audience if not chosen.intersection(path(place.unit))} & own.keys()
    spared = _units(choices, own, include=False)
    known = [count for unit in whole | single if (count := living(unit)) is not None]
    less = sum(living(unit) or 0 for unit in _spared(spared, chosen, path))
    return max(0, sum(known) - less) if known else None


def _units(choices: Sequence[Choice], known: Mapping[str, int | None], *, include: bool) -> set[str]:
    return {it.ref for it in choices if it.include is include and it.kind is ChoiceKind.UNIT and it.ref in known}


def _spared(spared: set[str], chosen: set[str], path: Path) -> set[str]:
    inside = {unit for unit in spared if chosen.intersection(path(unit))}
    return {unit for unit in inside if not inside.intersection(path(unit)[:-1])}
