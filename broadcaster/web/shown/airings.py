"""Airings and how far each loudspeaker got."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State as Planned
from broadcaster.domain.delivery import State
from broadcaster.domain.schedule import HORIZON
from broadcaster.domain.stand_in import SILENT
from broadcaster.store.tables import Airing, Announcement, Delivery, Speaker
from broadcaster.web.labels import AIRING, BY_PERSON, DELIVERY, KLASS, REASON, Label, label
from broadcaster.web.shown.sight import Sight


@dataclass(frozen=True, slots=True)
class AiringBrief:
    """One line in a list."""

    id: str
    announcement_id: str
    title: str
    klass: Label
    state: Label
    planned_at: datetime
    heard: int
    total: int
    counts: dict[str, int]
    reason: str = ""
    """Why it was cancelled, missed or refused."""
    standby: bool = False
    by_person: int = 0
    """Loudspeakers that were silent where a person said it instead: never among those heard."""

    @property
    def silent(self) -> int:
        """Loudspeakers of which nothing was heard, and nobody spoke for them."""
        return sum(self.counts.get(state, 0) for state in SILENT) - self.by_person

    @property
    def sums(self) -> list["Sum"]:
        """How many loudspeakers are at each step; steps where none is are left out."""
        known = [(state, self.counts.get(state, 0)) for state in State]
        spoken = [Sum(BY_PERSON, self.by_person)] if self.by_person else []
        return [Sum(label(DELIVERY, state), count) for state, count in known if count] + spoken


@dataclass(frozen=True, slots=True)
class Sum:
    """How many loudspeakers are at one step."""

    label: Label
    count: int


def real() -> ColumnElement[bool]:
    """Deliveries on loudspeakers, not in browsers that pretend to be one: those are never counted."""
    return Delivery.speaker_id.not_in(select(Speaker.id).where(Speaker.pretend))


def counts_of(session: Session, airings: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many deliveries of each airing are in each state."""
    query = select(Delivery.airing_id, Delivery.state, func.count()).where(Delivery.airing_id.in_(list(airings)))
    query = query.where(real())
    counts: dict[str, dict[str, int]] = {}
    for airing, state, number in session.execute(query.group_by(Delivery.airing_id, Delivery.state)):
        counts.setdefault(airing, {})[state] = number
    return counts


def spoken_of(session: Session, airings: Iterable[str]) -> dict[str, int]:
    """On how many loudspeakers of each airing nothing was heard and a person said it instead."""
    instead = (Delivery.by_person_at.is_not(None), Delivery.state.in_(SILENT))
    query = select(Delivery.airing_id, func.count()).where(Delivery.airing_id.in_(list(airings)), *instead)
    query = query.where(real())
    return {row[0]: row[1] for row in session.execute(query.group_by(Delivery.airing_id))}


def airings(session: Session, seen: Sight, *wanted: ColumnElement[bool], limit: int = 50) -> list[AiringBrief]:
    """The airings within sight that fit, the latest planned first."""
    query = select(Airing, Announcement.title).join(Announcement, Airing.announcement_id == Announcement.id)
    query = query.where(seen.announcements(), *wanted).order_by(Airing.planned_at.desc(), Airing.id.desc()).limit(limit)
    found = session.execute(query).all()
    counts = counts_of(session, [airing.id for airing, _ in found])
    silent = [airing for airing, states in counts.items() if states.keys() & SILENT]
    instead = spoken_of(session, silent) if silent else {}
    return [
        airing_brief(airing, title, counts.get(airing.id, {}), instead.get(airing.id, 0)) for airing, title in found
    ]


def on_air(session: Session, seen: Sight) -> list[AiringBrief]:
    """What sounds now, the latest begun first."""
    return airings(session, seen, Airing.state == Planned.ON_AIR, Airing.standby.is_(False))


def in_sight(now: datetime) -> ColumnElement[bool]:
    """Not what is planned for weeks to come, on loudspeakers that are seldom online: it would hide what comes next."""
    return or_(Airing.planned_at <= now + HORIZON, Airing.state != Planned.PLANNED)


def airing_brief(airing: Airing, title: str, counts: dict[str, int], by_person: int = 0) -> AiringBrief:
    """One line of a list."""
    return AiringBrief(
        airing.id,
        airing.announcement_id,
        title,
        label(KLASS, airing.klass),
        label(AIRING, airing.state),
        airing.planned_at,
        counts.get(State.HEARD, 0),
        sum(counts.values()),
        counts,
        REASON.get(airing.cancel_reason, airing.cancel_reason),
        airing.standby,
        by_person,
    )
