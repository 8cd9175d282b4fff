"""When an announcement airs, once or again and again: written, changed and ended, also before it is approved."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import airing as airing_rules
from broadcaster.domain.announcement import State
from broadcaster.domain.errors import IllegalStep, LoaError, NotFound, PartOfAlert, UseDrill, UseEmergency
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import Kind, Recurrence
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import cancelling, planning
from broadcaster.services.airtime.foreseeing import Coming, Preview, foresee, upcoming
from broadcaster.services.ids import new_id
from broadcaster.services.places import audiences
from broadcaster.store import locked, places
from broadcaster.store.tables import Airing, Announcement, Schedule
from firmware_config.protocol import Kind as Purpose
from firmware_config.protocol import Klass

__all__ = [
    "OVER",
    "WRITTEN_BY_HAND",
    "Coming",
    "Preview",
    "Recurrence",
    "add",
    "change",
    "end",
    "get",
    "preview",
    "running",
    "upcoming",
]

WRITTEN_BY_HAND = (Kind.AT, Kind.RECURRING)
FOR_EVER = datetime.max.replace(tzinfo=UTC)
OVER = (State.WITHDRAWN, State.EXPIRED)


def add(
    session: Session,
    actor: Actor,
    announcement_id: str,
    rule: Mapping[str, Any],
    *,
    starts: datetime | None = None,
    until: datetime | None = None,
    now: datetime,
) -> Schedule:
    """Air it by a recurrence, or with an empty `rule` once at `starts`; on a draft nothing airs before its approval.

    Raises NotFound, NotAllowed, UseEmergency, UseDrill, IllegalStep, what the rule deserves, and where none of the next
    five times is within the rules of the air, why the first of them is not.
    """
    announcement = _locked(session, actor, announcement_id)
    wanted = foresee(session, announcement, rule, starts=starts, until=until, now=now)
    _refuse_if_all_barred(wanted)
    row = _store(session, actor, announcement, wanted, now)
    _note(session, actor, "schedule", row, unit=announcement.unit_id, now=now)
    planning.plan_announcement(session, announcement, now=now)
    return row


def change(
    session: Session,
    actor: Actor,
    schedule_id: str,
    rule: Mapping[str, Any],
    *,
    starts: datetime | None = None,
    until: datetime | None = None,
    now: datetime,
) -> Schedule:
    """Put another rule in its place: a new row, for what was cancelled keeps its hour in the old one.

    What is on air is heard to its end. Raises what `add` raises, and IllegalStep for one that has ended.
    """
    old, announcement = _running(session, actor, schedule_id)
    wanted = foresee(session, announcement, rule, starts=starts, until=until, now=now)
    _refuse_if_all_barred(wanted)
    _end(session, old, now)
    row = _store(session, actor, announcement, wanted, now)
    _note(session, actor, "reschedule", row, unit=announcement.unit_id, now=now, before=old.id)
    planning.plan_announcement(session, announcement, now=now)
    return row


def end(session: Session, actor: Actor, schedule_id: str, *, now: datetime) -> Schedule:
    """No more airings by it; what is on air is heard to its end. Raises NotFound, NotAllowed, IllegalStep."""
    row, announcement = _running(session, actor, schedule_id)
    _end(session, row, now)
    _note(session, actor, "unschedule", row, unit=announcement.unit_id, now=now)
    return row


def preview(
    session: Session,
    actor: Actor,
    announcement_id: str,
    rule: Mapping[str, Any],
    *,
    starts: datetime | None = None,
    until: datetime | None = None,
    now: datetime,
) -> Preview:
    """What `add` would mean, without doing it: the next five times, and which of them the rules of the air bar."""
    announcement = session.get(Announcement, announcement_id)
    if announcement is None:
        raise NotFound(what="announcement", id=announcement_id)
    return imagine(session, actor, announcement, rule, starts=starts, until=until, now=now)


def imagine(
    session: Session,
    actor: Actor,
    announcement: Announcement,
    rule: Mapping[str, Any],
    *,
    starts: datetime | None = None,
    until: datetime | None = None,
    now: datetime,
    about_ms: int = 0,
) -> Preview:
    """The same of an announcement that may be stored nowhere yet. Raises what `add` does, and nothing for a bar."""
    _require(session, actor, announcement)
    return foresee(session, announcement, rule, starts=starts, until=until, now=now, about_ms=about_ms)


def get(session: Session, actor: Actor, schedule_id: str) -> Schedule:
    """One schedule of an announcement the actor may put on air. Raises NotFound, NotAllowed."""
    row = session.get(Schedule, schedule_id)
    if row is None or row.kind not in WRITTEN_BY_HAND:
        raise NotFound(what="schedule", id=schedule_id)
    _require(session, actor, session.get_one(Announcement, row.announcement_id))
    return row


def running(session: Session, announcement_id: str, *, now: datetime) -> list[Schedule]:
    """Its schedules that have times to come, the oldest first."""
    mine = select(Schedule).where(Schedule.announcement_id == announcement_id, Schedule.ended_at.is_(None))
    rows = session.scalars(mine.where(Schedule.kind.in_(WRITTEN_BY_HAND)).order_by(Schedule.id))
    return [row for row in rows if (row.starts if row.kind == Kind.AT else row.until or FOR_EVER) > now]


def _refuse_if_all_barred(wanted: Preview) -> None:
    bars = [coming.bar for coming in wanted.next]
    if all(bars):
        raise cast("LoaError", bars[0])


def _store(session: Session, actor: Actor, announcement: Announcement, wanted: Preview, now: datetime) -> Schedule:
    row = Schedule(
        id=new_id(now),
        announcement_id=announcement.id,
        kind=wanted.kind,
        rule=wanted.rule.to_json() if isinstance(wanted.rule, Recurrence) else {},
        zone=wanted.zone.key,
        starts=wanted.starts,
        until=wanted.until,
        created_by=actor.person_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _end(session: Session, row: Schedule, now: datetime) -> None:
    row.ended_at = now
    mine = select(Airing).where(Airing.schedule_id == row.id, Airing.state == airing_rules.State.PLANNED)
    for airing in session.scalars(mine.order_by(Airing.id).with_for_update()).all():
        cancelling.cancel_airing(session, airing, reason="rescheduled", now=now)
    session.flush()


def _locked(session: Session, actor: Actor, announcement_id: str) -> Announcement:
    announcement = locked.announcement(session, announcement_id)
    if announcement is None:
        raise NotFound(what="announcement", id=announcement_id)
    _require(session, actor, announcement)
    if announcement.state in OVER:
        raise IllegalStep(event="schedule", state=announcement.state)
    return announcement


def _running(session: Session, actor: Actor, schedule_id: str) -> tuple[Schedule, Announcement]:
    announcement = _locked(session, actor, get(session, actor, schedule_id).announcement_id)
    row = session.get_one(Schedule, schedule_id, with_for_update=True, populate_existing=True)
    if row.ended_at is not None:
        raise IllegalStep(event="schedule", state="ended")
    return row, announcement


def _require(session: Session, actor: Actor, announcement: Announcement) -> None:
    actor.require(Action.AIR, places.path(session, announcement.unit_id))
    audiences.require(session, actor, Action.AIR, audiences.choices(announcement))
    if announcement.part_of_id is not None:
        raise PartOfAlert
    if announcement.klass == Klass.EMERGENCY and announcement.kind == Purpose.LIVE:
        raise UseEmergency
    if announcement.kind == Purpose.DRILL:
        raise UseDrill


def _note(session: Session, actor: Actor, action: str, row: Schedule, *, unit: str, now: datetime, **more: str) -> None:
    details = {
        "schedule": row.id,
        "rule": row.rule,
        "starts": row.starts.isoformat(),
        "until": row.until.isoformat() if row.until else None,
        **more,
    }
    subject = ("announcement", row.announcement_id)
    audit.record(session, actor, action, subject, now=now, unit=unit, details=details)
