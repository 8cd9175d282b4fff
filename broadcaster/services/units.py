"""The administrative tree, and the groups across it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from broadcaster.domain import rules_of_the_air
from broadcaster.domain.errors import AlreadyExists, Malformed, UnitCycle, UnknownGroup, UnknownSpeaker
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import zone_named
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.store import outbox, places
from broadcaster.store.tables import Group, GroupMember, RuleSet, Speaker, Unit
from firmware_config.protocol import Rules, valid_id

ZONE = rules_of_the_air.ZONE


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
    position: int = 0,
) -> Unit:
    """A new unit under `parent`, which the actor must tend; a top has none. Raises AlreadyExists, Malformed."""
    actor.require(Action.TEND_UNITS, places.path(session, parent) if parent else ())
    if not valid_id(id):
        raise Malformed(field="id", problem="a–z, 0–9, -")
    if session.get(Unit, id) is not None:
        raise AlreadyExists(id=id)
    unit = Unit(
        id=id,
        parent_id=parent,
        name=_name(name),
        level=level,
        former_names=list(former_names),
        zone=zone_named(zone).key if zone else None,
        languages=list(languages),
        position=position,
        created_at=now,
    )
    session.add(unit)
    session.flush()
    if rules:
        _set_rules(session, actor, id, rules, now)
    audit.record(session, actor, "create", ("unit", id), now=now, unit=id, details={"name": name, "parent": parent})
    return unit


def change(
    session: Session,
    actor: Actor,
    unit_id: str,
    *,
    now: datetime,
    name: str | None = None,
    parent: str | None = None,
    rules: Mapping[str, Any] | None = None,
    languages: Iterable[str] | None = None,
) -> Unit:
    """Rename a unit (its old name is kept), hang it elsewhere, or change what is heard in it and when."""
    unit = places.lineage(session, unit_id)[-1]
    actor.require(Action.TEND_UNITS, places.path(session, unit_id))
    if name is not None and _name(name) != unit.name:
        unit.former_names, unit.name = [*unit.former_names, unit.name], _name(name)
    if parent is not None:
        _hang(session, actor, unit, parent)
    if rules is not None:
        _set_rules(session, actor, unit_id, rules, now)
    if languages is not None:
        unit.languages = list(languages)
    audit.record(session, actor, "change", ("unit", unit_id), now=now, unit=unit_id, details={"name": unit.name})
    outbox.want(session, "manifest", speakers_under(session, unit_id), now=now)
    return unit


def _hang(session: Session, actor: Actor, unit: Unit, parent: str) -> None:
    above = places.path(session, parent)
    if unit.id in above:
        raise UnitCycle(id=unit.id)
    actor.require(Action.TEND_UNITS, above)
    unit.parent_id = parent
    session.flush()


def _set_rules(session: Session, actor: Actor, unit_id: str, rules: Mapping[str, Any], now: datetime) -> None:
    parsed = rules_of_the_air.parse(rules)
    version = (session.scalar(select(func.max(RuleSet.version)).where(RuleSet.unit_id == unit_id)) or 0) + 1
    numbered = replace(parsed, version=max(version, parsed.version), since=int(now.timestamp() * 1000))
    session.add(
        RuleSet(
            id=new_id(now),
            unit_id=unit_id,
            version=numbered.version,
            since=now,
            rules=numbered.to_json(),
            created_by=actor.person_id,
            created_at=now,
        )
    )
    session.flush()


def _name(name: str) -> str:
    tidy = line(name)
    if not 1 <= len(tidy) <= 200:
        raise Malformed(field="name", problem="1–200")
    return tidy


def create_group(
    session: Session,
    actor: Actor,
    *,
    id: str,  # noqa: A002
    name: str,
    unit_id: str,
    now: datetime,
    speakers: Iterable[str] = (),
) -> Group:
    """A new group kept by a unit. Raises AlreadyExists, Malformed, UnknownUnit, UnknownSpeaker."""
    actor.require(Action.TEND_UNITS, places.path(session, unit_id))
    if not valid_id(id):
        raise Malformed(field="id", problem="a–z, 0–9, -")
    if session.get(Group, id) is not None:
        raise AlreadyExists(id=id)
    group = Group(id=id, name=_name(name), unit_id=unit_id, created_at=now)
    session.add(group)
    session.flush()
    audit.record(session, actor, "create", ("group", id), now=now, unit=unit_id, details={"name": group.name})
    set_members(session, actor, id, speakers, now=now)
    return group


def set_members(session: Session, actor: Actor, group_id: str, speakers: Iterable[str], *, now: datetime) -> None:
    """Make exactly these speakers the group; each must hang where the actor tends units."""
    group = session.get(Group, group_id)
    if group is None:
        raise UnknownGroup(id=group_id)
    actor.require(Action.TEND_UNITS, places.path(session, group.unit_id))
    after = set(speakers)
    for speaker_id in sorted(after):
        speaker = session.get(Speaker, speaker_id)
        if speaker is None or speaker.revoked_at:
            raise UnknownSpeaker(id=speaker_id)
        actor.require(Action.TEND_UNITS, places.path(session, speaker.unit_id))
    before = set(session.scalars(select(GroupMember.speaker_id).where(GroupMember.group_id == group_id)))
    session.execute(delete(GroupMember).where(GroupMember.group_id == group_id))
    session.add_all(GroupMember(group_id=group_id, speaker_id=each) for each in sorted(after))
    audit.record(
        session, actor, "members", ("group", group_id), now=now, unit=group.unit_id, details={"speakers": sorted(after)}
    )
    outbox.want(session, "manifest", before ^ after, now=now)


def speakers_under(session: Session, unit_id: str) -> list[str]:
    """The speakers in service anywhere in a unit."""
    inside = places.tree(session).under(unit_id)
    return [place.speaker for place in places.speakers_in_service(session) if place.unit in inside]


def rules_of(session: Session, unit_id: str) -> Rules:
    """The rules of the air that hold in a unit: its own, the nearest above it, or the usual ones."""
    for unit in reversed(places.lineage(session, unit_id)):
        newest = select(RuleSet.rules).where(RuleSet.unit_id == unit.id).order_by(RuleSet.version.desc()).limit(1)
        if (rules := session.scalar(newest)) is not None:
            return rules_of_the_air.parse(rules)
    return rules_of_the_air.DEFAULT


def zone_of(session: Session, unit_id: str) -> str:
    """The time zone that holds in a unit."""
    found = (unit.zone for unit in reversed(places.lineage(session, unit_id)) if unit.zone)
    return next(found, ZONE)


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
        create_group(session, actor, id=group["id"], name=group["name"], unit_id=group["unit"], now=now)
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
            position=place,
            now=now,
        )
    except KeyError as error:
        raise Malformed(field=str(error), problem="missing") from error
