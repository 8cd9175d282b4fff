"""What asks for attention before anything else: alerts on air, exceptions to the rules, recordings to listen to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import OPEN
from broadcaster.domain.announcement import State as Draft
from broadcaster.domain.cap.incoming import State
from broadcaster.domain.languages import LANGUAGES
from broadcaster.services.actor import Actor
from broadcaster.services.sound import reviews, takes
from broadcaster.store.tables import Airing, Announcement, CapMessage, Person
from broadcaster.web.shown.rules import OverrideView, overrides_in
from broadcaster.web.shown.sight import Sight
from firmware_config.protocol import Kind, Klass


@dataclass(frozen=True, slots=True)
class Alert:
    """An emergency that sounds now or is going to be repeated."""

    id: str
    title: str
    unit: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ToListen:
    """Recordings in a language this person speaks, made by others."""

    language: str
    count: int


def alerts(session: Session, seen: Sight) -> list[Alert]:
    """The alerts within sight that are on air, the newest first; their corrections lie on their own page."""
    query = select(Announcement, Airing.planned_at).join(Airing, Airing.announcement_id == Announcement.id)
    emergency = (Announcement.klass == Klass.EMERGENCY, Announcement.kind == Kind.LIVE)
    sounding = (Airing.state.in_(OPEN), Airing.standby.is_(False), Announcement.part_of_id.is_(None))
    rows = session.execute(query.where(seen.announcements(), *emergency, *sounding).order_by(Airing.planned_at))
    first: dict[str, Alert] = {}
    for row, at in rows:
        first.setdefault(row.id, Alert(row.id, row.title, seen.names_of(row.unit_id), at))
    return list(reversed(first.values()))


def came_in(session: Session, seen: Sight) -> list[Alert]:
    """The alerts of others that wait for people to look at and to send, the newest first."""
    query = select(Announcement, CapMessage.received_at).join(CapMessage, CapMessage.announcement_id == Announcement.id)
    waits = (CapMessage.state == State.DRAFTED, Announcement.state == Draft.DRAFT)
    rows = session.execute(query.where(seen.announcements(), *waits).order_by(CapMessage.id.desc()).limit(10))
    return [Alert(row.id, row.title, seen.names_of(row.unit_id), at) for row, at in rows]


def exceptions(session: Session, seen: Sight, now: datetime) -> list[OverrideView]:
    """The exceptions that hold in a unit within sight, or are asked for there."""
    above = {unit for top in seen.tops for unit in seen.tree.path(top)}
    return overrides_in(session, seen.units | above, seen, now)


def recordings(session: Session, me: Actor) -> list[ToListen]:
    """What waits for this person's ears, by language."""
    person = session.get(Person, me.person_id)
    spoken = [tag for tag in LANGUAGES if person is not None and tag in person.languages]
    found = [ToListen(tag, _by_others(session, tag, me.person_id)) for tag in spoken]
    return [each for each in found if each.count]


def _by_others(session: Session, tag: str, me: str) -> int:
    whole = [clip.made_by for clip, _ in reviews.waiting(session, tag)]
    pieces = [take.recorded_by for take, _ in takes.waiting(session, tag)]
    return sum(made_by != me for made_by in (*whole, *pieces))
