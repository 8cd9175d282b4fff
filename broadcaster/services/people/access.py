"""Somebody's access, by whoever tends the people wherever that person works: opened again, and their browsers ended."""

from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.errors import Malformed, NotFound
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.people import people, sessions
from broadcaster.store.tables import Person


def enable(session: Session, actor: Actor, person_id: str, *, now: datetime) -> None:
    """Let a person in again, with the roles they had; old sessions stay ended. Raises NotAllowed, NotFound."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(what="person", id=person_id)
    unit = people.require_over(session, actor, person_id)
    if person.disabled_at is not None:
        person.disabled_at = None
        audit.record(session, actor, "enable", ("person", person_id), now=now, unit=unit)


def sign_out_everywhere(session: Session, actor: Actor, person_id: str, *, now: datetime) -> int:
    """End every browser of a person; say how many there were. Raises NotAllowed, NotFound."""
    people.standing(session, person_id)
    people.require_over(session, actor, person_id)
    return sessions.end_all(session, actor, person_id, now=now)


def rename(session: Session, actor: Actor, person_id: str, name: str, *, now: datetime) -> None:
    """Call somebody as they are called now; what they did keeps the name of then. Raises NotAllowed, Malformed."""
    person = people.standing(session, person_id)
    unit = people.require_over(session, actor, person_id)
    if not 1 <= len(line(name)) <= 200:
        raise Malformed(field="name", problem="1–200")
    if person.name != line(name):
        person.name = line(name)
        audit.record(session, actor, "rename", ("person", person_id), now=now, unit=unit)
