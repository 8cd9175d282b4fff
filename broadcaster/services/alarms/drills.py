"""Drills: a place of their own, from their templates to their statistics. Nothing here ever sends an alert."""

import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import delivery, drill
from broadcaster.domain.airing import OPEN
from broadcaster.domain.delivery import State
from broadcaster.domain.errors import Malformed, NotADrill, NotFound
from broadcaster.services import audit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import airings
from broadcaster.services.writing import announcements
from broadcaster.services.writing.drafts import AudienceChoice, Draft, DraftVersion
from broadcaster.store.tables import Airing, Announcement, Delivery, Speaker
from firmware_config.protocol import Kind, Klass

SILENT = frozenset(State) - delivery.PLAYED


@dataclass(frozen=True, slots=True)
class Practice:
    """What is filled into a drill's template, one language after the other."""

    key: str
    unit_id: str
    audience: Sequence[AudienceChoice]
    slots: Mapping[str, Mapping[str, str]]
    """language → slot → words."""
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Result:
    """How one drill went."""

    announcement_id: str
    airing_id: str
    title: str
    at: datetime
    speakers: int
    heard: int
    """Where it sounded."""
    median_s: float | None
    """Seconds from its hour to the first sound, on half of them at most."""
    slowest_s: float | None
    silent: tuple[str, ...]
    """Names of those where it did not sound, or has not yet."""
    over: bool


def draft(session: Session, actor: Actor, practice: Practice, *, now: datetime) -> Announcement:
    """Write a drill. Raises SlotEmpty, UnknownHazard, and what `write` raises."""
    made = announcements.write(session, actor, _draft(practice), now=now)
    _note(session, actor, "drill_write", made, now)
    return made


def change(
    session: Session, actor: Actor, announcement_id: str, practice: Practice, *, revision: int, now: datetime
) -> Announcement:
    """Put other words in its place. Raises NotADrill, EditedSince, and what `draft` raises."""
    require(session, announcement_id)
    made = announcements.edit(session, actor, announcement_id, _draft(practice), revision=revision, now=now)
    _note(session, actor, "drill_write", made, now)
    return made


def start(session: Session, actor: Actor, announcement_id: str, *, at: datetime | None = None, now: datetime) -> Airing:
    """Hold an approved drill now or at a time; it keeps to the hours allowed. Raises NotADrill, and what `air` does."""
    found = require(session, announcement_id)
    airing = airings.air(session, actor, found.id, at=at, now=now, drill=True)
    _note(session, actor, "drill_start", found, now, airing=airing.id)
    return airing


def require(session: Session, announcement_id: str) -> Announcement:
    """A drill. Raises NotFound, NotADrill."""
    found = session.get(Announcement, announcement_id)
    if found is None:
        raise NotFound(what="announcement", id=announcement_id)
    if found.kind != Kind.DRILL:
        raise NotADrill
    return found


def results(session: Session, units: Collection[str], *, limit: int = 30) -> list[Result]:
    """How the latest drills of these units went, the newest first."""
    rows = session.execute(
        select(Airing, Announcement.title)
        .join(Announcement, Announcement.id == Airing.announcement_id)
        .where(Announcement.unit_id.in_(units), Airing.kind == Kind.DRILL)
        .order_by(Airing.planned_at.desc(), Airing.id.desc())
        .limit(limit)
    )
    return [_result(session, airing, title) for airing, title in rows]


def _result(session: Session, airing: Airing, title: str) -> Result:
    wanted = select(Delivery, Speaker.name).join(Speaker, Speaker.id == Delivery.speaker_id)
    found = session.execute(wanted.where(Delivery.airing_id == airing.id).order_by(Speaker.name)).all()
    played = [each for each, _ in found if State(each.state) in delivery.PLAYED]
    waits = sorted((each.started_at - airing.planned_at).total_seconds() for each in played if each.started_at)
    return Result(
        announcement_id=airing.announcement_id,
        airing_id=airing.id,
        title=title,
        at=airing.planned_at,
        speakers=len(found),
        heard=len(played),
        median_s=round(statistics.median(waits), 1) if waits else None,
        slowest_s=round(waits[-1], 1) if waits else None,
        silent=tuple(name for each, name in found if State(each.state) in SILENT),
        over=airing.state not in OPEN,
    )


def _draft(practice: Practice) -> Draft:
    if not practice.slots:
        raise Malformed(field="languages", problem="vi, …")
    texts = {language: drill.fill(practice.key, language, slots) for language, slots in practice.slots.items()}
    first, slots = next(iter(practice.slots.items()))
    return Draft(
        title=drill.title(practice.key, first, slots.get("place", "")),
        unit_id=practice.unit_id,
        versions=[DraftVersion(language, text) for language, text in texts.items()],
        audience=practice.audience,
        klass=Klass.PRIORITY,
        category="security",
        kind=Kind.DRILL,
        repeat=practice.repeat,
        hazard=practice.key,
        slots={language: dict(words) for language, words in practice.slots.items()},
    )


def _note(session: Session, actor: Actor, action: str, found: Announcement, now: datetime, **more: str) -> None:
    subject = ("announcement", found.id)
    audit.record(session, actor, action, subject, now=now, unit=found.unit_id, details=more)
