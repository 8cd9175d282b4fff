"""Named sets of loudspeakers across units: markets, a flood zone, everything along one road."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from broadcaster.domain.errors import AlreadyExists, Malformed, UnknownGroup, UnknownSpeaker
from broadcaster.domain.land import fits_name, fresh_id
from broadcaster.domain.permissions import Action
from broadcaster.domain.words import line
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.store import outbox, places
from broadcaster.store.tables import Group, GroupMember, Speaker
from firmware_config.protocol import valid_id


def create(
    session: Session,
    actor: Actor,
    *,
    name: str,
    unit_id: str,
    now: datetime,
    id: str = "",  # noqa: A002
    speakers: Iterable[str] = (),
) -> Group:
    """A new group kept by a unit; its id is made of its name where none is given.

    Raises NotAllowed, AlreadyExists, Malformed, UnknownUnit, UnknownSpeaker.
    """
    actor.require(Action.TEND_UNITS, places.path(session, unit_id))
    called = _name(name)
    found = id or fresh_id(set(session.scalars(select(Group.id))), called)
    if not valid_id(found):
        raise Malformed(field="id", problem="a–z, 0–9, -")
    if session.get(Group, found) is not None:
        raise AlreadyExists(id=found)
    group = Group(id=found, name=called, unit_id=unit_id, created_at=now)
    session.add(group)
    session.flush()
    audit.record(session, actor, "create", ("group", found), now=now, unit=unit_id, details={"name": called})
    set_members(session, actor, found, speakers, now=now)
    return group


def rename(session: Session, actor: Actor, group_id: str, name: str, *, now: datetime) -> Group:
    """Call it otherwise. Raises NotAllowed, UnknownGroup, Malformed."""
    group = _group(session, actor, group_id)
    before, group.name = group.name, _name(name)
    if group.name != before:
        details = {"before": before, "after": group.name}
        audit.record(session, actor, "rename", ("group", group_id), now=now, unit=group.unit_id, details=details)
    return group


def set_members(session: Session, actor: Actor, group_id: str, speakers: Iterable[str], *, now: datetime) -> None:
    """Make exactly these speakers the group; whoever adds one must tend units where it hangs.

    Raises NotAllowed, UnknownGroup, UnknownSpeaker.
    """
    group, after = _group(session, actor, group_id), set(speakers)
    before = set(session.scalars(select(GroupMember.speaker_id).where(GroupMember.group_id == group_id)))
    hung = _hung(session)
    for speaker_id in sorted(after):
        if speaker_id not in hung:
            raise UnknownSpeaker(id=speaker_id)
    for unit in sorted({hung[speaker_id] for speaker_id in after - before}):
        actor.require(Action.TEND_UNITS, places.path(session, unit))
    session.execute(delete(GroupMember).where(GroupMember.group_id == group_id))
    session.add_all(GroupMember(group_id=group_id, speaker_id=each) for each in sorted(after))
    details = {"speakers": sorted(after)}
    audit.record(session, actor, "members", ("group", group_id), now=now, unit=group.unit_id, details=details)
    outbox.want(session, "manifest", before ^ after, now=now)


def _group(session: Session, actor: Actor, group_id: str) -> Group:
    group = session.get(Group, group_id)
    if group is None:
        raise UnknownGroup(id=group_id)
    actor.require(Action.TEND_UNITS, places.path(session, group.unit_id))
    return group


def _hung(session: Session) -> dict[str, str]:
    rows = session.execute(select(Speaker.id, Speaker.unit_id).where(Speaker.revoked_at.is_(None)))
    return {row.id: row.unit_id for row in rows}


def _name(name: str) -> str:
    if not fits_name(tidy := line(name)):
        raise Malformed(field="name", problem="1–200")
    return tidy
