"""Alerts: written with their correction, sent by two, called back by one tap. Nothing here ever sends a drill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import corrections, hazards, words
from broadcaster.domain.airing import State as AiringState
from broadcaster.domain.corrections import Part
from broadcaster.domain.errors import Malformed, NotAnEmergency, NotFound, NotReady, NotSent, WrongPlace
from broadcaster.domain.permissions import Action
from broadcaster.domain.schedule import Kind as ScheduleKind
from broadcaster.domain.schedule import Repeating
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import airings, cancelling, planning
from broadcaster.services.airtime.standby import call_up as start_standby
from broadcaster.services.alarms import acknowledging
from broadcaster.services.alarms.readiness import reach, readiness
from broadcaster.services.ids import new_id
from broadcaster.services.places import units
from broadcaster.services.writing import announcements, assertions, parts
from broadcaster.services.writing.drafts import AudienceChoice, Draft, DraftVersion
from broadcaster.store import locked, places
from broadcaster.store.tables import Airing, Announcement, Schedule
from firmware_config.protocol import Kind, Klass

acknowledge = acknowledging.acknowledge
first_airing = parts.first_airing

SHORTEST_GAP, MOST_TIMES = 5, 12


@dataclass(frozen=True, slots=True)
class Alert:
    """What is filled into a hazard's template, one language after the other."""

    hazard: str
    level: int | None
    unit_id: str
    audience: Sequence[AudienceChoice]
    slots: Mapping[str, Mapping[str, str]]
    """language → slot → words."""
    repeat: int = 3
    """How often it is read in a row."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Again every few minutes until it is acknowledged, so many times at most."""

    every_minutes: int
    times: int

    def check(self) -> None:
        """Raise Malformed for what is no pause or no end."""
        if not SHORTEST_GAP <= self.every_minutes <= 60 or not 1 <= self.times <= MOST_TIMES:
            raise Malformed(field="repeat", problem=f"{SHORTEST_GAP}–60, 1–{MOST_TIMES}")


def draft(session: Session, actor: Actor, alert: Alert, *, now: datetime) -> Announcement:
    """Write the alert, its correction and its all-clear. Raises SlotEmpty, UnknownHazard, and what `write` raises."""
    return announcements.write(session, actor, draft_of(alert), now=now)


def change(
    session: Session, actor: Actor, announcement_id: str, alert: Alert, *, revision: int, now: datetime
) -> Announcement:
    """Put other words in its place, all three anew. Raises EditedSince, and what `draft` raises."""
    require(session, announcement_id)
    return announcements.edit(session, actor, announcement_id, draft_of(alert), revision=revision, now=now)


def draft_of(alert: Alert) -> Draft:
    """The announcement an alert comes to. Raises SlotEmpty, UnknownHazard, Malformed."""
    hazard = hazards.hazard_of(alert.hazard)
    titles = {
        language: hazards.title(hazard.key, alert.level, language, slots.get("place", ""))
        for language, slots in alert.slots.items()
    }
    if not titles:
        raise Malformed(field="languages", problem="vi, …")
    said = {language: corrections.texts(title, language) for language, title in titles.items()}
    return Draft(
        title=next(iter(titles.values())),
        unit_id=alert.unit_id,
        versions=[
            DraftVersion(language, hazards.fill(hazard.key, alert.level, language, slots))
            for language, slots in alert.slots.items()
        ],
        audience=alert.audience,
        klass=Klass.EMERGENCY,
        category=hazard.category,
        kind=Kind.LIVE,
        repeat=alert.repeat,
        hazard=hazard.key,
        level=alert.level,
        slots={language: dict(slots) for language, slots in alert.slots.items()},
        parts={
            part: [DraftVersion(language, texts[place]) for language, texts in said.items()]
            for place, part in enumerate(Part)
        },
    )


