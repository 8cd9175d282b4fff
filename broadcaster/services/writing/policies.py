"""Who may approve what in a unit: looked up along the tree, seen, and changed by its owner."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import policy
from broadcaster.domain.errors import PolicyUnreachable
from broadcaster.domain.permissions import Action, Role
from broadcaster.domain.policy import Demand, Policy, Row
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.places import audiences
from broadcaster.store import places
from broadcaster.store.tables import Announcement, Grant, Person


def demand(session: Session, announcement: Announcement) -> Demand:
    """What the announcement's own unit, every unit it is for, and all above them ask for together."""
    choices = audiences.choices(announcement)
    named = {announcement.unit_id, *audiences.units_of(session, choices)}
    speakers = len(audiences.resolve(session, choices))
    return policy.demand(_policies(session, named), announcement.klass, announcement.kind, speakers)


def of_unit(session: Session, unit_id: str) -> tuple[Policy, list[tuple[str, Policy]]]:
    """A unit's own rows, and those of the units above it that say anything, the nearest first."""
    *above, own = places.lineage(session, unit_id)
    return _rows(own.policy), [(unit.name, _rows(unit.policy)) for unit in reversed(above) if unit.policy]


def change(session: Session, actor: Actor, unit_id: str, rows: object, *, now: datetime) -> Policy:
    """Put other rows in force; none = only what the units above say. Raises BadPolicy, PolicyUnreachable."""
    lineage = places.lineage(session, unit_id)
    actor.require(Action.TEND_UNITS, [unit.id for unit in lineage])
    wanted = policy.parse(rows)
    above = [_rows(unit.policy) for unit in lineage[:-1]]
    tree = places.tree(session)
    around = {unit.id for unit in lineage} | {each for each in tree.parents if unit_id in tree.path(each)}
    for row in wanted:
        _require_reachable(session, around, row, above)
    lineage[-1].policy = {"rows": [row.to_json() for row in wanted]} if wanted else None
    session.flush()
    details = {"rows": [row.to_json() for row in wanted]}
    audit.record(session, actor, "policy", ("unit", unit_id), now=now, unit=unit_id, details=details)
    return wanted


def _require_reachable(session: Session, units: Collection[str], row: Row, above: Iterable[Policy]) -> None:
    asked = policy.demand([(row,), *above], row.klass, row.kind, row.up_to_speakers or policy.LARGEST)
    people = _holders(session, asked.roles, units)
    if people < asked.approvals:
        raise PolicyUnreachable(needed=asked.approvals, people=people)


def _holders(session: Session, roles: Iterable[Role], units: Collection[str]) -> int:
    holding = select(Grant.person_id).join(Person, Person.id == Grant.person_id)
    holding = holding.where(Grant.role.in_(list(roles)), Grant.unit_id.in_(units), Person.disabled_at.is_(None))
    return len(set(session.scalars(holding)))


def _policies(session: Session, unit_ids: Iterable[str]) -> list[Policy]:
    units = {unit.id: unit for each in unit_ids for unit in places.lineage(session, each)}
    return [_rows(unit.policy) for unit in units.values() if unit.policy]


def _rows(stored: dict[str, Any] | None) -> Policy:
    return policy.parse(stored["rows"]) if stored else ()
