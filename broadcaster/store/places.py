"""Units, groups and speakers, as the rules want to see them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from broadcaster.domain.audience import Place, Tree
from broadcaster.domain.errors import UnitCycle, UnknownUnit
from broadcaster.domain.land import Node
from broadcaster.store.tables import GroupMember, Speaker, Unit


def tree(session: Session) -> Tree:
    """The whole administrative tree."""
    return Tree({row.id: row.parent_id for row in session.execute(select(Unit.id, Unit.parent_id))})


def standings(session: Session) -> dict[str, Row[Any]]:
    """What every unit says itself: its id, parent_id, zone and languages."""
    rows: Iterable[Row[Any]] = session.execute(select(Unit.id, Unit.parent_id, Unit.zone, Unit.languages))
    return {row.id: row for row in rows}


def land(session: Session) -> dict[str, Node]:
    """Every unit with its names, closed ones too, and how many loudspeakers in service hang in it."""
    real = (Speaker.revoked_at.is_(None), Speaker.pretend.is_(False))
    here = select(Speaker.unit_id, func.count()).where(*real).group_by(Speaker.unit_id)
    hung: dict[str, int] = {row[0]: row[1] for row in session.execute(here)}
    columns = (Unit.id, Unit.parent_id, Unit.name, Unit.level, Unit.closed_at, Unit.successor_id, Unit.former_names)
    rows = session.execute(select(*columns).order_by(Unit.position, Unit.name, Unit.id))
    return {
        row.id: Node(
            id=row.id,
            parent=row.parent_id,
            name=row.name,
            level=row.level,
            closed=row.closed_at is not None,
            successor=row.successor_id,
            former=tuple(row.former_names),
            speakers=hung.get(row.id, 0),
        )
        for row in rows
    }


def lineage(session: Session, unit_id: str) -> list[Unit]:
    """A unit and everything above it, topmost first; raises UnknownUnit or UnitCycle."""
    found: list[Unit] = []
    here: str | None = unit_id
    while here is not None:
        unit = session.get(Unit, here)
        if unit is None:
            raise UnknownUnit(id=here)
        if unit in found:
            raise UnitCycle(id=here)
        found.append(unit)
        here = unit.parent_id
    return found[::-1]


def path(session: Session, unit_id: str) -> tuple[str, ...]:
    """The ids of a unit and everything above it, topmost first; raises UnknownUnit or UnitCycle."""
    return tuple(unit.id for unit in lineage(session, unit_id))


def speakers_in_service(session: Session) -> list[Place]:
    """Where every speaker hangs that was not revoked."""
    groups: Mapping[str, set[str]] = defaultdict(set)
    for member in session.execute(select(GroupMember.speaker_id, GroupMember.group_id)):
        groups[member.speaker_id].add(member.group_id)
    rows = session.execute(select(Speaker.id, Speaker.unit_id).where(Speaker.revoked_at.is_(None)))
    return [Place(row.id, row.unit_id, frozenset(groups.get(row.id, ()))) for row in rows]


def names(session: Session, unit_ids: Iterable[str]) -> dict[str, str]:
    """What units are called."""
    rows = session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(set(unit_ids))))
    return {row.id: row.name for row in rows}
