"""A new installation: the address its owner is made at, once, and the commune they name first."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import AlreadyExists, LinkSpent, NotAllowed
from broadcaster.domain.permissions import Action, Role
from broadcaster.domain.schedule import zone_named
from broadcaster.services import audit
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.hours import renewing
from broadcaster.services.ids import hashed, new_secret
from broadcaster.services.people import passwords, people
from broadcaster.services.places import units
from broadcaster.services.places.importing import free_id
from broadcaster.store import places
from broadcaster.store.tables import Meta, Person, Unit
from broadcaster.store.upsert import upsert

SECRET, OWNER = "set_up_secret", "set_up_by"
LEVEL = "commune"


def open_door(session: Session) -> str | None:
    """A new secret for the set-up page while nobody has an account; the one before opens nothing any more."""
    if session.scalar(select(Person.id).limit(1)) is not None:
        return None
    secret = new_secret()
    upsert(session, Meta, [{"key": SECRET, "value": hashed(secret)}], change=["value"])
    return secret


def check_door(session: Session, secret: str) -> None:
    """Raise LinkSpent unless this secret still makes the owner."""
    if session.scalar(select(Meta.value).where(Meta.key == SECRET)) != hashed(secret):
        raise LinkSpent


def make_owner(session: Session, secret: str, *, login: str, name: str, password: str, now: datetime) -> Person:
    """The first person, who may name the commune; the secret is spent with it.

    Raises LinkSpent, Malformed, and what passwords.set_password does.
    """
    spent = delete(Meta).where(Meta.key == SECRET, Meta.value == hashed(secret)).returning(Meta.key)
    if session.scalar(spent) is None or session.scalar(select(Person.id).limit(1)) is not None:
        raise LinkSpent
    person = people.create_person(session, SYSTEM, login=login, name=name, unit_id=None, now=now)
    passwords.set_password(session, SYSTEM, person.id, password, now=now)
    upsert(session, Meta, [{"key": OWNER, "value": person.id}], change=["value"])
    return person


def may_name(session: Session, actor: Actor) -> bool:
    """Whether it is this person who names the commune, and nobody has."""
    return _made_by(session) == actor.person_id and session.scalar(select(Unit.id).limit(1)) is None


def name_commune(session: Session, actor: Actor, *, name: str, zone: str, now: datetime) -> Unit:
    """The first unit, whose owner the person who set it up becomes.

    Raises NotAllowed, AlreadyExists where there is a unit, Malformed, UnknownZone.
    """
    # Two at once would make two tops, of which one would have no owner: whoever is second waits here, and is refused.
    by = session.scalar(select(Meta.value).where(Meta.key == OWNER).with_for_update())
    if by != actor.person_id:
        raise NotAllowed(action=Action.TEND_UNITS)
    if (there := session.scalar(select(Unit.name).limit(1))) is not None:
        raise AlreadyExists(id=there)
    zone_named(zone)
    unit = units.create(
        session, SYSTEM, id=free_id(session, name), name=name, level=LEVEL, parent=None, zone=zone, now=now
    )
    audit.record(session, actor, "begin", ("unit", unit.id), now=now, unit=unit.id, details={"zone": zone})
    people.grant(session, SYSTEM, actor.person_id, Role.OWNER, unit.id, now=now)
    return unit


def correct(session: Session, actor: Actor, unit_id: str, *, name: str, zone: str, now: datetime) -> None:
    """The unit's name, and the zone of its clock, written anew. Raises as units.change, UnknownZone."""
    wanted, before = zone_named(zone).key, units.zone_of(session, unit_id)
    if name != session.get_one(Unit, unit_id).name:
        units.change(session, actor, unit_id, name=name, now=now)
    if wanted != before:
        actor.require(Action.TEND_UNITS, places.path(session, unit_id))
        session.get_one(Unit, unit_id).zone = wanted
        audit.record(session, actor, "zone", ("unit", unit_id), now=now, unit=unit_id, details={"zone": wanted})
        renewing.rules_changed(session, [unit_id], now=now)


def _made_by(session: Session) -> str | None:
    return session.scalar(select(Meta.value).where(Meta.key == OWNER))
