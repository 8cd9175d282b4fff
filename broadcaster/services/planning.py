"""From schedules to airings and deliveries, so far ahead that a speaker may be offline for days."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from broadcaster.domain import airing as rules
from broadcaster.domain import announcement as announcements
from broadcaster.domain import delivery, rules_of_the_air
from broadcaster.domain.audience import Place
from broadcaster.domain.errors import EmptyAudience, OutsideHours
from broadcaster.domain.schedule import HORIZON, Kind, Moment, rule_of, zone_named
from broadcaster.services import audiences, audit, mirrors, units
from broadcaster.services.actor import SYSTEM
from broadcaster.services.audiences import choices
from broadcaster.services.ids import new_id
from broadcaster.store import outbox, places
from broadcaster.store.tables import Airing, Announcement, Delivery, Schedule
from broadcaster.store.upsert import spread
from firmware_config.protocol import Klass

FULL_VOLUME = 100
"""What an airing asks for; the ceilings of class, hour and speaker make it less."""


def plan(session: Session, *, now: datetime, horizon: timedelta = HORIZON) -> int:
    """Make the airings of the next 72 hours that are not there yet, and say how many were made.

    Any number of planners may do so at once: UNIQUE(schedule_id, planned_at) lets one of them win.
    """
    running = session.execute(
        select(Schedule, Announcement)
        .join(Announcement, Announcement.id == Schedule.announcement_id)
        .where(Schedule.ended_at.is_(None), Announcement.state == announcements.State.APPROVED)
        .where(or_(Schedule.kind == Kind.WEEKLY, Schedule.starts >= now))
        .where(or_(Schedule.until.is_(None), Schedule.until > now))
        .order_by(Schedule.id)
    ).all()
    return sum(_plan_one(session, schedule, announcement, now, now + horizon) for schedule, announcement in running)


def _plan_one(session: Session, schedule: Schedule, announcement: Announcement, now: datetime, end: datetime) -> int:
    moments = rule_of(schedule.kind, schedule.rule, schedule.starts).between(
        max(now, schedule.starts), min(end, schedule.until or end), zone_named(schedule.zone)
    )
    mine = (Airing.schedule_id == schedule.id, Airing.planned_at >= now)
    known = set(session.scalars(select(Airing.planned_at).where(*mine)))
    fresh = [moment for moment in moments if moment.at not in known]
    if not fresh or not _still_stands(session, schedule, announcement):
        return 0
    try:
        audience = audiences.resolve(session, choices(announcement))
    except EmptyAudience:
        return 0
    allowed = [moment for moment in fresh if _is_allowed(session, announcement, audience, moment.at)]
    made = [put_on_air(session, announcement, schedule, moment, audience, now=now) for moment in allowed]
    airings = [airing for airing in made if airing]
    for airing in airings:
        details = {"announcement": announcement.id, "at": airing.planned_at.isoformat()}
        audit.record(
            session, SYSTEM, "plan", ("airing", airing.id), now=now, unit=announcement.unit_id, details=details
        )
    return len(airings)


def _still_stands(session: Session, schedule: Schedule, announcement: Announcement) -> bool:
    """Whether it is so under lock: whoever withdraws it meanwhile waits, and then finds our airings to cancel."""
    session.refresh(announcement, with_for_update=True)
    session.refresh(schedule, with_for_update=True)
    return announcement.state == announcements.State.APPROVED and schedule.ended_at is None


def _is_allowed(session: Session, announcement: Announcement, audience: Sequence[Place], start: datetime) -> bool:
    try:
        check_hours(session, announcement, audience, start)
    except OutsideHours:
        return False
    return announcement.expires is None or start + length(session, announcement, audience) <= announcement.expires


def put_on_air(
    session: Session,
    announcement: Announcement,
    schedule: Schedule,
    moment: Moment,
    audience: Sequence[Place],
    *,
    now: datetime,
) -> Airing | None:
    """One airing with its deliveries, what must be published and what is mirrored; None where it is there already."""
    session.flush()
    row = _airing(announcement, schedule, moment, length(session, announcement, audience), now)
    if not _insert(session, row):
        return None
    heard = [{"speaker_id": place.speaker, "unit_id": place.unit} for place in audience]
    spread(session, Delivery, _delivery(row, now), heard)
    outbox.want(session, "manifest", [place.speaker for place in audience], now=now)
    if announcement.klass == Klass.EMERGENCY and moment.at <= now:
        outbox.want(session, "live", [row["id"]], now=now, expires=row["latest_start"])
    airing = session.get_one(Airing, row["id"])
    mirrors.owe(session, announcement, now=now, airing=airing)
    return airing


def _airing(
    announcement: Announcement, schedule: Schedule, moment: Moment, sound: timedelta, now: datetime
) -> dict[str, Any]:
    ms = int(sound.total_seconds() * 1000)
    return {
        "id": new_id(now),
        "announcement_id": announcement.id,
        "schedule_id": schedule.id,
        "planned_at": moment.at,
        "wall": moment.wall,
        "zone": schedule.zone,
        "revision": announcement.revision,
        "klass": announcement.klass,
        "kind": announcement.kind,
        "state": rules.State.PLANNED,
        "latest_start": rules.latest_start(moment.at, announcement.klass),
        "expires": rules.expiry(moment.at, announcement.klass, ms),
        "max_starts": rules.MAX_STARTS,
        "volume": FULL_VOLUME,
        "item_order": 0,
        "languages": [],
        "created_by": schedule.created_by,
        "created_at": now,
        "cancel_reason": "",
    }


def _insert(session: Session, row: dict[str, Any]) -> bool:
    table = Airing.__table__
    assert isinstance(table, Table)
    postgres = session.get_bind().dialect.name == "postgresql"
    statement = postgresql.insert(table) if postgres else sqlite.insert(table)
    once = statement.on_conflict_do_nothing(index_elements=["schedule_id", "planned_at"])
    return session.execute(once.values(row).returning(table.c.id)).scalar() is not None


def _delivery(airing: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What is the same on every speaker."""
    return {
        "airing_id": airing["id"],
        "state": delivery.State.PLANNED,
        "expires": airing["expires"],
        "updated_at": now,
    }


def length(session: Session, announcement: Announcement, audience: Sequence[Place]) -> timedelta:
    """The longest it can sound: every language one after the other, with each speaker's silences around it."""
    sounds = [version.clip.ms for version in announcement.versions if version.clip]
    silence = places.longest_silence(session, [place.speaker for place in audience])
    return timedelta(milliseconds=sum(sounds) + silence * len(sounds))


def check_hours(session: Session, announcement: Announcement, audience: Sequence[Place], start: datetime) -> None:
    """Raise OutsideHours unless the whole sound lies within the hours of every unit that hears it."""
    if announcement.klass == Klass.EMERGENCY:
        return
    sound = length(session, announcement, audience)
    heard_in = sorted({place.unit for place in audience})
    called = places.names(session, heard_in)
    for unit_id in heard_in:
        rules_of_the_air.check(units.rules_of(session, unit_id), announcement.klass, start, sound, unit=called[unit_id])
