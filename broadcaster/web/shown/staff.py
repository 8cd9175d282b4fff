"""Who works in a unit, in which roles, who stands in for whom, and who has a second factor."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.permissions import Role
from broadcaster.services.actor import Actor
from broadcaster.services.people import deputies
from broadcaster.store.tables import Factor, Grant, Person
from broadcaster.web.labels import ROLE


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role in a unit or above it."""

    id: str
    name: str
    roles: tuple[str, ...]
    role_ids: tuple[str, ...]
    factors: int
    languages: tuple[str, ...]
    """Those it is noted that they speak natively."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One deputy."""

    id: str
    name: str
    stead: str
    role: str
    starts: datetime
    ends: datetime
    reason: str
    mine: bool
    """Whether the person looking stands in, or is stood in for."""


def members(session: Session, path: Iterable[str]) -> list[Member]:
    """Everyone with a role on this unit or above it, by name."""
    held: dict[str, set[str]] = defaultdict(set)
    for row in session.execute(select(Grant.person_id, Grant.role).where(Grant.unit_id.in_(list(path)))):
        held[row.person_id].add(row.role)
    wanted = select(Person).where(Person.id.in_(held), Person.disabled_at.is_(None)).order_by(Person.name)
    counted = _factors(session, held)
    return [_member(person, held[person.id], counted.get(person.id, 0)) for person in session.scalars(wanted)]


def standing(session: Session, actor: Actor, unit_id: str, *, now: datetime) -> list[Standing]:
    """Who stands in for whom here, now or later."""
    rows = deputies.of_unit(session, actor, unit_id, now=now)
    ids = {each for row in rows for each in (row.person_id, row.deputy_for)}
    names = {row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}
    return [
        Standing(
            row.id,
            names.get(row.person_id, row.person_id),
            names.get(row.deputy_for, row.deputy_for),
            ROLE.get(row.role, row.role),
            row.starts,
            row.ends,
            row.reason,
            actor.person_id in {row.person_id, row.deputy_for},
        )
        for row in rows
    ]


def _member(person: Person, roles: set[str], factors: int) -> Member:
    held = tuple(role.value for role in Role if role in roles)
    names = tuple(ROLE[role] for role in held)
    return Member(person.id, person.name, names, held, factors, tuple(person.languages))


def _factors(session: Session, people: Iterable[str]) -> dict[str, int]:
    standing = select(Factor.person_id).where(
        Factor.person_id.in_(list(people)), Factor.confirmed_at.is_not(None), Factor.removed_at.is_(None)
    )
    counted: dict[str, int] = defaultdict(int)
    for person_id in session.scalars(standing):
        counted[person_id] += 1
    return counted
