"""Someone in a unit says that an alert was heard and is acted on: there it is not repeated any more."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State
from broadcaster.domain.errors import NotAnEmergency, NotFound, NotSent
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import Kind
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import cancelling
from broadcaster.services.ids import new_id
from broadcaster.services.writing import assertions, parts
from broadcaster.store import locked, outbox, places
from broadcaster.store.tables import Acknowledgement, Airing, Announcement, Delivery, Schedule
from broadcaster.store.upsert import upsert

ACKNOWLEDGED = "acknowledged"


def acknowledge(session: Session, actor: Actor, announcement_id: str, unit_id: str, *, now: datetime) -> list[str]:
    """End its repeats in a unit and everything below, and return the airings that were cut; twice does no harm.

    Raises NotFound, UnknownUnit, NotAllowed, NotAnEmergency, and NotSent: nobody acknowledges what was not heard.
    """
    announcement = locked.announcement(session, announcement_id)
    if announcement is None:
        raise NotFound(what="announcement", id=announcement_id)
    actor.require(Action.CONFIRM, places.path(session, unit_id))
    if not assertions.needed(announcement):
        raise NotAnEmergency
    if parts.first_airing(session, announcement.id) is None:
        raise NotSent
    row = {
        "id": new_id(now),
        "announcement_id": announcement.id,
        "unit_id": unit_id,
        "person_id": actor.person_id,
        "person_name": actor.name,
        "at": now,
    }
    upsert(session, Acknowledgement, [row], change=())
    cut = end_repeats(session, announcement, now=now, reason=ACKNOWLEDGED, unit_id=unit_id)
    details = {"unit": unit_id, "airings": cut}
    subject = ("announcement", announcement.id)
    audit.record(session, actor, "acknowledge", subject, now=now, unit=unit_id, details=details)
    return cut


def end_repeats(
    session: Session, announcement: Announcement, *, now: datetime, reason: str, unit_id: str | None = None
) -> list[str]:
    """Cancel the repeats still to come, in a unit and everything below or (None) everywhere; those that changed."""
    session.flush()
    repeating = select(Schedule).where(
        Schedule.announcement_id == announcement.id, Schedule.kind == Kind.REPEATING, Schedule.ended_at.is_(None)
    )
    schedules = session.scalars(repeating.with_for_update()).all()
    mine = (Airing.schedule_id.in_([each.id for each in schedules]), Airing.state == State.PLANNED)
    coming = select(Airing).where(*mine, Airing.planned_at > now).order_by(Airing.id).with_for_update()
    airings = session.scalars(coming).all()
    if unit_id is None:
        for schedule in schedules:
            schedule.ended_at = now
        for airing in airings:
            cancelling.cancel_airing(session, airing, reason=reason, now=now)
        return [airing.id for airing in airings]
    inside = places.tree(session).under(unit_id)
    return [airing.id for airing in airings if _cut(session, airing, inside, reason, now)]


def _cut(session: Session, airing: Airing, units: frozenset[str], reason: str, now: datetime) -> bool:
    speakers = cancelling.cancel_deliveries(session, airing.id, now=now, reason=reason, units=units)
    outbox.want(session, "manifest", speakers, now=now)
    waiting = exists().where(Delivery.airing_id == airing.id, Delivery.state.in_(cancelling.OPEN_DELIVERIES))
    if not session.scalar(select(waiting)):
        cancelling.cancel_airing(session, airing, reason=reason, now=now)
    return bool(speakers)
