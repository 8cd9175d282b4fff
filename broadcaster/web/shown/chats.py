"""How an announcement will look in each chat group, before it is sent."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.mirror import Action, Copy, CopyState
from broadcaster.domain.mirror_wording import LIMITS, compose
from broadcaster.services.outlets import mirrors
from broadcaster.services.outlets.mirror_queue import texts_for
from broadcaster.services.outlets.mirror_words import words_of
from broadcaster.services.writing import drafts
from broadcaster.services.writing.drafts import Draft
from broadcaster.store.tables import Announcement, Channel, MirrorCopy, Unit
from broadcaster.web.i18n import ZONE

USUAL_LIMIT = 2_000
MAY_BE_OUT = (CopyState.ACCEPTED, CopyState.DELIVERED, CopyState.UNKNOWN)
MISSING = "…"


@dataclass(frozen=True, slots=True)
class Preview:
    """One chat group and what its members will read."""

    channel: str
    text: str
    corrects: bool
    """They have read an earlier version; this one takes its place."""


def previews(session: Session, draft: Draft, public_url: str, now: datetime) -> list[Preview]:
    """What each group that gets a copy will read, as the draft stands; its title and its link may be missing yet."""
    return as_seen(session, drafts.imagined(draft, now), public_url, None)


def as_seen(session: Session, row: Announcement, public_url: str, airs_at: datetime | None) -> list[Preview]:
    """What each chat group gets once this is approved and planned."""
    channels = session.scalars(select(Channel).where(Channel.id.in_(mirrors.channels_of(session, row))))
    out = select(MirrorCopy.channel_id).where(MirrorCopy.announcement_id == row.id, MirrorCopy.state.in_(MAY_BE_OUT))
    before, said = set(session.scalars(out)), words_of(row)
    unit = session.get(Unit, row.unit_id)
    found = []
    for channel in sorted(channels, key=lambda channel: channel.name):
        corrects = channel.id in before
        copy = Copy(
            id="",
            action=Action.CORRECT if corrects else Action.POST,
            announcement=row.public_id,
            revision=row.revision,
            klass=said.klass,
            kind=said.kind,
            title=said.title or MISSING,
            texts=texts_for(session, channel, said.texts),
            place=unit.name if unit else "",
            airs_at=airs_at.astimezone(ZONE) if airs_at else None,
            link=f"{public_url}/n/{row.public_id or MISSING}",
            part=said.part,
        )
        found.append(Preview(channel.name, compose(copy, limit=LIMITS.get(channel.kind, USUAL_LIMIT)), corrects))
    return found
