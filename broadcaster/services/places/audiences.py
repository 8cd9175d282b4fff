"""Who an audience reaches, and whether somebody may speak to all of it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.audience import Choice, ChoiceKind, Place
from broadcaster.domain.audience import resolve as resolve_choices
from broadcaster.domain.errors import EmptyAudience, UnknownClip, UnknownGroup, UnknownSpeaker
from broadcaster.domain.permissions import Action
from broadcaster.services.actor import Actor
from broadcaster.store import places
from broadcaster.store.tables import Announcement, Clip, Group, GroupMember, Speaker


def choices(announcement: Announcement) -> list[Choice]:
    """Its audience as the rules see it now."""
    return [Choice(ChoiceKind(entry.kind), entry.heard_at, entry.include) for entry in announcement.audience]


def as_approved(announcement: Announcement) -> list[Choice]:
    """Its audience as it was read and approved: boxes replaced since stand there by their old names."""
    return [Choice(ChoiceKind(entry.kind), entry.ref, entry.include) for entry in announcement.audience]


def resolve(session: Session, choices: Sequence[Choice]) -> tuple[Place, ...]:
    """The speakers that hear it, by id. Raises EmptyAudience when there are none."""
    found = resolve_choices(choices, places.tree(session), places.speakers_in_service(session))
    if not found:
        raise EmptyAudience
    return found


def require(session: Session, actor: Actor, action: Action, choices: Iterable[Choice]) -> None:
    """Raise NotAllowed unless the actor may do this to every place chosen; each place must exist.

    Raises UnknownUnit, UnknownGroup, UnknownSpeaker.
    """
    for choice in choices:
        for unit_id in _units(session, choice):
            path = places.path(session, unit_id)
            if choice.include:
                actor.require(action, path)


def units_of(session: Session, choices: Iterable[Choice]) -> set[str]:
    """The units whose loudspeakers are chosen."""
    return {unit_id for choice in choices if choice.include for unit_id in _units(session, choice)}


def _units(session: Session, choice: Choice) -> set[str]:
    match choice.kind:
        case ChoiceKind.UNIT:
            return {choice.ref}
        case ChoiceKind.GROUP:
            return _units_of_group(session, choice.ref)
        case ChoiceKind.SPEAKER:
            speaker = session.get(Speaker, choice.ref)
            if speaker is None or speaker.revoked_at:
                raise UnknownSpeaker(id=choice.ref)
            return {speaker.unit_id}


def _units_of_group(session: Session, group_id: str) -> set[str]:
    group = session.get(Group, group_id)
    if group is None:
        raise UnknownGroup(id=group_id)
    members = select(Speaker.unit_id).join(GroupMember, GroupMember.speaker_id == Speaker.id)
    return {group.unit_id, *session.scalars(members.where(GroupMember.group_id == group_id))}


def require_recordings(session: Session, recordings: Sequence[str]) -> None:
    """Raise UnknownClip for a recording that was never accepted."""
    known = set(session.scalars(select(Clip.sha256).where(Clip.sha256.in_(recordings))))
    for sha256 in recordings:
        if sha256 not in known:
            raise UnknownClip(id=sha256)
