"""Counts for those who look at many units at once: few questions, each answered by the database itself."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, String, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from broadcaster.domain.delivery import PLAYED, State
from broadcaster.domain.stand_in import WAITING
from broadcaster.store.tables import Airing, Announcement, Delivery, Override, Speaker, StandIn, Unit
from firmware_config.protocol import Kind

Rows = list[Row[Any]]
Units = Collection[str] | None
"""None = all there are, which then need not be looked up for each delivery."""
NO_WORD = "no word"
GIVEN_UP = (State.MISSED, State.PARTIAL)
"""What those become of which no word came."""
LASTS = timedelta(days=7)
"""Nothing is still to be played so long after its time."""
PRETEND = select(Speaker.id).where(Speaker.pretend.is_(True))
OUT_OF_COUNT = select(Speaker.id).where(or_(Speaker.pretend.is_(True), Speaker.revoked_at.is_not(None)))


def homes(session: Session) -> dict[str, str]:
    """Where what happened in a closed unit is counted: in the unit it became part of, or the one above it."""
    rows = session.execute(select(Unit.id, Unit.parent_id, Unit.successor_id).where(Unit.closed_at.is_not(None))).all()
    after = {row.id: row.successor_id or row.parent_id for row in rows}
    found: dict[str, str] = {}
    for unit in after:
        here, passed = unit, set[str]()
        while here in after and here not in passed:
            passed.add(here)
            here = after[here] or ""
        if here and here not in passed:
            found[unit] = here
    return found


def speakers(session: Session, units: Collection[str]) -> Rows:
    """(unit_id, total, online, seen_at) of what is in service and no pretence."""
    online = func.sum(case((Speaker.online.is_(True), 1), else_=0)).label("online")
    counted = select(
        Speaker.unit_id, func.count().label("total"), online, func.max(Speaker.last_seen_at).label("seen_at")
    )
    in_service = (Speaker.revoked_at.is_(None), Speaker.pretend.is_(False), Speaker.unit_id.in_(units))
    return list(session.execute(counted.where(*in_service).group_by(Speaker.unit_id)))


def due(until: datetime) -> tuple[ColumnElement[bool], ...]:
    """What counts when shares of the heard are told: real, its time has come, and nobody cancelled it."""
    real = (Airing.kind == Kind.LIVE, Airing.standby.is_(False), Airing.planned_at <= until)
    return (*real, Delivery.state != State.CANCELLED)


def heard_lately(session: Session, units: Collection[str], *, today: datetime, week: datetime, now: datetime) -> Rows:
    """(unit_id, due_today, heard_today, due_week, heard_week)."""
    is_heard, is_today = Delivery.state == State.HEARD, Airing.planned_at >= today
    counted = (
        select(
            Delivery.unit_id,
            many(is_today).label("due_today"),
            many(is_today & is_heard).label("heard_today"),
            func.count().label("due_week"),
            many(is_heard).label("heard_week"),
        )
        .join(Airing, Airing.id == Delivery.airing_id)
        .where(Airing.planned_at >= week, *due(now), *_hung(units, week, now))
        .where(Delivery.speaker_id.not_in(OUT_OF_COUNT))
    )
    return list(session.execute(counted.group_by(Delivery.unit_id)))


def drills(session: Session, units: Collection[str], *, since: datetime, now: datetime) -> Rows:
    """(airing_id, announcement_id, at, unit_id, due, sounded) of each drill on each unit, the latest first."""
    held = select(Airing.id).where(Airing.kind == Kind.DRILL, Airing.planned_at >= since, Airing.planned_at <= now)
    # Named one by one: there are few, and a database that begins with the units would read all that was ever said.
    named = list(session.scalars(held))
    if not named:
        return []
    counted = (
        select(
            Airing.id.label("airing_id"),
            Airing.announcement_id,
            Airing.planned_at.label("at"),
            Delivery.unit_id,
            func.count().label("due"),
            many(Delivery.state.in_(PLAYED)).label("sounded"),
        )
        .join(Delivery, Delivery.airing_id == Airing.id)
        .where(Delivery.airing_id.in_(named), Delivery.state != State.CANCELLED, Delivery.speaker_id.not_in(PRETEND))
        .group_by(Airing.id, Airing.announcement_id, Airing.planned_at, Delivery.unit_id)
    )
    found: Rows = list(session.execute(counted.order_by(Airing.planned_at.desc(), Airing.id.desc())))
    return [row for row in found if row.unit_id in units]


def exceptions(session: Session, units: Collection[str], *, since: datetime, until: datetime) -> list[Override]:
    """Those granted in these units that held at some time between."""
    held = (Override.granted.is_(True), Override.starts < until, Override.ends > since)
    alive = or_(Override.ended_at.is_(None), Override.ended_at > Override.starts)
    wanted = select(Override).where(*held, alive, Override.unit_id.in_(units))
    return list(session.scalars(wanted.order_by(Override.starts, Override.id)))


def waiting_people(session: Session, units: Collection[str]) -> dict[str, int]:
    """In how many cases a village is still asked to say what a loudspeaker did not, by unit."""
    wanted = select(StandIn.unit_id, func.count()).where(StandIn.state.in_(WAITING), StandIn.unit_id.in_(units))
    return {row[0]: row[1] for row in session.execute(wanted.group_by(StandIn.unit_id))}


def said(session: Session, units: Units, *, since: datetime, until: datetime, now: datetime) -> Rows:
    """What fell due between, one row for each airing and set of languages in which it was played.

    The languages as they are stored, then the fields of `Said` in their order: a province's month has many rows.
    """
    told = cast(Delivery.languages, String).label("languages")
    # A list would be looked up for each delivery.
    played = or_(*(Delivery.state == state for state in sorted(PLAYED)))
    # Counted first and named afterwards: a month of a province is a million deliveries.
    counted = (
        select(
            Delivery.airing_id,
            told,
            func.count().label("due"),
            many(Delivery.state == State.HEARD).label("heard"),
            many(played).label("played"),
            many(Delivery.reason == NO_WORD).label("silent"),
        )
        .where(*_fell_due(since, until, now), *_hung(units, since, until), Delivery.speaker_id.not_in(PRETEND))
        .group_by(Delivery.airing_id, told)
        .subquery()
    )
    named = (
        select(
            counted.c.languages,
            counted.c.airing_id,
            Announcement.id.label("announcement_id"),
            Announcement.title,
            Announcement.category,
            Airing.klass,
            Announcement.unit_id.label("station"),
            Airing.planned_at,
            Airing.sound_ms,
            counted.c.due,
            counted.c.heard,
            counted.c.played,
            counted.c.silent,
        )
        .join(Airing, Airing.id == counted.c.airing_id)
        .join(Announcement, Announcement.id == Airing.announcement_id)
    )
    return list(session.execute(named.order_by(Airing.planned_at, Airing.id)))


def heard_in(session: Session, units: Collection[str], *, since: datetime, until: datetime) -> set[str]:
    """Those of the units in which a loudspeaker confirmed that something was heard."""
    here = (Delivery.unit_id == Unit.id, *_expired(since, until), Airing.id == Delivery.airing_id)
    one = exists().where(*here, *_was_heard(since, until))
    return set(session.scalars(select(Unit.id).where(Unit.id.in_(units), one)))


def heard_where(
    session: Session, units: Units, *, since: datetime, until: datetime, of: Collection[str] | None = None
) -> Rows:
    """(announcement_id, unit_id) of each unit in which a loudspeaker confirmed that one was heard; none = of all."""
    found = select(Airing.announcement_id, Delivery.unit_id).join(Delivery, Delivery.airing_id == Airing.id).distinct()
    if of is not None:
        found = found.where(Airing.announcement_id.in_(of))
    return list(session.execute(found.where(*_was_heard(since, until), *_hung(units, since, until))))


def silent_speakers(
    session: Session, units: Units, *, since: datetime, until: datetime, now: datetime, limit: int
) -> Rows:
    """(id, name, unit_id, due, silent) of the loudspeakers that were most often without a word."""
    fell_due = _fell_due(since, until, now)
    counted = (
        select(Delivery.speaker_id, func.count().label("silent"))
        # The states are those of a loudspeaker that was given up: most deliveries are not even looked at.
        .where(*fell_due, Delivery.state.in_(GIVEN_UP), Delivery.reason == NO_WORD)
        .where(*_hung(units, since, until), Delivery.speaker_id.not_in(PRETEND))
        .group_by(Delivery.speaker_id)
        .order_by(func.count().desc(), Delivery.speaker_id)
        .limit(limit)
        .subquery()
    )
    here = () if units is None else (Delivery.unit_id.in_(units),)
    due = select(func.count()).where(Delivery.speaker_id == Speaker.id, *fell_due, *_expired(since, until), *here)
    named = select(Speaker.id, Speaker.name, Speaker.unit_id, due.scalar_subquery().label("due"), counted.c.silent)
    named = named.join(counted, counted.c.speaker_id == Speaker.id)
    return list(session.execute(named.order_by(counted.c.silent.desc(), Speaker.name, Speaker.id)))


def _fell_due(since: datetime, until: datetime, now: datetime) -> tuple[ColumnElement[bool], ...]:
    *airing, delivery = due(now)
    chosen = select(Airing.id).where(Airing.planned_at >= since, Airing.planned_at < until, *airing)
    return Delivery.airing_id.in_(chosen), delivery


def _was_heard(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    between = (Airing.planned_at >= since, Airing.planned_at < until, *due(until))
    return (*between, Delivery.state == State.HEARD, Delivery.speaker_id.not_in(PRETEND))


def _hung(units: Units, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    """On loudspeakers of these units, which are read without all the others where they are few."""
    return () if units is None else (Delivery.unit_id.in_(units), *_expired(since, until))


def _expired(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    # The bounds are wide: what is counted lies between them, and an index knows them.
    return Delivery.expires >= since, Delivery.expires < until + LASTS


def many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a group are so."""
    return func.coalesce(func.sum(cast(condition, Integer)), 0)
