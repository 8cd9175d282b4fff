"""Which planned airings will meet on the same loudspeakers."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import collisions
from broadcaster.domain.airing import State
from broadcaster.domain.collisions import Collision, Slot
from broadcaster.services.airtime.cancelling import OPEN_DELIVERIES
from broadcaster.services.moments import millis
from broadcaster.store.tables import Airing, Delivery
from firmware_config.protocol import Klass

HORIZON = timedelta(hours=72)
BACK = timedelta(hours=1)
"""What was due so long ago may still wait its turn somewhere."""


def ahead(
    session: Session, units: Collection[str], *, now: datetime, classes: Collection[Klass] = collisions.COLLIDING
) -> list[Collision]:
    """The collisions on loudspeakers of these units in the next 72 hours, of airings that have not begun."""
    planned = (
        select(Airing.id, Airing.klass, Airing.planned_at, Airing.hold_until, Airing.sound_ms, Airing.order)
        .where(Airing.state == State.PLANNED, Airing.standby.is_(False), Airing.klass.in_(classes))
        .where(Airing.planned_at >= now - BACK, Airing.planned_at <= now + HORIZON, Airing.expires > now)
    )
    airings = {row.id: row for row in session.execute(planned)}
    if len(airings) < 2:
        return []
    speakers: dict[str, set[str]] = defaultdict(set)
    heard = select(Delivery.airing_id, Delivery.speaker_id).where(
        Delivery.airing_id.in_(planned.with_only_columns(Airing.id)),
        Delivery.state.in_(OPEN_DELIVERIES),
        Delivery.unit_id.in_(units),
    )
    for row in session.execute(heard):
        speakers[row.airing_id].add(row.speaker_id)
    return collisions.find(
        Slot(
            airing,
            Klass(row.klass),
            millis(row.planned_at),
            row.sound_ms,
            row.order,
            frozenset(speakers[airing]),
            millis(row.hold_until) if row.hold_until else 0,
        )
        for airing, row in airings.items()
        if airing in speakers
    )
