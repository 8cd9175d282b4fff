"""What must be known before an alert leaves: whom it reaches, and that its correction is on the speakers already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain import airing as airings
from broadcaster.domain.audience import Choice, ChoiceKind
from broadcaster.domain.corrections import Part
from broadcaster.services.places import audiences, listeners
from broadcaster.store.tables import Airing, Announcement, Delivery, Speaker, Unit

PATIENCE = timedelta(seconds=15)
"""How long an alert waits, from its approval, for speakers that are connected and slow."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far the correction and the all-clear are on the speakers of an alert."""

    total: int
    reachable: int
    """Of these connected now."""
    stored: int
    """Of the connected ones, those that hold both."""
    waiting: tuple[str, ...]
    """Names of the connected ones that do not."""
    absent: tuple[str, ...]
    """Names of those that are not connected."""
    ready: bool
    patience: timedelta
    """After which it may leave all the same."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Who hears it."""

    place: str
    """The name that is typed to send it."""
    speakers: int
    villages: int
    people: int | None
    """None = nobody has said how many live there."""


def readiness(session: Session, announcement: Announcement, *, now: datetime) -> Readiness:
    """Whether the alert may leave as far as its correction is concerned."""
    audience = audiences.resolve(session, audiences.choices(announcement))
    rows = session.execute(
        select(Speaker.id, Speaker.name, Speaker.online).where(Speaker.id.in_([place.speaker for place in audience]))
    ).all()
    holding, prepared = _holding(session, announcement)
    online = [row for row in rows if row.online]
    waiting = tuple(sorted(row.name for row in online if row.id not in holding))
    begun = announcement.decided_at or now
    patience = max(timedelta(), begun + PATIENCE - now)
    return Readiness(
        total=len(rows),
        reachable=len(online),
        stored=len(online) - len(waiting),
        waiting=waiting,
        absent=tuple(sorted(row.name for row in rows if not row.online)),
        ready=prepared and (not waiting or not patience),
        patience=patience,
    )


def _holding(session: Session, announcement: Announcement) -> tuple[set[str], bool]:
    """The speakers that hold both parts, and whether both stand by at all."""
    rows = session.execute(
        select(Announcement.part, Delivery.speaker_id)
        .select_from(Airing)
        .join(Announcement, Announcement.id == Airing.announcement_id)
        .outerjoin(Delivery, (Delivery.airing_id == Airing.id) & Delivery.stored_at.is_not(None))
        .where(Announcement.part_of_id == announcement.id, Airing.revision == Announcement.revision)
        .where(Airing.state.in_(airings.OPEN))
    ).all()
    held: dict[str | None, set[str]] = {}
    for part, speaker in rows:
        held.setdefault(part, set()).update([speaker] if speaker else [])
    prepared = held.keys() >= set(Part)
    return (set.intersection(*held.values()) if prepared else set()), prepared


def reach(session: Session, announcement: Announcement) -> Reach:
    """Where it is heard, by how many loudspeakers and people. Raises EmptyAudience."""
    choices = audiences.choices(announcement)
    audience = audiences.resolve(session, choices)
    units = {unit.id: unit for unit in session.scalars(select(Unit))}
    return Reach(
        place=place_name(announcement, choices, units),
        speakers=len(audience),
        villages=len({place.unit for place in audience}),
        people=listeners.people(session, choices, audience),
    )


def place_name(announcement: Announcement, choices: Iterable[Choice], units: Mapping[str, Unit]) -> str:
    """The unit an alert is for; where several are chosen, the unit in whose name it speaks."""
    chosen = [choice for choice in choices if choice.include]
    only = chosen[0].ref if len(chosen) == 1 and chosen[0].kind is ChoiceKind.UNIT else announcement.unit_id
    return units[only].name if only in units else only
