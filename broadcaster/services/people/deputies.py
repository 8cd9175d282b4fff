"""Deputies with dates: somebody holds somebody else's role while they are away, and it ends by itself."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import deputy as rules
from broadcaster.domain.deputy import Term
from broadcaster.domain.errors import DeputyWithoutRole, Malformed, NotFound
from broadcaster.domain.permissions import Action, Role
from broadcaster.domain.permissions import Grant as Right
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.store import places
from broadcaster.store.tables import Deputy, Grant, Person


def appoint(
    session: Session,
    actor: Actor,
    unit_id: str,
    *,
    person_id: str,
    deputy_for: str,
    role: str,
    term: Term,
    now: datetime,
    reason: str = "",
) -> Deputy:
    """Let somebody act in somebody's stead; for oneself, or for others whoever tends the people of the unit.

    Raises DeputySelf, DeputyDates, DeputyWithoutRole, NotAllowed, NotFound, Malformed.
    """
    path = places.path(session, unit_id)
    if actor.person_id != deputy_for:
        actor.require(Action.TEND_PEOPLE, path)
    if role not in set(Role):
        raise Malformed(field="role", problem=", ".join(Role))
    person, away = _person(session, person_id), _person(session, deputy_for)
    rules.check(person.id, away.id, term, now=now)
    if not _holds(session, away.id, role, path):
        raise DeputyWithoutRole
    made = Deputy(
        id=new_id(now),
        person_id=person.id,
        deputy_for=away.id,
        role=role,
        unit_id=unit_id,
        starts=term.starts,
        ends=term.ends,
        reason=line(reason)[:200],
        appointed_by=actor.person_id,
        appointed_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, actor, "deputy", made, now)
    return made


def end(session: Session, actor: Actor, deputy_id: str, *, now: datetime) -> Deputy:
    """End it before its time; ending it twice changes nothing. Raises NotFound, NotAllowed."""
    found = session.get(Deputy, deputy_id, with_for_update=True)
    if found is None:
        raise NotFound(what="deputy", id=deputy_id)
    if actor.person_id not in {found.deputy_for, found.person_id}:
        actor.require(Action.TEND_PEOPLE, places.path(session, found.unit_id))
    if found.ended_at is None and found.ends > now:
        found.ended_at = now
        session.flush()
        _note(session, actor, "deputy_end", found, now)
    return found


def rights(session: Session, person_id: str, *, now: datetime) -> list[Right]:
    """The roles a person holds at this moment in the stead of people who still hold them themselves."""
    rows = session.execute(
        select(Deputy)
        .join(Person, Person.id == Deputy.deputy_for)
        .where(Deputy.person_id == person_id, Person.disabled_at.is_(None), Deputy.starts <= now, Deputy.ends > now)
    ).scalars()
    return [
        Right(Role(row.role), row.unit_id, row.deputy_for)
        for row in rows
        if Term(row.starts, row.ends, row.ended_at).holds(now)
        and _holds(session, row.deputy_for, row.role, places.path(session, row.unit_id))
    ]


def of_unit(session: Session, actor: Actor, unit_id: str, *, now: datetime) -> Sequence[Deputy]:
    """Who stands in for whom in a unit, now or later. Raises NotAllowed."""
    actor.require(Action.SEE, places.path(session, unit_id))
    wanted = select(Deputy).where(Deputy.unit_id == unit_id, Deputy.ends > now, Deputy.ended_at.is_(None))
    return session.scalars(wanted.order_by(Deputy.starts, Deputy.id)).all()


def _holds(session: Session, person_id: str, role: str, path: Collection[str]) -> bool:
    own = select(Grant.id).where(Grant.person_id == person_id, Grant.role == role, Grant.unit_id.in_(path))
    return session.scalar(own.limit(1)) is not None


def _person(session: Session, person_id: str) -> Person:
    found = session.get(Person, person_id)
    if found is None or found.disabled_at:
        raise NotFound(what="person", id=person_id)
    return found


def _note(session: Session, actor: Actor, action: str, row: Deputy, now: datetime) -> None:
    details = {
        "person": session.get_one(Person, row.person_id).name,
        "stead": session.get_one(Person, row.deputy_for).name,
        "role": row.role,
        "starts": row.starts.isoformat(),
        "ends": row.ends.isoformat(),
        "reason": row.reason,
    }
    audit.record(session, actor, action, ("person", row.person_id), now=now, unit=row.unit_id, details=details)
