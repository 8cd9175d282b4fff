"""The copies in chat groups: how far each got, what it says, and which may be sent again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain.mirror import Action as Deed
from broadcaster.domain.mirror import Copy as Mirrored
from broadcaster.domain.mirror import CopyState
from broadcaster.domain.mirror_wording import LIMITS, compose
from broadcaster.domain.permissions import Action
from broadcaster.services.outlets import mirrors
from broadcaster.services.outlets.mirror_queue import texts_for
from broadcaster.services.outlets.mirror_words import words_of
from broadcaster.store.tables import Announcement, Channel, MirrorCopy, Unit
from broadcaster.web.i18n import ZONE
from broadcaster.web.labels import COPY, Label, label
from broadcaster.web.shown.sight import Sight

USUAL_LIMIT = 2_000
MAY_BE_OUT = (CopyState.ACCEPTED, CopyState.DELIVERED, CopyState.UNKNOWN)


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


@dataclass(frozen=True, slots=True)
class Preview:
    """One chat group and what its members will read."""

    channel: str
    text: str
    corrects: bool
    """They have read an earlier version; this one takes its place."""


def as_seen(session: Session, row: Announcement, public_url: str, airs_at: datetime | None) -> list[Preview]:
    """What each chat group gets once this is approved and planned."""
    channels = session.scalars(select(Channel).where(Channel.id.in_(mirrors.channels_of(session, row))))
    out = select(MirrorCopy.channel_id).where(MirrorCopy.announcement_id == row.id, MirrorCopy.state.in_(MAY_BE_OUT))
    before, said = set(session.scalars(out)), words_of(row)
    unit = session.get_one(Unit, row.unit_id)
    found = []
    for channel in sorted(channels, key=lambda channel: channel.name):
        corrects = channel.id in before
        copy = Mirrored(
            id="",
            action=Deed.CORRECT if corrects else Deed.POST,
            announcement=row.public_id,
            revision=row.revision,
            klass=said.klass,
            kind=said.kind,
            title=said.title,
            texts=texts_for(session, channel, said.texts),
            place=unit.name,
            airs_at=airs_at.astimezone(ZONE) if airs_at else None,
            link=f"{public_url}/n/{row.public_id}",
            part=said.part,
        )
        found.append(Preview(channel.name, compose(copy, limit=LIMITS.get(channel.kind, USUAL_LIMIT)), corrects))
    return found
