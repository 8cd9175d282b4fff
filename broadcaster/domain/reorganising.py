"""What it takes to merge, split, rename or move units, worked out before anybody does it.

A closed unit stays in the tree as a joint that is no longer shown: a merger puts its successor above it, a split puts
its parts below it. So whatever named it goes on for exactly the loudspeakers it held for, and no speaker is touched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from broadcaster.domain.land import Land, Node, common_parent, fits_name, home, leaves, path, under
from broadcaster.domain.permissions import MAY, Action, Role
from broadcaster.domain.wishes import END, Kind, Part, Trouble, Wish
from broadcaster.domain.words import plain

DECIDING = frozenset({Role.OWNER, Role.APPROVER})
"""Roles that nobody keeps or loses in a merger without being asked about."""


@dataclass(frozen=True, slots=True)
class Held:
    """A role somebody has on a unit."""

    id: str
    role: Role
    unit: str


@dataclass(frozen=True, slots=True)
class Form:
    """A new unit."""

    id: str
    name: str
    level: str
    parent: str | None
    former: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hang:
    """A unit under another one."""

    unit: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Close:
    """A unit that is no longer shown."""

    unit: str
    successor: str | None


@dataclass(frozen=True, slots=True)
class Rename:
    """A unit that is called otherwise from now on."""

    unit: str
    name: str
    former: tuple[str, ...]


Step = Form | Hang | Close | Rename


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why it cannot be done, and with which unit."""

    trouble: Trouble
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in their order; where there are conflicts, none of them may be taken."""

    steps: tuple[Step, ...]
    conflicts: tuple[Conflict, ...] = field(default=())


def plan(land: Land, wish: Wish, held: Sequence[Held] = (), *, asking: bool = True) -> Plan:
    """The steps that fulfil a wish, or all that stands against it.

    `held` are the roles on its units and on all above them; `asking`: each that decides must be answered for.
    """
    known = [Conflict(trouble, unit) for unit in wish.units if (trouble := _unfit(land, unit))]
    if known or not wish.units:
        return Plan((), tuple(known) or (Conflict(Trouble.TOO_FEW),))
    against = tuple(AGAINST[wish.kind](land, wish)) + tuple(_roles(land, wish, held, asking))
    return Plan((), against) if against else Plan(tuple(STEPS[wish.kind](land, wish)))


def carried(land: Land, steps: Sequence[Step]) -> dict[str, Node]:
    """The land once the steps are taken."""
    after = dict(land)
    for step in steps:
        match step:
            case Form():
                after[step.id] = Node(step.id, step.parent, step.name, step.level, former=step.former)
            case Hang():
                after[step.unit] = replace(after[step.unit], parent=step.parent)
            case Close():
                after[step.unit] = replace(after[step.unit], closed=True, successor=step.successor)
            case Rename():
                after[step.unit] = replace(after[step.unit], name=step.name, former=step.former)
    return after


def parent_of_merged(land: Land, wish: Wish) -> str | None:
    """Under which unit the merged ones will stand."""
    return land[wish.into].parent if wish.into else wish.parent or common_parent(land, wish.units)


def _unfit(land: Land, unit: str) -> Trouble | None:
    if unit not in land:
        return Trouble.UNKNOWN
    return Trouble.CLOSED if land[unit].closed else None


def _against_merging(land: Land, wish: Wish) -> Iterator[Conflict]:
    units = set(wish.units)
    if len(units) < 2 or (wish.into and wish.into not in units):
        yield Conflict(Trouble.TOO_FEW)
    yield from (Conflict(Trouble.NESTED, unit) for unit in wish.units if units & set(path(land, unit)[:-1]))
    if wish.as_in and wish.as_in not in units:
        yield Conflict(Trouble.UNKNOWN, wish.as_in)
    if not wish.into:
        yield from _against_new(land, wish.id, wish.level)
    above = parent_of_merged(land, wish)
    if above is not None:
        if wish.parent and (trouble := _unfit(land, above)):
            yield Conflict(trouble, above)
            return
        if units & set(path(land, above)):
            yield Conflict(Trouble.CYCLE, above)
    if wish.name or not wish.into:
        yield from _against_name(land, wish.name, above, but=units)


def _merge(land: Land, wish: Wish) -> Iterator[Step]:
    into = wish.into or wish.id
    others = [unit for unit in wish.units if unit != into]
    name = wish.name or land[into].name
    own = (land[into].name, *land[into].former) if wish.into else ()
    former = _without(name, (*own, *(old for unit in others for old in (land[unit].name, *land[unit].former))))
    if wish.into:
        yield Rename(into, name, former)
    else:
        yield Form(into, name, wish.level, parent_of_merged(land, wish), former)
    for unit in others:
        yield Hang(unit, into)
        yield Close(unit, into)


def _against_splitting(land: Land, wish: Wish) -> Iterator[Conflict]:
    (unit, *more), placed = wish.units, [village for part in wish.parts for village in part.villages]
    if more or len(wish.parts) < 2:
        yield Conflict(Trouble.TOO_FEW)
    villages = leaves(land, unit)
    yield from (Conflict(Trouble.EMPTY_PART) for part in wish.parts if not part.villages)
    yield from (Conflict(Trouble.UNPLACED, each) for each in villages if placed.count(each) != 1)
    yield from (Conflict(Trouble.UNKNOWN, each) for each in placed if each not in villages)
    if len({part.id for part in wish.parts}) < len(wish.parts):
        yield Conflict(Trouble.ID_TAKEN)
    if len({plain(part.name) for part in wish.parts}) < len(wish.parts):
        yield Conflict(Trouble.NAME_TAKEN)
    for part in wish.parts:
        yield from _against_new(land, part.id, part.level)
        yield from _against_name(land, part.name, land[unit].parent, but={unit})
    if any(land[each].speakers for each in _left(land, unit, wish.parts)):
        yield Conflict(Trouble.LOUDSPEAKERS, unit)


def _split(land: Land, wish: Wish) -> Iterator[Step]:
    unit = land[wish.units[0]]
    for part in wish.parts:
        yield Form(part.id, part.name, part.level, unit.id, _without(part.name, (unit.name, *unit.former)))
    yield from (Hang(each, part) for each, part in _hung(land, unit.id, wish.parts))
    yield Close(unit.id, None)


def _hung(land: Land, unit: str, parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    """Which units go under which part: a closed one goes whole where all in it goes the same way."""
    goes = {village: part.id for part in parts for village in part.villages}
    for child in (each.id for each in land.values() if each.parent == unit):
        ways = {goes.get(village, "") for village in leaves(land, child)} if land[child].closed else {goes.get(child)}
        if len(ways) == 1 and (way := ways.pop()):
            yield child, way
        elif land[child].closed:
            yield from _hung(land, child, parts)


def _left(land: Land, unit: str, parts: Sequence[Part]) -> frozenset[str]:
    gone = {below for each, _ in _hung(land, unit, parts) for below in under(land, each)}
    return under(land, unit) - gone


def _against_renaming(land: Land, wish: Wish) -> Iterator[Conflict]:
    unit = land[wish.units[0]]
    if unit.name == wish.name:
        yield Conflict(Trouble.NOTHING, unit.id)
    yield from _against_name(land, wish.name, unit.parent, but={unit.id})


def _rename(land: Land, wish: Wish) -> Iterator[Step]:
    unit = land[wish.units[0]]
    yield Rename(unit.id, wish.name, _without(wish.name, (*unit.former, unit.name)))


def _against_moving(land: Land, wish: Wish) -> Iterator[Conflict]:
    unit, above = wish.units[0], wish.parent
    if trouble := _unfit(land, above):
        yield Conflict(trouble, above)
    elif unit in path(land, above):
        yield Conflict(Trouble.CYCLE, above)
    elif land[unit].parent == above:
        yield Conflict(Trouble.NOTHING, unit)
    else:
        yield from _against_name(land, land[unit].name, above, but={unit})


def _move(_land: Land, wish: Wish) -> Iterator[Step]:
    yield Hang(wish.units[0], wish.parent)


def _against_new(land: Land, unit: str, level: str) -> Iterator[Conflict]:
    if unit in land:
        yield Conflict(Trouble.ID_TAKEN, unit)
    if not level:
        yield Conflict(Trouble.NO_LEVEL)


def _against_name(land: Land, name: str, parent: str | None, *, but: set[str]) -> Iterator[Conflict]:
    if not fits_name(name):
        yield Conflict(Trouble.NO_NAME)
        return
    beside = leaves(land, home(land, parent))
    yield from (Conflict(Trouble.NAME_TAKEN, each) for each in beside - but if plain(land[each].name) == plain(name))


def _roles(land: Land, wish: Wish, held: Sequence[Held], asking: bool) -> Iterator[Conflict]:
    """In a merger somebody must own the whole; who decided on a part is asked about by name."""
    closing = {unit for unit in wish.units if unit != wish.into} if wish.kind is Kind.MERGE else set()
    mine = [each for each in held if each.unit in closing]
    if asking:
        unanswered = (each for each in mine if each.role in DECIDING and each.id not in wish.answers)
        yield from (Conflict(Trouble.UNANSWERED, each.unit) for each in unanswered)
    if closing and held and not any(_owns(land, wish, each) for each in held):
        yield Conflict(Trouble.NOBODY)


def _owns(land: Land, wish: Wish, held: Held) -> bool:
    if Action.TEND_UNITS not in MAY[held.role]:
        return False
    above = parent_of_merged(land, wish)
    over = path(land, above) if above in land else ()
    if held.unit in over or (wish.into and held.unit == wish.into):
        return True
    answer = wish.answers.get(held.id, "")
    return bool(answer) and answer != END and answer == (wish.into or wish.id)


def _without(name: str, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in names if each != name))


AGAINST = {
    Kind.MERGE: _against_merging,
    Kind.SPLIT: _against_splitting,
    Kind.RENAME: _against_renaming,
    Kind.MOVE: _against_moving,
}
STEPS = {Kind.MERGE: _merge, Kind.SPLIT: _split, Kind.RENAME: _rename, Kind.MOVE: _move}

__all__ = ["Close", "Conflict", "Form", "Hang", "Held", "Plan", "Rename", "Step", "carried", "parent_of_merged", "plan"]
