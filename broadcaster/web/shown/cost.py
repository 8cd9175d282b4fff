"""What an announcement will cost in mobile data, as an official reads it before it is sent."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.data_cost import Cost
from broadcaster.services.airtime import costing
from broadcaster.store.tables import Announcement, Speaker
from broadcaster.web.shown.sight import Sight

NAMED = 5
"""So many loudspeakers are named; of the others only the number is told."""


@dataclass(frozen=True, slots=True)
class Named:
    """One loudspeaker to be looked at."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CostView:
    """The cost with the names that matter."""

    speakers: int
    fetching: int
    total: int
    """Bytes, as all of it."""
    most: int
    costliest: str
    short: tuple[Named, ...]
    short_others: int
    beyond: tuple[Named, ...]
    """Who goes beyond the month and fetches it nevertheless."""
    beyond_others: int


def cost_view(session: Session, seen: Sight, announcement: Announcement, *, now: datetime) -> CostView:
    """What it will cost the loudspeakers that hear it."""
    found = costing.foreseen(session, announcement, now=now)
    beyond = tuple(one for one in found.beyond if one not in found.short)
    names = _names(session, seen, found, beyond)
    short_named = _named(found.short, names)
    beyond_named = _named(beyond, names)
    return CostView(
        speakers=found.speakers,
        fetching=found.fetching,
        total=found.total,
        most=found.most,
        costliest=names.get(found.costliest, ""),
        short=short_named,
        short_others=len(found.short) - len(short_named),
        beyond=beyond_named,
        beyond_others=len(beyond) - len(beyond_named),
    )


def _names(session: Session, seen: Sight, found: Cost, beyond: tuple[str, ...]) -> dict[str, str]:
    wanted = [found.costliest, *found.short[:NAMED], *beyond[:NAMED]]
    rows = session.execute(select(Speaker.id, Speaker.name, Speaker.unit_id).where(Speaker.id.in_(wanted)))
    return {row.id: row.name for row in rows if row.unit_id in seen.units}


def _named(speakers: tuple[str, ...], names: dict[str, str]) -> tuple[Named, ...]:
    return tuple(Named(one, names[one]) for one in speakers[:NAMED] if one in names)
