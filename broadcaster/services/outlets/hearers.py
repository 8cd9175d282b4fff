"""Where an announcement is heard, as those who read it elsewhere see it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.audience import Choice, ChoiceKind
from broadcaster.domain.mirror import reached
from broadcaster.store import places
from broadcaster.store.heard import aired
from broadcaster.store.tables import Airing, Announcement, GroupMember, Speaker
from firmware_config.protocol import Klass


def among(session: Session, announcement: Announcement, units: Iterable[str]) -> set[str]:
    """Those of these units whose people are addressed."""
    asked = set(units)
    if not asked:
        return asked
    tree = places.tree(session)
    choices = [Choice(ChoiceKind(entry.kind), entry.heard_at, entry.include) for entry in announcement.audience]
    speaker_units = _units_of_speakers(session, choices)
    return {unit for unit in asked if reached(choices, unit, tree, speaker_units)}


def told_at_once(session: Session, announcement: Announcement, *, now: datetime) -> bool:
    """Whether people whom a new revision takes in read it when that is approved: others heard an earlier one.

    An alert is nobody's before somebody airs it.
    """
    if announcement.klass == Klass.EMERGENCY or announcement.part:
        return False
    begun = select(Airing.id).where(Airing.announcement_id == announcement.id, aired(Airing, now))
    return session.scalar(begun.limit(1)) is not None


def _units_of_speakers(session: Session, choices: Sequence[Choice]) -> set[str]:
    chosen = {kind: {c.ref for c in choices if c.include and c.kind is kind} for kind in ChoiceKind}
    members = select(GroupMember.speaker_id).where(GroupMember.group_id.in_(chosen[ChoiceKind.GROUP]))
    wanted = Speaker.id.in_(chosen[ChoiceKind.SPEAKER]) | Speaker.id.in_(members)
    return set(session.scalars(select(Speaker.unit_id).where(wanted, Speaker.revoked_at.is_(None))))
