"""Airing an approved announcement: now, at a time, again and again; stopping it, and seeing how far it got."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.domain import delivery
from broadcaster.domain.announcement import State
from broadcaster.domain.audience import Place
from broadcaster.domain.errors import (
    ExpiredAnnouncement,
    InThePast,
    NotApproved,
    NotFound,
    PartOfAlert,
    TooEarly,
    UseDrill,
    UseEmergency,
)
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import NOTHING_MORE, Kind, moment, zone_named
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import cancelling, planning
from broadcaster.services.airtime.knowledge import Knowledge
from broadcaster.services.airtime.ordering import set_order
from broadcaster.services.airtime.planning import plan
from broadcaster.services.airtime.standby import call_up
from broadcaster.services.hours import asking
from broadcaster.services.ids import new_id
from broadcaster.services.places import audiences, units
from broadcaster.services.writing import announcements
from broadcaster.store import locked, paging, places
from broadcaster.store.paging import Page
from broadcaster.store.tables import Airing, Announcement, Delivery, Schedule
from firmware_config.protocol import Kind as WireKind
from firmware_config.protocol import Klass

__all__ = ["air", "call_up", "counts", "deliveries", "get", "listing", "plan", "set_order", "stop"]

# A form knows only whole minutes: the minute that is running may still be chosen.
GRACE = timedelta(minutes=1)


def air(
    session: Session,
    actor: Actor,
    announcement_id: str,
    *,
    at: datetime | None,
    now: datetime,
    emergency: bool = False,
    drill: bool = False,
) -> Airing:
    """Air it now (`at` None) or once at a time to come; what services/alarms send says so.

    Raises NotApproved, InThePast, OutsideHours, ExpiredAnnouncement, EmptyAudience, NotAllowed, UseEmergency, UseDrill.
    """
    announcement, audience = _ready(session, actor, announcement_id)
    if _is_alert(announcement) and not emergency:
        raise UseEmergency
    if announcement.kind == WireKind.DRILL and not drill:
        raise UseDrill
    if at is not None and at <= now - GRACE:
        raise InThePast(when=_shown(session, announcement, at))
    start = now if at is None else max(at, now)
    know = Knowledge(session, now)
    sound = know.sound_ms(announcement, audience)
    _check_validity(session, announcement, start, start + timedelta(milliseconds=sound))
    asking.require(session, announcement, audience, start, now=now, book=know.book, sound_ms=sound)
    schedule = _schedule(session, actor, announcement, Kind.NOW if at is None else Kind.AT, starts=start, now=now)
    instant = moment(start, zone_named(schedule.zone))
    airing = planning.put_on_air(session, announcement, schedule, instant, audience, now=now, know=know)
    # A new schedule has no airing yet that this one could collide with.
    assert airing is not None
    _note(session, actor, "air", airing, unit=announcement.unit_id, now=now)
    return airing


def _is_alert(announcement: Announcement) -> bool:
    return announcement.klass == Klass.EMERGENCY and announcement.kind == WireKind.LIVE


def stop(session: Session, actor: Actor, airing_id: str, *, reason: str = "", now: datetime) -> Airing:
    """Cancel one airing, also in mid-play. Raises NotFound, IllegalStep, NotAllowed, PartOfAlert."""
    airing = session.get(Airing, airing_id, with_for_update=True)
    if airing is None:
        raise NotFound(what="airing", id=airing_id)
    announcement = session.get_one(Announcement, airing.announcement_id)
    actor.require(Action.WITHDRAW, places.path(session, announcement.unit_id))
    if airing.standby:
        # Without it a false alarm could not be corrected any more.
        raise PartOfAlert
    cancelling.cancel_airing(session, airing, reason=reason, now=now)
    _note(session, actor, "stop", airing, unit=announcement.unit_id, now=now)
    return airing


def get(session: Session, actor: Actor, airing_id: str) -> Airing:
    """An airing of an announcement the actor may see. Raises NotFound, NotAllowed."""
    airing = session.get(Airing, airing_id)
    if airing is None:
        raise NotFound(what="airing", id=airing_id)
    announcements.get(session, actor, airing.announcement_id)
    return airing


def counts(session: Session, airing_id: str) -> dict[str, int]:
    """How many speakers stand on each rung; every rung is named."""
    found = select(Delivery.state, func.count()).where(Delivery.airing_id == airing_id).group_by(Delivery.state)
    standing = {row[0]: row[1] for row in session.execute(found)}
    return {state.value: standing.get(state.value, 0) for state in delivery.State}


def deliveries(
    session: Session,
    airing_id: str,
    *,
    states: Collection[str] | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Delivery]:
    """One page of an airing's deliveries, ordered by speaker."""
    wanted = select(Delivery).where(Delivery.airing_id == airing_id)
    if states is not None:
        wanted = wanted.where(Delivery.state.in_(states))
    return paging.page(session, wanted, Delivery.speaker_id, after=after, limit=limit)


def listing(
    session: Session, actor: Actor, *, announcement_id: str | None = None, after: str | None = None, limit: int = 50
) -> Page[Airing]:
    """The newest airings of announcements the actor may see."""
    tree = places.tree(session)
    seen = [unit for unit in tree.parents if actor.may(Action.SEE, tree.path(unit))]
    wanted = select(Airing).join(Announcement, Announcement.id == Airing.announcement_id)
    wanted = wanted.where(Announcement.unit_id.in_(seen))
    if announcement_id is not None:
        wanted = wanted.where(Airing.announcement_id == announcement_id)
    return paging.page(session, wanted, Airing.id, after=after, limit=limit, newest_first=True)


def _ready(session: Session, actor: Actor, announcement_id: str) -> tuple[Announcement, Sequence[Place]]:
    announcement = locked.announcement(session, announcement_id)
    if announcement is None:
        raise NotFound(what="announcement", id=announcement_id)
    actor.require(Action.AIR, places.path(session, announcement.unit_id))
    if announcement.state != State.APPROVED:
        raise NotApproved
    choices = audiences.choices(announcement)
    audiences.require(session, actor, Action.AIR, choices)
    return announcement, audiences.resolve(session, choices)


def _check_validity(session: Session, announcement: Announcement, start: datetime, end: datetime) -> None:
    if announcement.not_before is not None and start < announcement.not_before:
        raise TooEarly(when=_shown(session, announcement, announcement.not_before))
    if announcement.expires is not None and end > announcement.expires:
        raise ExpiredAnnouncement(when=_shown(session, announcement, announcement.expires))


def _schedule(
    session: Session, actor: Actor, announcement: Announcement, kind: Kind, *, starts: datetime, now: datetime
) -> Schedule:
    schedule = Schedule(
        id=new_id(now),
        announcement_id=announcement.id,
        kind=kind,
        rule={},
        zone=units.zone_of(session, announcement.unit_id),
        starts=starts,
        planned_through=NOTHING_MORE,
        created_by=actor.person_id,
        created_at=now,
    )
    session.add(schedule)
    session.flush()
    return schedule


def _shown(session: Session, announcement: Announcement, when: datetime) -> str:
    zone = zone_named(units.zone_of(session, announcement.unit_id))
    return when.astimezone(zone).strftime("%d/%m/%Y %H:%M")


def _note(session: Session, actor: Actor, action: str, airing: Airing, *, unit: str, now: datetime) -> None:
    details = {"announcement": airing.announcement_id, "at": airing.planned_at.isoformat()}
    audit.record(session, actor, action, ("airing", airing.id), now=now, unit=unit, details=details)
