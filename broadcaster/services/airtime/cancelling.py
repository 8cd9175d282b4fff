"""Taking back what was planned: tombstones in the manifests, and a stop for what may be playing."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from broadcaster.domain import airing as airing_rules
from broadcaster.domain import delivery, schedule
from broadcaster.domain.airing import Event, State
from broadcaster.services.airtime import ordering
from broadcaster.services.ids import new_id
from broadcaster.store import outbox
from broadcaster.store.tables import Airing, Announcement, Delivery, OutboxEntry, Schedule

CHUNK = 500
OPEN_DELIVERIES = [state.value for state in delivery.State if state not in delivery.ENDED]


def cancel_airings(
    session: Session, announcement: Announcement, *, reason: str, now: datetime, keep_schedules: bool = False
) -> list[str]:
    """Cancel every open airing of an announcement; its schedules end.

    `keep_schedules` = they go on with what is approved next, and what is on air is heard to its end.
    """
    kept = end_schedules(session, announcement.id, now=now)
    if keep_schedules:
        session.add_all(_anew(each, now) for each in kept if _has_more(each, now))
    # Locked, so that a planner that is adding one just now is waited for.
    ending = [State.PLANNED] if keep_schedules else airing_rules.OPEN
    found = session.scalars(
        select(Airing)
        .where(Airing.announcement_id == announcement.id, Airing.state.in_(ending))
        .order_by(Airing.id)
        .with_for_update()
    ).all()
    for airing in found:
        cancel_airing(session, airing, reason=reason, now=now)
    return [airing.id for airing in found]


def cancel_airing(session: Session, airing: Airing, *, reason: str, now: datetime) -> None:
    """Cancel one airing on every speaker. Raises IllegalStep when it is over."""
    airing.state = airing_rules.step(State(airing.state), Event.CANCEL)
    airing.cancelled_at = airing.ended_at = now
    airing.cancel_reason = reason[:200]
    session.flush()
    speakers = cancel_deliveries(session, airing.id, now=now, reason=reason)
    # Held by the relay it is on its way already, and the stop follows it; waiting here could lock us both.
    unsent = select(OutboxEntry.id).where(OutboxEntry.key == f"live:{airing.id}").with_for_update(skip_locked=True)
    session.execute(delete(OutboxEntry).where(OutboxEntry.id.in_(unsent)))
    if airing.planned_at <= now and not airing.standby:
        outbox.want(session, "stop", [airing.id], now=now, expires=airing.expires)
    outbox.want(session, "manifest", speakers, now=now)
    ordering.release(session, airing, now=now)


def lock_deliveries(session: Session, airing_id: str, *, units: Collection[str] | None = None) -> Sequence[str]:
    """Hold every delivery of an airing (in these units), in the order in which receipts take them; their speakers."""
    mine = select(Delivery.speaker_id).where(Delivery.airing_id == airing_id)
    if units is not None:
        mine = mine.where(Delivery.unit_id.in_(units))
    return session.scalars(mine.order_by(Delivery.speaker_id).with_for_update()).all()


def cancel_deliveries(
    session: Session, airing_id: str, *, now: datetime, reason: str = "", units: Collection[str] | None = None
) -> Sequence[str]:
    """Cancel what is open of an airing, in these units or everywhere; the speakers it may concern."""
    speakers = lock_deliveries(session, airing_id, units=units)
    for at in range(0, len(speakers), CHUNK):
        session.execute(
            update(Delivery)
            .where(Delivery.airing_id == airing_id, Delivery.speaker_id.in_(speakers[at : at + CHUNK]))
            .where(Delivery.state.in_(OPEN_DELIVERIES))
            .values(state=delivery.State.CANCELLED, reason=reason[:200], ended_at=now, updated_at=now)
            .execution_options(synchronize_session=False)
        )
    return speakers


def end_schedules(session: Session, announcement_id: str, *, now: datetime) -> list[Schedule]:
    """End the schedules of an announcement; returns those that were running."""
    running = list(
        session.scalars(
            select(Schedule)
            .where(Schedule.announcement_id == announcement_id, Schedule.ended_at.is_(None))
            .with_for_update()
        )
    )
    for each in running:
        each.ended_at = now
    return running


def _has_more(ended: Schedule, now: datetime) -> bool:
    if ended.kind == schedule.Kind.RECURRING:
        return ended.until is None or ended.until > now
    return ended.kind == schedule.Kind.AT and ended.starts > now


def _anew(ended: Schedule, now: datetime) -> Schedule:
    # Not the same row: a cancelled airing keeps its hour in the old one, and its tombstone on the speakers.
    return Schedule(
        id=new_id(now),
        announcement_id=ended.announcement_id,
        kind=ended.kind,
        rule=ended.rule,
        zone=ended.zone,
        starts=ended.starts,
        until=ended.until,
        created_by=ended.created_by,
        created_at=now,
    )
