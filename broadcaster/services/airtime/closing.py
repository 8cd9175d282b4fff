"""Ending what its time has ended, so that nothing stays planned for ever."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.domain import airing as rules
from broadcaster.domain import delivery
from broadcaster.domain.delivery import Report
from broadcaster.services import idempotency
from broadcaster.services.airtime import airings, cancelling
from broadcaster.services.writing import announcements
from broadcaster.store.tables import Airing, Delivery

# A speaker's last receipt is on its way while the airing ends.
PATIENCE = timedelta(seconds=30)


def close(session: Session, *, now: datetime) -> list[str]:
    """Close airings and announcements whose time is over; returns the airings that changed.

    A delivery that began and never said how it ended is partial, one that never began is missed; a receipt that
    comes later still raises either.
    """
    announcements.expire(session, now=now)
    idempotency.tidy(session, now=now)
    over = session.scalars(
        select(Airing)
        .where(Airing.state.in_(rules.OPEN), Airing.expires < now - PATIENCE)
        .order_by(Airing.id)
        .with_for_update(skip_locked=True)
    ).all()
    for airing in over:
        if airing.standby:
            # Its alert is over: nobody needed it.
            cancelling.cancel_airing(session, airing, reason="not_needed", now=now)
            continue
        _end_deliveries(session, airing.id, now)
        event = rules.told_by(airings.counts(session, airing.id), over=True)
        airing.state = rules.step(rules.State(airing.state), event or rules.Event.MISS)
        airing.ended_at = now
    return [airing.id for airing in over]


def _end_deliveries(session: Session, airing_id: str, now: datetime) -> None:
    cancelling.lock_deliveries(session, airing_id)
    for state in delivery.State:
        if state in delivery.ENDED:
            continue
        report = Report.PARTIAL if state is delivery.State.STARTED else Report.MISSED
        session.execute(
            update(Delivery)
            .where(Delivery.airing_id == airing_id, Delivery.state == state)
            .values(state=delivery.step(state, report), reason="no word", ended_at=now, updated_at=now)
            .execution_options(synchronize_session=False)
        )