def send(
    session: Session,
    actor: Actor,
    announcement_id: str,
    *,
    place: str,
    repeat: Repeat | None = None,
    now: datetime,
) -> Airing:
    """Sound it now, everywhere it is for; `place` is that place's name as the sender typed it.

    Raises NotAnEmergency, NotApproved, AlreadySent, WrongPlace, NotReady, TwoPersonsNeeded, NotAllowed.
    """
    alert = require(session, announcement_id, lock=True)
    actor.require(Action.AIR, places.path(session, alert.unit_id))
    parts.require_unsent(session, alert)
    if not same_place(place, reach(session, alert).place):
        raise WrongPlace(typed=place[:80] or "–")
    if repeat is not None:
        repeat.check()
    assertions.require_two(session, alert, now=now)
    found = readiness(session, alert, now=now)
    if not found.ready:
        raise NotReady(stored=found.stored, reachable=found.reachable)
    airing = airings.air(session, actor, alert.id, at=None, now=now, emergency=True)
    if repeat is not None:
        _repeat(session, actor, alert, repeat, now)
    audit.record(
        session,
        actor,
        "send",
        ("announcement", alert.id),
        now=now,
        unit=alert.unit_id,
        details={"airing": airing.id, "content": alert.content_sha256, "speakers": found.total},
    )
    return airing


def call_up(session: Session, actor: Actor, announcement_id: str, part: str, *, now: datetime) -> Airing:
    """Sound the correction or the all-clear that was approved with the alert; a second tap changes nothing.

    One person is enough, and the alert falls silent everywhere. Raises NotSent, NotFound, NotAnEmergency, NotAllowed.
    """
    alert = require(session, announcement_id, lock=True)
    actor.require(Action.WITHDRAW, places.path(session, alert.unit_id))
    if first_airing(session, alert.id) is None:
        raise NotSent
    airing = standing(session, alert.id, part)
    if airing is None:
        raise NotFound(what="announcement", id=part[:40])
    if not airing.standby:
        return airing
    called = start_standby(session, airing, now=now)
    cancelling.cancel_airings(session, alert, reason=part, now=now)
    details = {"airing": called.id}
    audit.record(session, actor, part, ("announcement", alert.id), now=now, unit=alert.unit_id, details=details)
    return called


def require(session: Session, announcement_id: str, *, lock: bool = False) -> Announcement:
    """A live emergency that is no part of another. Raises NotFound, NotAnEmergency."""
    found = locked.announcement(session, announcement_id) if lock else session.get(Announcement, announcement_id)
    if found is None:
        raise NotFound(what="announcement", id=announcement_id)
    if found.klass != Klass.EMERGENCY or found.kind != Kind.LIVE or found.part_of_id is not None:
        raise NotAnEmergency
    return found


def standing(session: Session, announcement_id: str, part: str) -> Airing | None:
    """The newest airing of an alert's correction or all-clear, standing by or called up."""
    mine = select(Airing).join(Announcement, Announcement.id == Airing.announcement_id)
    mine = mine.where(Announcement.part_of_id == announcement_id, Announcement.part == part)
    mine = mine.where(Airing.state != AiringState.CANCELLED)
    return session.scalars(mine.order_by(Airing.id.desc()).limit(1)).first()


def same_place(typed: str, name: str) -> bool:
    """Whether somebody typed this name; diacritics, case and spaces do not matter."""
    return bool(typed.strip()) and words.plain(words.line(typed)) == words.plain(words.line(name))


def _repeat(session: Session, actor: Actor, alert: Announcement, repeat: Repeat, now: datetime) -> None:
    starts = now + timedelta(minutes=repeat.every_minutes)
    session.add(
        Schedule(
            id=new_id(now),
            announcement_id=alert.id,
            kind=ScheduleKind.REPEATING,
            rule=Repeating(starts, repeat.every_minutes, repeat.times).to_json(),
            zone=units.zone_of(session, alert.unit_id),
            starts=starts,
            created_by=actor.person_id,
            created_at=now,
        )
    )
    session.flush()
    planning.plan_announcement(session, alert, now=now)
