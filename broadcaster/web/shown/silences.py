"""Orders to be silent, as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.airing import OPEN
from broadcaster.services.airtime import stopping
from broadcaster.services.airtime.cancelling import OPEN_DELIVERIES
from broadcaster.services.airtime.stopping import Hush, Hushed
from broadcaster.store.tables import Airing, Announcement, Delivery, Silence
from broadcaster.web.i18n import ZONE
from broadcaster.web.labels import HUSH, Label, label
from broadcaster.web.shown.airings import AiringBrief, airings
from broadcaster.web.shown.sight import Sight


@dataclass(frozen=True, slots=True)
class Count:
    """How many loudspeakers came to one end."""

    label: Label
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """One loudspeaker."""

    id: str
    name: str
    unit: str
    label: Label
    at: str
    concerned: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One order with all that came of it."""

    id: str
    unit_id: str
    unit: str
    reason: str
    until: datetime | None
    by: str
    asked_at: datetime
    titles: tuple[str, ...]
    """What it took from the loudspeakers."""
    reachable: int
    fell_silent: int
    waiting: int
    unreachable: int
    counts: tuple[Count, ...]
    lines: tuple[Line, ...]

    @property
    def open(self) -> bool:
        """Whether a loudspeaker still owes its word."""
        return bool(self.waiting)


def may_sound(session: Session, seen: Sight, unit_id: str, *, now: datetime) -> list[AiringBrief]:
    """What is on air, or due, on a loudspeaker of the unit."""
    here = select(Delivery.airing_id).where(
        Delivery.unit_id.in_(seen.tree.under(unit_id)), Delivery.state.in_(OPEN_DELIVERIES)
    )
    due = Airing.planned_at <= now + timedelta(seconds=15)
    return airings(session, seen, Airing.id.in_(here), Airing.state.in_(OPEN), Airing.standby.is_(False), due)


def shown(session: Session, seen: Sight, order: Silence) -> Shown:
    """The order and how it is now."""
    found = stopping.outcome(session, order)
    number = stopping.counts(found)
    taken = select(Announcement.title).join(Airing, Airing.announcement_id == Announcement.id)
    titles = session.scalars(taken.where(Airing.id.in_([*order.due, *order.later])).distinct())
    return Shown(
        order.id,
        order.unit_id,
        seen.names_of(order.unit_id),
        order.reason,
        order.until,
        order.asked_by_name,
        order.asked_at,
        tuple(sorted(titles)),
        reachable=len(found) - number[Hush.UNREACHABLE],
        fell_silent=number[Hush.SILENT],
        waiting=number[Hush.WAITING],
        unreachable=number[Hush.UNREACHABLE],
        counts=tuple(Count(label(HUSH, hush), count) for hush, count in number.items() if count),
        lines=_lines(seen, found, order),
    )


def _lines(seen: Sight, found: Sequence[Hushed], order: Silence) -> tuple[Line, ...]:
    return tuple(
        Line(
            one.speaker,
            one.name,
            seen.names_of(one.unit),
            label(HUSH, one.hush),
            _moment(one.at, order.asked_at),
            one.concerned,
        )
        for one in found
    )


def _moment(at: datetime | None, asked: datetime) -> str:
    if at is None:
        return ""
    after = max(0.0, (at - asked).total_seconds())
    return f"{at.astimezone(ZONE):%H:%M:%S} (+{after:.1f} s)"
