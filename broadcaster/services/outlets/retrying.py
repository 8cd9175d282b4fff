"""A copy that did not get into its chat group is sent again because a person says so."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.announcement import State
from broadcaster.domain.errors import CopyNotNeeded, NotFound
from broadcaster.domain.mirror import Action, CopyState, Event, IllegalCopyStep, step
from broadcaster.domain.permissions import Action as Right
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.store import places
from broadcaster.store.tables import Announcement, Channel, MirrorCopy

WORTH_TRYING = timedelta(days=1)


def again(session: Session, actor: Actor, announcement_id: str, copy_id: str, *, now: datetime) -> MirrorCopy:
    """Queue a failed copy once more, at once.

    Raises NotFound, NotAllowed, and CopyNotNeeded unless it failed, is its group's latest, and its words still hold.
    """
    announcement = session.get(Announcement, announcement_id)
    row = session.get(MirrorCopy, copy_id, with_for_update=True, populate_existing=True)
    if announcement is None or row is None or row.announcement_id != announcement_id:
        raise NotFound(what="copy", id=copy_id[:64])
    actor.require(Right.AIR, places.path(session, announcement.unit_id))
    channel = session.get_one(Channel, row.channel_id)
    if not _holds(announcement, row) or not channel.enabled or _latest(session, row) != row.id:
        raise CopyNotNeeded
    try:
        row.state = step(CopyState(row.state), Event.RETRY)
    except IllegalCopyStep:
        raise CopyNotNeeded from None
    row.due_at = row.updated_at = now
    row.expires_at = max(row.expires_at or now, min(announcement.expires or now + WORTH_TRYING, now + WORTH_TRYING))
    row.error = row.provider_code = ""
    row.claimed_until = None
    # Whoever presses has seen to what was wrong; the group need not wait for the end of its pause.
    channel.blocked_until = None
    subject, details = ("announcement", announcement_id), {"group": channel.name, "copy": row.id}
    audit.record(session, actor, "copy_again", subject, now=now, unit=announcement.unit_id, details=details)
    session.flush()
    return row


def _holds(announcement: Announcement, row: MirrorCopy) -> bool:
    if row.action == Action.WITHDRAW:
        return announcement.state != State.EXPIRED
    return announcement.state == State.APPROVED and row.revision == announcement.revision


def _latest(session: Session, row: MirrorCopy) -> str | None:
    same = (MirrorCopy.announcement_id == row.announcement_id, MirrorCopy.channel_id == row.channel_id)
    return session.scalar(select(MirrorCopy.id).where(*same).order_by(MirrorCopy.id.desc()).limit(1))
