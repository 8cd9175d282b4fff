"""What is planned already at a time somebody has in mind, on the same loudspeakers."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State
from broadcaster.services.airtime.cancelling import OPEN_DELIVERIES
from broadcaster.store.tables import Airing, Announcement, Delivery

LONGEST = timedelta(hours=1)
"""What began so long before may still sound."""


def met(
    session: Session, announcement_id: str, speakers: Collection[str], moments: Sequence[datetime], *, sound_ms: int
) -> list[tuple[str, ...]]:
    """For each moment the titles of other announcements that sound then on one of these loudspeakers."""
    if not moments or not speakers:
        return [() for _ in moments]
    length = timedelta(milliseconds=sound_ms)
    heard = select(Delivery.airing_id).where(Delivery.speaker_id.in_(speakers), Delivery.state.in_(OPEN_DELIVERIES))
    planned = (
        select(Airing.planned_at, Airing.sound_ms, Announcement.title)
        .join(Announcement, Announcement.id == Airing.announcement_id)
        .where(Airing.state == State.PLANNED, Airing.standby.is_(False), Airing.announcement_id != announcement_id)
        .where(Airing.planned_at > min(moments) - LONGEST, Airing.planned_at < max(moments) + length)
        .where(Airing.id.in_(heard))
        .order_by(Airing.planned_at, Airing.id)
    )
    rows = session.execute(planned).all()
    return [
        tuple(
            dict.fromkeys(
                row.title
                for row in rows
                if row.planned_at < at + length and at < row.planned_at + timedelta(milliseconds=row.sound_ms)
            )
        )
        for at in moments
    ]
