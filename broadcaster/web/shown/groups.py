"""Groups of loudspeakers as people see and form them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import NotFound
from broadcaster.store.tables import Group, GroupMember, Speaker, Unit
from broadcaster.web.shown.sight import Sight

MOST_KEEPERS = 300


@dataclass(frozen=True, slots=True)
class GroupItem:
    """One group in the list."""

    id: str
    name: str
    unit: str
    speakers: int


def all_groups(session: Session, seen: Sight) -> list[GroupItem]:
    """The groups kept by units within sight, by name."""
    query = (
        select(Group.id, Group.name, Group.unit_id, func.count(GroupMember.speaker_id))
        .outerjoin(GroupMember, GroupMember.group_id == Group.id)
        .where(Group.unit_id.in_(seen.units))
        .group_by(Group.id, Group.name, Group.unit_id)
        .order_by(Group.name, Group.id)
    )
    return [GroupItem(row[0], row[1], seen.names_of(row[2]), row[3]) for row in session.execute(query)]


def find_group(session: Session, seen: Sight, group_id: str) -> Group:
    """One group within sight. Raises NotFound."""
    found = session.get(Group, group_id)
    if found is None or found.unit_id not in seen.units:
        raise NotFound(what="group", id=group_id)
    return found


def members_of(session: Session, seen: Sight, group_id: str) -> frozenset[str]:
    """Its loudspeakers as the form ticks them: where a village has only one, the village stands for it."""
    mine = set(session.scalars(select(GroupMember.speaker_id).where(GroupMember.group_id == group_id)))
    homes: dict[str, list[str]] = {}
    for row in session.execute(select(Speaker.id, Speaker.unit_id).where(Speaker.revoked_at.is_(None))):
        homes.setdefault(seen.home(row.unit_id) or "", []).append(row.id)
    holding = {seen.parent(unit) for unit in seen.units - seen.closed}
    alone = {f"u:{unit}" for unit, hung in homes.items() if unit not in holding and len(hung) == 1 and hung[0] in mine}
    return frozenset(f"d:{speaker}" for speaker in mine) | alone


def speakers_of(session: Session, seen: Sight, ticked: Iterable[str]) -> list[str]:
    """The loudspeakers that were ticked, and those in the units that were."""
    kinds: dict[str, set[str]] = {"u": set(), "d": set()}
    for ref in ticked:
        letter, _, name = ref.partition(":")
        kinds.get(letter, set()).add(name)
    inside = frozenset[str]().union(*(seen.tree.under(unit) for unit in kinds["u"] & seen.units))
    rows = session.scalars(select(Speaker.id).where(Speaker.unit_id.in_(inside), Speaker.revoked_at.is_(None)))
    return sorted(kinds["d"].union(rows))


def keepers(session: Session, seen: Sight) -> list[tuple[str, str]]:
    """Units that can keep a group: those with others below them first."""
    order = session.scalars(select(Unit.id).order_by(Unit.position, Unit.name)).all()
    rows = [unit for unit in order if unit not in seen.closed]
    holding = {seen.tree.parents[unit] for unit in seen.units}
    shown = sorted((unit for unit in rows if unit in seen.units), key=lambda unit: unit not in holding)
    return [(unit, seen.names_of(unit)) for unit in shown[:MOST_KEEPERS]]
