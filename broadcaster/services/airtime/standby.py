"""What is made ready on the speakers before it may be needed: an alert's correction and all-clear."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from broadcaster.domain import airing as rules
from broadcaster.domain.airing import State
from broadcaster.domain.announcement import State as Approval
from broadcaster.domain.errors import IllegalStep
from broadcaster.domain.schedule import NOTHING_MORE, Kind, moment, zone_named
from broadcaster.services.airtime import laying
from broadcaster.services.airtime.knowledge import Knowledge
from broadcaster.services.airtime.laying import Laid
from broadcaster.services.ids import new_id
from broadcaster.services.outlets import mirrors
from broadcaster.services.places import units
from broadcaster.store import outbox
from broadcaster.store.tables import Airing, Announcement, Delivery, Schedule
from broadcaster.store.upsert import upsert

READY_FOR = timedelta(days=7)
"""How long the parts of an alert without an end of its own stand by."""


def make_ready(session: Session, alert: Announcement, know: Knowledge, *, now: datetime) -> list[Laid]:
    """An airing that stands by for each approved part that has none yet."""
    standing = exists().where(
        Airing.announcement_id == Announcement.id,
        Airing.revision == Announcement.revision,
        Airing.state.in_(rules.OPEN),
    )
    mine = (Announcement.part_of_id == alert.id, Announcement.state == Approval.APPROVED)
    parts = session.scalars(select(Announcement).where(*mine, ~standing).order_by(Announcement.id)).all()
    until = alert.expires or now + READY_FOR
    return laying.lay(session, [_standing(session, part, know, until, now) for part in parts], now=now)


def _standing(session: Session, part: Announcement, know: Knowledge, until: datetime, now: datetime) -> Laid:
    zone = units.zone_of(session, part.unit_id)
    schedule = Schedule(
        id=new_id(now),
        announcement_id=part.id,
        kind=Kind.STANDBY,
        rule={},
        zone=zone,
        starts=now,
        planned_through=NOTHING_MORE,
        created_by=part.decided_by or part.author_id,
        created_at=now,
    )
    session.add(schedule)
    audience = know.audience(part)
    return laying.laid_now(
        now,
        schedule=schedule,
        announcement=part,
        moment=moment(now, zone_named(zone)),
        audience=audience,
        sound_ms=know.sound_ms(part, audience),
        expires=part.expires or until,
        standby=True,
    )


def call_up(session: Session, airing: Airing, *, now: datetime) -> Airing:
    """Let what stands by be heard now. Raises IllegalStep for an airing that does not."""
    session.refresh(airing, with_for_update=True)
    if not airing.standby or airing.state != State.PLANNED:
        raise IllegalStep(event="call_up", state=airing.state)
    announcement = session.get_one(Announcement, airing.announcement_id)
    airing.standby = False
    airing.planned_at, airing.wall = now, moment(now, zone_named(airing.zone)).wall
    airing.latest_start = rules.latest_start(now, airing.klass)
    airing.expires = rules.expiry(now, airing.klass, airing.sound_ms)
    session.flush()
    speakers = _spread(session, announcement, airing, now)
    outbox.want(session, "live", [airing.id], now=now, expires=airing.latest_start)
    outbox.want(session, "manifest", speakers, now=now)
    mirrors.owe(session, announcement, now=now, airing=airing)
    return airing


def _spread(session: Session, announcement: Announcement, airing: Airing, now: datetime) -> Sequence[str]:
    """The deliveries get the new end, and speakers that came since the approval get one."""
    know = Knowledge(session, now)
    held = session.scalars(
        select(Delivery).where(Delivery.airing_id == airing.id).order_by(Delivery.speaker_id).with_for_update()
    ).all()
    for delivery in held:
        delivery.expires, delivery.updated_at = airing.expires, now
    session.flush()
    there = {delivery.speaker_id for delivery in held}
    come = [place for place in know.audience(announcement) if place.speaker not in there]
    one = laying.laid_now(
        now,
        schedule=session.get_one(Schedule, airing.schedule_id),
        announcement=announcement,
        moment=moment(now, zone_named(airing.zone)),
        audience=come,
        sound_ms=airing.sound_ms,
    )
    rows = list(laying.deliveries(replace(one, id=airing.id), airing.expires, now))
    upsert(session, Delivery, rows, change=())
    return sorted(there | {place.speaker for place in come})
