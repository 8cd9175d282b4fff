"""The administrative tree, and the groups across it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.domain import languages as spoken
from broadcaster.domain import rules_of_the_air
from broadcaster.domain.errors import AlreadyExists, Malformed, UnitCycle
from broadcaster.domain.land import ADDRESSES
from broadcaster.domain.permissions import Action
from broadcaster.domain.rules.chain import RESERVED
from broadcaster.domain.schedule import zone_named
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.hours import renewing
from broadcaster.services.hours import rules as rules_of_units
from broadcaster.services.places import groups
from broadcaster.store import places
from broadcaster.store.tables import Group, Unit
from firmware_config.protocol import valid_id

ZONE = rules_of_the_air.ZONE
MOST_PEOPLE = 20_000_000


def create(
    session: Session,
    actor: Actor,
    *,
    id: str,  # noqa: A002
    name: str,
    level: str,
    parent: str | None,
    now: datetime,
    rules: Mapping[str, Any] | None = None,
    languages: Iterable[str] = (),
    zone: str | None = None,
    former_names: Iterable[str] = (),
    people: int | None = None,
    position: int = 0,
) -> Unit:
    """A new unit under `parent`, which the actor must tend; a top has none.

    Raises AlreadyExists, Malformed, UnknownLanguage, and what rules.set raises.
    """
    actor.require(Action.TEND_UNITS, places.path(session, parent) if parent else ())
    if not valid_id(id):
        raise Malformed(field="id", problem="a–z, 0–9, -")
    if id in RESERVED | ADDRESSES or session.get(Unit, id) is not None:
        raise AlreadyExists(id=id)
    unit = Unit(
        id=id,
        parent_id=parent,
        name=_name(name),
        level=level,
        former_names=list(former_names),
        zone=zone_named(zone).key if zone else None,
        languages=spoken.require_all(languages),
        people=_people(people),
        position=position,
        created_at=now,
    )
    session.add(unit)
    session.flush()
    audit.record(session, actor, "create", ("unit", id), now=now, unit=id, details={"name": name, "parent": parent})
    if rules:
        rules_of_units.set(session, actor, id, rules, now=now)
    return unit


def change(
    session: Session,
    actor: Actor,
    unit_id: str,
    *,
    now: datetime,
    name: str | None = None,
    parent: str | None = None,
    languages: Iterable[str] | None = None,
    people: int | None = None,
) -> Unit:
    """Rename a unit (its old name is kept), hang it elsewhere, or change who lives in it and in which languages.

    Raises NotAllowed, Malformed, UnitCycle, UnknownUnit, UnknownLanguage.
    """
    unit = places.lineage(session, unit_id)[-1]
    actor.require(Action.TEND_UNITS, places.path(session, unit_id))
    if name is not None and _name(name) != unit.name:
        unit.former_names, unit.name = [*unit.former_names, unit.name], _name(name)
    if parent is not None:
        _hang(session, actor, unit, parent)
    if languages is not None:
        unit.languages = spoken.require_all(languages)
    unit.people = unit.people if people is None else _people(people)
    details = {"name": unit.name, "parent": unit.parent_id, "languages": unit.languages, "people": unit.people}
    audit.record(session, actor, "change", ("unit", unit_id), now=now, unit=unit_id, details=details)
    # Other units above it mean other rules for what is planned in it.
    renewing.rules_changed(session, [unit_id], now=now)
    return unit


def _hang(session: Session, actor: Actor, unit: Unit, parent: str) -> None:
    above = places.path(session, parent)
    if unit.id in above:
        raise UnitCycle(id=unit.id)
    actor.require(Action.TEND_UNITS, above)
    unit.parent_id = parent
    session.flush()


def _people(people: int | None) -> int | None:
    if people is not None and not 0 <= people <= MOST_PEOPLE:
        raise Malformed(field="people", problem=f"0–{MOST_PEOPLE}")
    return people


def _name(name: str) -> str:
    tidy = line(name)
    if not 1 <= len(tidy) <= 200:
        raise Malformed(field="name", problem="1–200")
    return tidy


def zone_of(session: Session, unit_id: str) -> str:
    """The time zone that holds in a unit."""
    found = (unit.zone for unit in reversed(places.lineage(session, unit_id)) if unit.zone)
    return next(found, ZONE)


def languages_of(session: Session, unit_id: str) -> list[str]:
    """The languages in the order in which they are heard in a unit; empty = as each announcement is written."""
    return next((unit.languages for unit in reversed(places.lineage(session, unit_id)) if unit.languages), [])


def load_tree(session: Session, actor: Actor, data: Mapping[str, Any], *, now: datetime) -> int:
    """Make the units and groups of a file (see broadcaster/demo/yen_chau.toml) that are not there yet; say how many.

    Parents come before children. Raises Malformed for a field that is missing.
    """
    made = 0
    for place, unit in enumerate(data.get("units", ())):
        if session.get(Unit, unit.get("id", "")) is None:
            _load_unit(session, actor, unit, place, now)
            made += 1
    for group in data.get("groups", ()):
        if session.get(Group, group.get("id", "")) is None:
            _load_group(session, actor, group, now)
    return made


def _load_group(session: Session, actor: Actor, group: Mapping[str, Any], now: datetime) -> None:
    try:
        groups.create(session, actor, id=group["id"], name=group["name"], unit_id=group["unit"], now=now)
    except KeyError as error:
        raise Malformed(field=str(error), problem="missing") from error


def _load_unit(session: Session, actor: Actor, unit: Mapping[str, Any], place: int, now: datetime) -> None:
    try:
        create(
            session,
            actor,
            id=unit["id"],
            name=unit["name"],
            level=unit["level"],
            parent=unit.get("parent"),
            rules=unit.get("rules"),
            languages=unit.get("languages", ()),
            zone=unit.get("zone"),
            former_names=unit.get("former_names", ()),
            people=unit.get("people"),
            position=place,
            now=now,
        )
    except KeyError as error:
        raise Malformed(field=str(error), problem="missing") from error
