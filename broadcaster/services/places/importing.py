"""A list of villages taken over: first shown line by line, then written; what is there already is never doubled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.errors.setting_up import ListEmpty, ListTooLong
from broadcaster.domain.land import ADDRESSES
from broadcaster.domain.permissions import Action
from broadcaster.domain.rules.chain import RESERVED
from broadcaster.domain.village_list import MOST_ROWS, Village, read
from broadcaster.domain.words import plain, slug
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.places import units
from broadcaster.store import places
from broadcaster.store.tables import Unit

LEVEL = "village"


class Fate(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    THERE = "there"
    COMPLETED = "completed"
    """It is there already and learns an old name or how many people live there."""
    RENAMED = "renamed"
    """A village of that former name is there: it is this one under its new name, or one that was merged into it."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list and what becomes of it."""

    village: Village
    fate: Fate
    unit: str = ""
    """The unit that is meant, where there is one."""
    other: str = ""
    """What that unit is called now."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A village that is there."""

    id: str
    name: str
    former: frozenset[str]
    people: int | None


def preview(session: Session, actor: Actor, parent: str, rows: Iterable[Sequence[str]]) -> list[Line]:
    """What would become of each line; nothing is written. Raises NotAllowed, UnknownUnit, ListEmpty, ListTooLong."""
    actor.require(Action.TEND_UNITS, places.path(session, parent))
    villages = read(rows)
    if not villages:
        raise ListEmpty
    if len(villages) > MOST_ROWS:
        raise ListTooLong(most=MOST_ROWS)
    known = _known(session, parent)
    return [_judged(each, known) for each in villages]


def write(session: Session, actor: Actor, parent: str, rows: Iterable[Sequence[str]], *, now: datetime) -> int:
    """Write what `preview` calls new or completed, and say how many lines that was. Raises as `preview`."""
    lines = preview(session, actor, parent, rows)
    place = len(_known(session, parent))
    made = 0
    for line in lines:
        if line.fate is Fate.NEW:
            _add(session, actor, parent, line.village, position=place + made, now=now)
        elif line.fate is Fate.COMPLETED:
            _complete(session, actor, line, now)
        made += line.fate in {Fate.NEW, Fate.COMPLETED}
    return made


def _known(session: Session, parent: str) -> Mapping[str, _Known]:
    inside = places.tree(session).under(parent) - {parent}
    rows = select(Unit).where(Unit.id.in_(inside), Unit.closed_at.is_(None))
    return {
        plain(unit.name): _Known(unit.id, unit.name, frozenset(map(plain, unit.former_names)), unit.people)
        for unit in session.scalars(rows)
    }


def _judged(village: Village, known: Mapping[str, _Known]) -> Line:
    if village.problem is not None:
        return Line(village, Fate.WRONG)
    here = known.get(village.key)
    if here is not None:
        news = {plain(old) for old in village.former} - here.former
        more = news or (village.people is not None and village.people != here.people)
        return Line(village, Fate.COMPLETED if more else Fate.THERE, here.id, here.name)
    earlier = next((each for each in known.values() if village.key in each.former), None)
    if earlier is not None:
        return Line(village, Fate.THERE, earlier.id, earlier.name)
    old = next((known[plain(name)] for name in village.former if plain(name) in known), None)
    return Line(village, Fate.RENAMED, old.id, old.name) if old else Line(village, Fate.NEW)


def _add(session: Session, actor: Actor, parent: str, village: Village, *, position: int, now: datetime) -> None:
    units.create(
        session,
        actor,
        id=free_id(session, village.name),
        name=village.name,
        level=LEVEL,
        parent=parent,
        former_names=village.former,
        people=village.people,
        position=position,
        now=now,
    )


def _complete(session: Session, actor: Actor, line: Line, now: datetime) -> None:
    unit = session.get_one(Unit, line.unit)
    known = {plain(old) for old in unit.former_names}
    unit.former_names = [*unit.former_names, *(old for old in line.village.former if plain(old) not in known)]
    unit.people = unit.people if line.village.people is None else line.village.people
    details = {"name": unit.name, "former": unit.former_names, "people": unit.people}
    audit.record(session, actor, "change", ("unit", unit.id), now=now, unit=unit.id, details=details)


def free_id(session: Session, name: str) -> str:
    """A unit's id made of its name, with a number where another commune has it already."""
    base = slug(name) or LEVEL
    base = base if len(base) > 1 else f"{LEVEL}-{base}"
    wanted, number = base, 1
    while wanted in RESERVED | ADDRESSES or session.get(Unit, wanted) is not None:
        number += 1
        wanted = f"{base}-{number}"
    return wanted
