"""Collisions as people read them, and how many wait for somebody to look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.domain.collisions import ORDERED, Collision, Slot
from broadcaster.domain.permissions import Action
from broadcaster.services.airtime import collisions
from broadcaster.services.moments import moment
from broadcaster.store.tables import Airing, Announcement, Speaker
from broadcaster.web.i18n import ZONE, length
from broadcaster.web.labels import KLASS, Label, label
from broadcaster.web.shown.sight import Sight
from firmware_config.protocol import Millis

MOST_NAMES = 4


@dataclass(frozen=True, slots=True)
class Item:
    """One airing of a collision; `up` and `down` are the whole order as it would be then, empty at the ends."""

    airing: str
    title: str
    unit: str
    planned_at: datetime
    held: str
    """Until when it waits for one that was put before it and begins later; empty where it does not."""
    expected: str
    """When a loudspeaker comes to it, the others of the collision before it, on the village clock."""
    length: str
    up: tuple[str, ...]
    down: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One collision."""

    klass: Label
    at: datetime
    items: tuple[Item, ...]
    speakers: tuple[str, ...]
    """The names of the first few."""
    more: int
    """How many others."""
    can_order: bool


def how_many(session: Session, seen: Sight, *, now: datetime) -> int:
    """How many collisions of priority airings there are within sight: for the page of today."""
    return len(collisions.ahead(session, seen.units, now=now, classes=ORDERED))


def ahead(session: Session, seen: Sight, *, now: datetime) -> list[Shown]:
    """Those of priority airings first, then by time."""
    found = sorted(collisions.ahead(session, seen.units, now=now), key=lambda one: not one.ordered)
    ids = {slot.airing for one in found for slot in one.slots}
    query = select(Airing.id, Announcement.title, Announcement.unit_id).join(
        Announcement, Announcement.id == Airing.announcement_id
    )
    facts = {row.id: (row.title, row.unit_id) for row in session.execute(query.where(Airing.id.in_(ids)))}
    names = {row.id: row.name for row in session.execute(select(Speaker.id, Speaker.name))} if found else {}
    return [_shown(one, seen, facts, names) for one in found]


def _shown(one: Collision, seen: Sight, facts: Mapping[str, tuple[str, str]], names: Mapping[str, str]) -> Shown:
    order = [slot.airing for slot in one.slots]
    can_order = one.ordered and all(seen.allows(Action.AIR, facts[airing][1]) for airing in order)
    starts = expected(one)
    items = tuple(
        Item(
            slot.airing,
            facts[slot.airing][0],
            seen.names_of(facts[slot.airing][1]),
            moment(slot.start),
            _clock(slot.hold) if slot.hold else "",
            _clock(starts[slot.airing]),
            length(slot.ms),
            up=swapped(order, place - 1) if can_order else (),
            down=swapped(order, place) if can_order else (),
        )
        for place, slot in enumerate(one.slots)
    )
    known = sorted(names.get(speaker, speaker) for speaker in one.speakers)
    first = tuple(known[:MOST_NAMES])
    return Shown(label(KLASS, one.klass), moment(one.start), items, first, len(known) - len(first), can_order)


def _clock(at: Millis) -> str:
    return f"{moment(at).astimezone(ZONE):%H:%M:%S}"


def expected(one: Collision) -> dict[str, int]:
    """When each begins on a loudspeaker that plays all of them: of those that are due, the first in order."""
    left, starts, free = list(one.slots), {}, one.start
    while left:
        free = max(free, min(slot.begins for slot in left))
        next_one: Slot = next(slot for slot in left if slot.begins <= free)
        starts[next_one.airing] = free
        free += next_one.ms
        left.remove(next_one)
    return starts


def swapped(order: list[str], place: int) -> tuple[str, ...]:
    """The order with the two at `place` and after it exchanged; empty where there are no two."""
    if not 0 <= place < len(order) - 1:
        return ()
    return (*order[:place], order[place + 1], order[place], *order[place + 2 :])
