"""The copies in chat groups: how far each got, and which may be sent again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.mirror import CopyState
from broadcaster.domain.permissions import Action
from broadcaster.store.tables import Announcement, Channel, MirrorCopy
from broadcaster.web.labels import COPY, Label, label
from broadcaster.web.shown.sight import Sight


@dataclass(frozen=True, slots=True)
class Copy:
    """The latest copy of one chat group."""

    id: str
    channel: str
    state: Label
    at: datetime
    error: str
    again: bool
    """Whether this person may have it sent again."""


def copies(session: Session, seen: Sight, announcement: Announcement) -> list[Copy]:
    """Each chat group's latest copy, those that failed first."""
    latest = select(func.max(MirrorCopy.id)).where(MirrorCopy.announcement_id == announcement.id)
    query = select(MirrorCopy, Channel.name).join(Channel, Channel.id == MirrorCopy.channel_id)
    query = query.where(MirrorCopy.id.in_(latest.group_by(MirrorCopy.channel_id))).order_by(Channel.name)
    may = seen.allows(Action.AIR, announcement.unit_id)
    found = [_copy(row, name, may=may) for row, name in session.execute(query)]
    return sorted(found, key=lambda one: one.state.tone != "bad")


def _copy(row: MirrorCopy, name: str, *, may: bool) -> Copy:
    at = row.delivered_at or row.accepted_at or row.updated_at
    failed = row.state == CopyState.FAILED
    return Copy(row.id, name, label(COPY, row.state), at, row.error or row.provider_code, may and failed)
