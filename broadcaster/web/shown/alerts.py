"""An alert at each of its stages: what is still missing before it may leave, and what it does afterwards."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import OPEN
from broadcaster.domain.announcement import State
from broadcaster.domain.corrections import Part
from broadcaster.domain.errors import EmptyAudience
from broadcaster.domain.permissions import Action
from broadcaster.services.alarms import emergencies
from broadcaster.services.alarms.readiness import Reach, Readiness, reach, readiness
from broadcaster.services.writing import assertions
from broadcaster.store import places
from broadcaster.store.tables import Acknowledgement, Airing, Announcement, Delivery
from broadcaster.web.labels import N_
from broadcaster.web.shown.airings import AiringBrief, airing_brief, counts_of, spoken_of
from broadcaster.web.shown.announcements import Full, VersionView, full, version_view
from broadcaster.web.shown.sight import Sight

PARTS = {Part.CORRECTION: N_("Correction"), Part.ALL_CLEAR: N_("All clear")}


@dataclass(frozen=True, slots=True)
class Answering:
    """One person who answered for the alert, and for how long it still counts."""

    name: str
    left: timedelta

    @property
    def clock(self) -> str:
        """Minutes and seconds."""
        minutes, seconds = divmod(max(0, int(self.left.total_seconds())), 60)
        return f"{minutes}:{seconds:02d}"


@dataclass(frozen=True, slots=True)
class PartView:
    """The correction or the all-clear."""

    key: str
    name: str
    versions: tuple[VersionView, ...]
    airing: AiringBrief | None
    """Once it was called up."""


@dataclass(frozen=True, slots=True)
class Village:
    """One unit that hears it, and who said that it is acted on."""

    id: str
    name: str
    by: str
    at: datetime | None
    may: bool


@dataclass(frozen=True, slots=True)
class Control:
    """Everything the control page shows."""

    it: Full
    hazard: str
    level: int | None
    stage: str
    """"draft", "submitted", "approved", "sent" or "over"."""
    parts: tuple[PartView, ...]
    reach: Reach | None
    ready: Readiness | None
    answering: tuple[Answering, ...]
    enough: bool
    """Two different people answer for it now."""
    sent: AiringBrief | None
    repeats: tuple[datetime, ...]
    villages: tuple[Village, ...]
    can: dict[str, bool]

    @property
    def called(self) -> bool:
        """Whether it was corrected or ended."""
        return any(part.airing for part in self.parts)


def control(session: Session, seen: Sight, row: Announcement, *, now: datetime) -> Control:
    """An alert within sight as it stands."""
    airing = emergencies.first_airing(session, row.id)
    answering = tuple(
        Answering(each.person_name, each.at + assertions.FRESH - now)
        for each in {each.person_id: each for each in reversed(assertions.fresh(session, row, now=now))}.values()
    )
    approved = row.state == State.APPROVED
    return Control(
        it=full(session, seen, row),
        hazard=row.hazard or "",
        level=row.level,
        stage=_stage(row, airing),
        parts=tuple(_part(session, row, part) for part in Part),
        reach=_reach(session, row),
        ready=readiness(session, row, now=now) if approved and airing is None and _reach(session, row) else None,
        answering=answering,
        enough=len(answering) > 1,
        sent=_brief(session, row, airing) if airing else None,
        repeats=_repeats(session, row, now),
        villages=_villages(session, seen, row, airing) if airing else (),
        can={
            "submit": row.state == State.DRAFT and seen.allows(Action.WRITE, row.unit_id),
            "send": approved and seen.allows(Action.AIR, row.unit_id),
            "call": seen.allows(Action.WITHDRAW, row.unit_id),
        },
    )


def stage_of(session: Session, announcement_id: str) -> str:
    """How far it is."""
    row = session.get_one(Announcement, announcement_id)
    return _stage(row, emergencies.first_airing(session, row.id))


def _stage(row: Announcement, airing: Airing | None) -> str:
    if airing is not None:
        return "sent"
    known = {State.DRAFT: "draft", State.REJECTED: "draft", State.SUBMITTED: "submitted", State.APPROVED: "approved"}
    return known.get(State(row.state), "over")


def _reach(session: Session, row: Announcement) -> Reach | None:
    try:
        return reach(session, row)
    except EmptyAudience:
        return None


def _part(session: Session, alert: Announcement, part: Part) -> PartView:
    row = next((each for each in alert.parts if each.part == part), None)
    airing = emergencies.standing(session, alert.id, part)
    called = _brief(session, row, airing) if row and airing and not airing.standby else None
    return PartView(part, PARTS[part], tuple(map(version_view, row.versions)) if row else (), called)


def _brief(session: Session, row: Announcement, airing: Airing) -> AiringBrief:
    counts, spoken = counts_of(session, [airing.id]), spoken_of(session, [airing.id])
    return airing_brief(airing, row.title, counts.get(airing.id, {}), spoken.get(airing.id, 0))


def _repeats(session: Session, row: Announcement, now: datetime) -> tuple[datetime, ...]:
    coming = select(Airing.planned_at).where(Airing.announcement_id == row.id, Airing.state.in_(OPEN))
    return tuple(session.scalars(coming.where(Airing.planned_at > now).order_by(Airing.planned_at).limit(5)))


def _villages(session: Session, seen: Sight, row: Announcement, airing: Airing) -> tuple[Village, ...]:
    heard = set(session.scalars(select(Delivery.unit_id).where(Delivery.airing_id == airing.id)))
    said = {each.unit_id: each for each in session.scalars(select(Acknowledgement).filter_by(announcement_id=row.id))}
    found = []
    for unit in heard:
        # Whoever answers for a commune answers for its villages.
        by = next((said[above] for above in reversed(places.path(session, unit)) if above in said), None)
        may = by is None and seen.allows(Action.CONFIRM, unit)
        found.append(Village(unit, seen.names_of(unit), by.person_name if by else "", by.at if by else None, may))
    return tuple(sorted(found, key=lambda village: (bool(village.by), village.name)))
