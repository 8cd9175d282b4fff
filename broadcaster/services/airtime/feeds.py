"""A read-only calendar of what is planned in a unit, under an address that cannot be guessed."""

from datetime import datetime, timedelta

from icalendar import Calendar, Event
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State
from broadcaster.domain.announcement import State as Approval
from broadcaster.domain.errors import NotFound
from broadcaster.domain.permissions import Action
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_secret
from broadcaster.store import places
from broadcaster.store.tables import Airing, Announcement, Delivery, Unit

BEHIND = timedelta(days=7)
MOST = 2_000
SHOWN = (State.PLANNED, State.ON_AIR, State.DONE)


def renew(session: Session, actor: Actor, unit_id: str, *, now: datetime) -> str:
    """A new address for the unit's feed; the old one is dead. Raises UnknownUnit, NotAllowed."""
    unit = _tended(session, actor, unit_id)
    unit.feed = new_secret()
    session.flush()
    audit.record(session, actor, "feed", ("unit", unit_id), now=now, unit=unit_id)
    return unit.feed


def end(session: Session, actor: Actor, unit_id: str, *, now: datetime) -> None:
    """No feed any more. Raises UnknownUnit, NotAllowed."""
    unit = _tended(session, actor, unit_id)
    unit.feed = None
    session.flush()
    audit.record(session, actor, "feed_end", ("unit", unit_id), now=now, unit=unit_id)


def name_of(session: Session, actor: Actor, unit_id: str) -> tuple[Unit, str | None]:
    """The unit and the secret name of its feed. Raises UnknownUnit, NotAllowed."""
    unit = _tended(session, actor, unit_id)
    return unit, unit.feed


def calendar(session: Session, name: str, *, address: str, now: datetime) -> bytes:
    """The feed: titles and times of what approved announcements air in the unit and below. Raises NotFound."""
    # The address goes on where a unit became part of another one.
    unit = session.scalars(select(Unit).where(Unit.feed == name)).first() if name else None
    if unit is None:
        raise NotFound(what="feed", id=name[:40])
    found = Calendar()
    found.add("prodid", "-//Loa//loa//")
    found.add("version", "2.0")
    found.add("x-wr-calname", unit.name)
    for airing, announcement in _planned(session, unit.id, now):
        found.add_component(_event(airing, announcement, address, now))
    return bytes(found.to_ical())


def _tended(session: Session, actor: Actor, unit_id: str) -> Unit:
    actor.require(Action.TEND_UNITS, places.path(session, unit_id))
    return session.get_one(Unit, unit_id)


def _planned(session: Session, unit_id: str, now: datetime) -> list[tuple[Airing, Announcement]]:
    tree = places.tree(session)
    below = [each for each in tree.parents if unit_id in tree.path(each)]
    heard = select(Delivery.airing_id).where(Delivery.airing_id == Airing.id, Delivery.unit_id.in_(below)).exists()
    rows = (
        select(Airing, Announcement)
        .join(Announcement, Announcement.id == Airing.announcement_id)
        # Of a text that was changed since, nothing is told before it is approved again.
        .where(Announcement.state == Approval.APPROVED, Announcement.revision == Airing.revision)
        .where(Airing.state.in_(SHOWN), Airing.standby.is_(False), Airing.planned_at > now - BEHIND, heard)
        .order_by(Airing.planned_at, Airing.id)
        .limit(MOST)
    )
    return [(row[0], row[1]) for row in session.execute(rows)]


def _event(airing: Airing, announcement: Announcement, address: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{airing.id}@loa")
    event.add("dtstamp", now)
    event.add("dtstart", airing.planned_at)
    event.add("dtend", airing.planned_at + timedelta(milliseconds=max(airing.sound_ms or 0, 60_000)))
    event.add("summary", announcement.title)
    event.add("url", f"{address}/n/{announcement.public_id}")
    return event
