"""The present rules of the air, asked as one planning pass asks them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from broadcaster.domain import rules_of_the_air
from broadcaster.domain.audience import Place
from broadcaster.services import units
from broadcaster.store import places
from broadcaster.store.tables import Announcement
from firmware_config.protocol import Klass


def require(
    session: Session, announcement: Announcement, audience: Sequence[Place], start: datetime, *, sound_ms: int
) -> None:
    """Raise OutsideHours unless the whole sound lies within the hours of every unit that hears it."""
    if announcement.klass == Klass.EMERGENCY:
        return
    length = timedelta(milliseconds=sound_ms)
    heard_in = sorted({place.unit for place in audience})
    called = places.names(session, heard_in)
    for unit_id in heard_in:
        rules_of_the_air.check(
            units.rules_of(session, unit_id), announcement.klass, start, length, unit=called[unit_id]
        )
