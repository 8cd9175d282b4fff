"""How an announcement will look in each chat group, before it is sent."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.mirror import Action, Copy
from broadcaster.domain.mirror_wording import LIMITS, compose
from broadcaster.services.outlets import mirrors
from broadcaster.services.outlets.mirror_queue import texts_for
from broadcaster.services.outlets.mirror_words import words_of
from broadcaster.services.writing import drafts
from broadcaster.services.writing.drafts import Draft
from broadcaster.store.tables import Channel, Unit

USUAL_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Preview:
    """One group and what its members will read."""

    channel: str
    text: str


def previews(session: Session, draft: Draft, public_url: str, now: datetime) -> list[Preview]:
    """What each group that gets a copy will read, as the draft stands."""
    row, said = drafts.imagined(draft, now), None
    channels = session.scalars(select(Channel).where(Channel.id.in_(mirrors.channels_of(session, row))))
    found = []
    for channel in sorted(channels, key=lambda channel: channel.name):
        said = said or words_of(row)
        unit = session.get(Unit, draft.unit_id)
        copy = Copy(
            id="",
            action=Action.POST,
            announcement="",
            revision=0,
            klass=said.klass,
            kind=said.kind,
            title=said.title or "…",
            texts=texts_for(session, channel, said.texts),
            place=unit.name if unit else "",
            airs_at=None,
            link=f"{public_url}/n/…",
        )
        found.append(Preview(channel.name, compose(copy, limit=LIMITS.get(channel.kind, USUAL_LIMIT))))
    return found
