"""Airings and how far each loudspeaker got."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import State as Planned
from broadcaster.domain.delivery import LADDER, State
from broadcaster.domain.schedule import HORIZON
from broadcaster.domain.stand_in import SILENT
from broadcaster.services.airtime.unheard import languages as unheard_languages
from broadcaster.store.tables import Airing, Announcement, Delivery, Speaker
from broadcaster.web.i18n import ZONE
from broadcaster.web.labels import AIRING, BY_PERSON, DELIVERY, HEARD_BY, KLASS, REASON, Label, label
from broadcaster.web.shown.sight import Sight
from firmware_config.protocol import read_levels

BARS = "▁▂▃▄▅▆▇█"
BARS_ACROSS = 40
QUIET = 4_500
"""Centi-dB under full scale at which a loudspeaker no longer says that it was heard."""


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
    strip: str = ""
    """How loud each second was, as bars."""
    by_person: Label | None = None
    """Where nothing was heard and a person said it instead."""
    said_at: str = ""


def counts_of(session: Session, airings: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many deliveries of each airing are in each state."""
    query = select(Delivery.airing_id, Delivery.state, func.count()).where(Delivery.airing_id.in_(list(airings)))
    counts: dict[str, dict[str, int]] = {}
    for airing, state, number in session.execute(query.group_by(Delivery.airing_id, Delivery.state)):
        counts.setdefault(airing, {})[state] = number
    return counts


def spoken_of(session: Session, airings: Iterable[str]) -> dict[str, int]:
    """On how many loudspeakers of each airing nothing was heard and a person said it instead."""
    instead = (Delivery.by_person_at.is_not(None), Delivery.state.in_(SILENT))
    query = select(Delivery.airing_id, func.count()).where(Delivery.airing_id.in_(list(airings)), *instead)
    return {row[0]: row[1] for row in session.execute(query.group_by(Delivery.airing_id))}


def airings(session: Session, seen: Sight, *wanted: ColumnElement[bool], limit: int = 50) -> list[AiringBrief]:
    """The airings within sight that fit, the latest planned first."""
    query = select(Airing, Announcement.title).join(Announcement, Airing.announcement_id == Announcement.id)
    query = query.where(seen.announcements(), *wanted).order_by(Airing.planned_at.desc(), Airing.id.desc()).limit(limit)
    found = session.execute(query).all()
    counts = counts_of(session, [airing.id for airing, _ in found])
    instead = spoken_of(session, counts)
    return [
        airing_brief(airing, title, counts.get(airing.id, {}), instead.get(airing.id, 0)) for airing, title in found
    ]


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
    heard = HEARD_BY.get(delivery.proof or "") if delivery.state == State.HEARD else None
    shown = heard or label(DELIVERY, delivery.state)
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
        strip(delivery.seconds),
        BY_PERSON if delivery.by_person_at else None,
        delivery.by_person_at.astimezone(ZONE).strftime("%H:%M:%S") if delivery.by_person_at else "",
    )


def strip(seconds: str) -> str:
    """The level of each second as at most forty bars, the loudest of those that share one; -45 dBFS and less is low."""
    levels = read_levels(seconds)
    each = max(1, -(-len(levels) // BARS_ACROSS))
    loudest = [max(levels[at : at + each]) for at in range(0, len(levels), each)]
    return "".join(BARS[max(0, min(len(BARS) - 1, (level + QUIET) * len(BARS) // QUIET))] for level in loudest)


def reached(delivery: Delivery) -> Iterable[bool]:
    """For each step of the ladder whether the loudspeaker has been there: by its own times, or by a later step."""
    state = State(delivery.state)
    place = LADDER.index(state) if state in LADDER else -1
    for number, step in enumerate(LADDER):
        yield step is State.PLANNED or number <= place or getattr(delivery, f"{step}_at") is not None


def latest(delivery: Delivery) -> datetime | None:
    """When the loudspeaker got as far as it is."""
    return getattr(delivery, f"{delivery.state}_at", None) or delivery.ended_at
