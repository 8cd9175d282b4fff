"""Messages taken in that nothing can ask for any more are deleted."""

from datetime import datetime

from sqlalchemy import delete, select

from broadcaster.services.alarms.cap_in import REMEMBERED
from broadcaster.store.database import Database
from broadcaster.store.tables import CapMessage

BATCH, MOST_BATCHES = 500, 100


def forget(database: Database, *, now: datetime) -> int:
    """Delete what came long ago and became no announcement; how many that were.

    Whatever is sent once more after that time is over by its own end. The log book names it still. What became an
    announcement stays with it: it says whose words these are.
    """
    gone = 0
    for _ in range(MOST_BATCHES):
        deleted = _forget_some(database, now)
        gone += deleted
        if deleted < BATCH:
            break
    return gone


def _forget_some(database: Database, now: datetime) -> int:
    """Few at a time, so that nobody who takes an alert in waits for it."""
    old = select(CapMessage.id).where(CapMessage.received_at < now - REMEMBERED, CapMessage.announcement_id.is_(None))
    with database.transaction() as session:
        found = list(session.scalars(old.order_by(CapMessage.id).limit(BATCH)))
        if found:
            session.execute(delete(CapMessage).where(CapMessage.id.in_(found)))
    return len(found)
