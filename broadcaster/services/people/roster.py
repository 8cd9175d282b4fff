"""Many accounts from one list: first shown line by line, then made in one transaction; nobody is made twice."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import NobodyListed
from broadcaster.domain.errors.setting_up import ListTooLong
from broadcaster.domain.people_list import MOST, Entry, Surroundings, judged, read
from broadcaster.domain.permissions import Action, Role
from broadcaster.domain.words import plain
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.store import places
from broadcaster.store.tables import Grant, Person


class Fate(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    ROLE = "role"
    """The account is there, and gets one role more."""
    THERE = "there"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list, and what becomes of it."""

    entry: Entry
    fate: Fate


@dataclass(frozen=True, slots=True)
class Frame:
    """For whom the list is, and what its roles are called."""

    units: Mapping[str, str]
    """Id → name of the units whose people the actor tends."""
    roles: Mapping[str, Role]
    unit: str
    role: Role


def preview(session: Session, rows: Iterable[Sequence[str]], frame: Frame) -> list[Line]:
    """What would become of each line; nothing is written. Raises NobodyListed, ListTooLong."""
    entries = read(rows)
    if not entries:
        raise NobodyListed
    if len(entries) > MOST:
        raise ListTooLong(most=MOST)
    ids = {row.login: row.id for row in session.execute(select(Person.login, Person.id))}
    there = _there(session, frame.units)
    around = Surroundings(frame.units, frame.roles, ids.keys(), there, frame.unit, frame.role)
    told = judged(entries, around)
    held = _held(session, [ids[it.login] for it in told if it.login in ids])
    coming: set[str] = set()
    lines = []
    for it in told:
        lines.append(Line(it, _fate(it, ids, held, coming)))
        coming.add(it.login)
    return lines


def take(session: Session, actor: Actor, rows: Iterable[Sequence[str]], frame: Frame, *, now: datetime) -> list[str]:
    """Make the accounts that `preview` calls new and give the roles; return the ids of the new ones.

    Raises NotAllowed where the actor does not tend the people of a unit, NobodyListed, ListTooLong.
    """
    lines = [line for line in preview(session, rows, frame) if line.fate in {Fate.NEW, Fate.ROLE}]
    for unit in {line.entry.unit for line in lines}:
        actor.require(Action.TEND_PEOPLE, places.path(session, unit))
    made = {line.entry.login: _person(line.entry, now) for line in lines if line.fate is Fate.NEW}
    session.add_all(made.values())
    session.flush()
    logins = {line.entry.login for line in lines} - made.keys()
    ids = {
        row.login: row.id for row in session.execute(select(Person.login, Person.id).where(Person.login.in_(logins)))
    }
    ids |= {login: person.id for login, person in made.items()}
    for line in lines:
        it, person_id = line.entry, ids[line.entry.login]
        if line.fate is Fate.NEW:
            audit.record(
                session, actor, "create", ("person", person_id), now=now, unit=it.unit, details={"login": it.login}
            )
        session.add(_grant(it, person_id, actor, now))
        audit.record(session, actor, "grant", ("person", person_id), now=now, unit=it.unit, details={"role": it.role})
    session.flush()
    return [person.id for person in made.values()]


def _fate(it: Entry, ids: Mapping[str, str], held: Collection[tuple[str, str, str]], coming: Collection[str]) -> Fate:
    if it.fault is not None:
        return Fate.WRONG
    if it.login not in ids:
        return Fate.ROLE if it.login in coming else Fate.NEW
    return Fate.THERE if (ids[it.login], it.role, it.unit) in held else Fate.ROLE


def _there(session: Session, units: Collection[str]) -> dict[tuple[str, str], str]:
    found = select(Person.name, Person.login, Grant.unit_id).join(Grant, Grant.person_id == Person.id)
    return {(plain(row.name), row.unit_id): row.login for row in session.execute(found) if row.unit_id in units}


def _held(session: Session, person_ids: Collection[str]) -> set[tuple[str, str, str]]:
    wanted = set(person_ids)
    rows = session.execute(select(Grant.person_id, Grant.role, Grant.unit_id)) if wanted else ()
    return {(row.person_id, row.role, row.unit_id) for row in rows if row.person_id in wanted}


def _person(it: Entry, now: datetime) -> Person:
    return Person(id=new_id(now), login=it.login, name=it.name, phone=it.phone, mail=it.mail.lower(), created_at=now)


def _grant(it: Entry, person_id: str, actor: Actor, now: datetime) -> Grant:
    granted_by = actor.person_id
    return Grant(
        id=new_id(now), person_id=person_id, role=it.role, unit_id=it.unit, granted_by=granted_by, granted_at=now
    )
