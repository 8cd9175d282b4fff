"""Airings and how far each loudspeaker got."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from broadcaster.domain.delivery import LADDER, State
from broadcaster.services.airtime.unheard import languages as unheard_languages
from broadcaster.store.tables import Airing, Announcement, Delivery, Speaker
from broadcaster.web.i18n import ZONE
from broadcaster.web.labels import AIRING, DELIVERY, KLASS, REASON, Label, label
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

    @property
    def sums(self) -> list["Sum"]:
        """How many loudspeakers are at each step; steps where none is are left out."""
        known = [(state, self.counts.get(state, 0)) for state in State]
        return [Sum(label(DELIVERY, state), count) for state, count in known if count]


@dataclass(frozen=True, slots=True)
class Sum:
    """How many loudspeakers are at one step."""

    label: Label
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """One loudspeaker on the board; `rungs` says of each step of the ladder whether it was reached."""

    speaker: str
    name: str
    unit: str
    label: Label
    rungs: tuple[bool, ...]
    at: str
    attempt: int
    reason: str
    level: int | None
    unheard: tuple[str, ...]
    """Languages its village wants and did not hear."""


def counts_of(session: Session, airings: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many deliveries of each airing are in each state."""
    query = select(Delivery.airing_id, Delivery.state, func.count()).where(Delivery.airing_id.in_(list(airings)))
    counts: dict[str, dict[str, int]] = {}
    for airing, state, number in session.execute(query.group_by(Delivery.airing_id, Delivery.state)):
        counts.setdefault(airing, {})[state] = number
    return counts


def airings(session: Session, seen: Sight, *wanted: ColumnElement[bool], limit: int = 50) -> list[AiringBrief]:
    """The airings within sight that fit, the latest planned first."""
    query = select(Airing, Announcement.title).join(Announcement, Airing.announcement_id == Announcement.id)
    query = query.where(seen.announcements(), *wanted).order_by(Airing.planned_at.desc(), Airing.id.desc()).limit(limit)
    found = session.execute(query).all()
    counts = counts_of(session, [airing.id for airing, _ in found])
    return [airing_brief(airing, title, counts.get(airing.id, {})) for airing, title in found]


def airing_brief(airing: Airing, title: str, counts: dict[str, int]) -> AiringBrief:
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
    )


def rows(session: Session, seen: Sight, airing_id: str, *, unheard: bool = False) -> list[Row]:
    """The board: those that need somebody's attention first, then by name."""
    query = select(Delivery, Speaker.name).join(Speaker, Speaker.id == Delivery.speaker_id)
    query = query.where(Delivery.airing_id == airing_id)
    if unheard:
        query = query.where(Delivery.state != State.HEARD)
    told = session.execute(query).all()
    missing = unheard_languages(session, session.get_one(Airing, airing_id), [delivery for delivery, _ in told])
    found = [_row(delivery, name, seen, missing.get(delivery.speaker_id, ())) for delivery, name in told]
    return sorted(found, key=lambda row: (row.label.tone != "bad", row.unit, row.name))


def _row(delivery: Delivery, name: str, seen: Sight, missing: Sequence[str]) -> Row:
    shown = label(DELIVERY, delivery.state)
    at = latest(delivery)
    return Row(
        delivery.speaker_id,
        name,
        seen.names_of(delivery.unit_id),
        shown,
        tuple(reached(delivery)),
        at.astimezone(ZONE).strftime("%H:%M:%S") if at else "",
        delivery.attempt,
        REASON.get(delivery.reason, delivery.reason),
        delivery.level,
        tuple(missing),
    )


def reached(delivery: Delivery) -> Iterable[bool]:
    """For each step of the ladder whether the loudspeaker has been there: by its own times, or by a later step."""
    state = State(delivery.state)
    place = LADDER.index(state) if state in LADDER else -1
    for number, step in enumerate(LADDER):
        yield step is State.PLANNED or number <= place or getattr(delivery, f"{step}_at") is not None


def latest(delivery: Delivery) -> datetime | None:
    """When the loudspeaker got as far as it is."""
    return getattr(delivery, f"{delivery.state}_at", None) or delivery.ended_at
