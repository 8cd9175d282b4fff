"""The loudspeakers within sight: those somebody looks for, and where they are on the map."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from broadcaster.domain.words import plain
from broadcaster.services.places.health import Standing, standings
from broadcaster.store.tables import Speaker, Unit
from broadcaster.web.labels import SPEAKER, Label, label
from broadcaster.web.shown.places import Item, item, speaker_state
from broadcaster.web.shown.sight import Sight

ILL, ALL = "ill", "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for."""

    show: str = ALL
    """"all", "ill", or a state."""
    unit: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One page of those found, how many there are, and how many of all."""

    items: list[Item]
    matching: int
    total: int
    ill: int


@dataclass(frozen=True, slots=True)
class Spot:
    """One loudspeaker on the map."""

    id: str
    name: str
    unit: str
    state: Label
    latitude: float
    longitude: float
    seen: datetime | None


def found(session: Session, seen: Sight, wanted: Wanted, *, skip: int, limit: int, now: datetime) -> Found:
    """The worst first, whatever they are looked for by."""
    every = standings(session, seen.units, now=now)
    search = _Search(session, seen, wanted)
    some = [one for one in every if search.finds(one)]
    alarms = {one.id: one.alarms for one in some[skip : skip + limit]}
    rows = {row.id: row for row in session.scalars(select(Speaker).where(Speaker.id.in_(alarms)))}
    items = [item(rows[one], seen, alarms[one]) for one in alarms]
    return Found(items, len(some), len(every), sum(bool(one.alarms) for one in every))


class _Search:
    """What somebody looks for, prepared once."""

    def __init__(self, session: Session, seen: Sight, wanted: Wanted) -> None:
        self._seen, self._wanted, self._text = seen, wanted, plain(wanted.text)
        self._inside = seen.tree.under(wanted.unit) if wanted.unit in seen.units else seen.units
        columns = (Speaker.id, Speaker.revoked_at, Speaker.last_seen_at, Speaker.presence_at, Speaker.online)
        rows: Iterable[Any] = session.execute(select(*columns).where(Speaker.unit_id.in_(self._inside)))
        self._states = {row.id: speaker_state(row) for row in rows}

    def finds(self, one: Standing) -> bool:
        """Whether it is among those."""
        show = self._wanted.show
        if one.unit_id not in self._inside or (show == ILL and not one.alarms):
            return False
        if show in SPEAKER and self._states[one.id] != show:
            return False
        return not self._text or self._text in plain(f"{one.name} {self._seen.names_of(one.unit_id)} {one.id}")


def units(seen: Sight) -> list[tuple[str, str]]:
    """Every unit within sight with its depth as dashes, in the order of the tree."""
    return [(unit, "– " * depth + seen.names_of(unit)) for unit, depth in seen.walk()]


def spots(session: Session, seen: Sight) -> tuple[list[Spot], int]:
    """Those in service whose place is known, by unit and name; and how many have none."""
    rows = select(Speaker).where(Speaker.unit_id.in_(seen.units), Speaker.revoked_at.is_(None), ~Speaker.pretend)
    every = sorted(session.scalars(rows), key=lambda row: (plain(seen.names_of(row.unit_id)), plain(row.name)))
    found = [
        Spot(
            row.id,
            row.name,
            seen.names_of(row.unit_id),
            label(SPEAKER, speaker_state(row)),
            row.latitude,
            row.longitude,
            row.last_seen_at,
        )
        for row in every
        if row.latitude is not None and row.longitude is not None
    ]
    return found, len(every) - len(found)


def lines(session: Session, seen: Sight) -> dict[str, Any]:
    """The borders of the units within sight, as GeoJSON."""
    rows: Iterable[Row[Any]] = session.execute(
        select(Unit.id, Unit.name, Unit.boundary).where(Unit.id.in_(seen.units), Unit.boundary.is_not(None))
    )
    features = [
        {"type": "Feature", "properties": {"name": row.name}, "geometry": row.boundary} for row in rows if row.boundary
    ]
    return {"type": "FeatureCollection", "features": features}
