"""The life of an airing, and what its deliveries say about it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from broadcaster.domain import delivery, steps


class State(StrEnum):
    """How far an airing got."""

    PLANNED = "planned"
    ON_AIR = "on_air"
    DONE = "done"
    MISSED = "missed"
    REFUSED = "refused"
    """The rules of the air kept it from every speaker."""
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What can happen to it."""

    START = "start"
    """The first speaker said that it plays."""
    END = "end"
    """No speaker has anything left to do, and at least one played."""
    MISS = "miss"
    """Its time is over and nobody has said that it played."""
    CANCEL = "cancel"
    REFUSE = "refuse"
    """Rules that hold now allow it nowhere."""
    ALLOW = "allow"
    """They do again, before any speaker was told."""


TABLE: dict[tuple[State, Event], State] = {
    (State.PLANNED, Event.START): State.ON_AIR,
    (State.PLANNED, Event.END): State.DONE,
    (State.PLANNED, Event.MISS): State.MISSED,
    (State.PLANNED, Event.CANCEL): State.CANCELLED,
    (State.PLANNED, Event.REFUSE): State.REFUSED,
    (State.ON_AIR, Event.START): State.ON_AIR,
    (State.ON_AIR, Event.END): State.DONE,
    # It began, and everything that played was cancelled since.
    (State.ON_AIR, Event.MISS): State.DONE,
    (State.ON_AIR, Event.CANCEL): State.CANCELLED,
    # A speaker that was offline tells later what it played.
    (State.MISSED, Event.START): State.DONE,
    (State.MISSED, Event.END): State.DONE,
    (State.MISSED, Event.MISS): State.MISSED,
    (State.REFUSED, Event.ALLOW): State.PLANNED,
    # It began there before the refusal arrived.
    (State.REFUSED, Event.START): State.DONE,
    (State.REFUSED, Event.END): State.DONE,
    (State.REFUSED, Event.MISS): State.REFUSED,
    (State.DONE, Event.START): State.DONE,
    (State.DONE, Event.END): State.DONE,
}
OPEN = (State.PLANNED, State.ON_AIR)

LATENESS = {
    "normal": timedelta(minutes=15),
    "priority": timedelta(minutes=30),
    "emergency": timedelta(hours=1),
}
MAX_STARTS = 3
# What the sound may need beyond its own length: lead and tail silence, and an interruption by something more urgent.
MARGIN = timedelta(minutes=2)


def step(state: State, event: Event) -> State:
    """The state after the event; raises IllegalStep when that cannot happen now."""
    return steps.take(TABLE, state, event)


def begins(planned_at: datetime, hold_until: datetime | None) -> datetime:
    """When it may begin: at its time, or later where the commune put another one before it."""
    return max(planned_at, hold_until or planned_at)


def latest_start(start: datetime, klass: str) -> datetime:
    """Until when a speaker that was off or busy may still begin."""
    return start + LATENESS[klass]


def expiry(start: datetime, klass: str, ms: int) -> datetime:
    """When the last sample has been played or never will be."""
    return latest_start(start, klass) + timedelta(milliseconds=ms) + MARGIN


def told_by(counts: Mapping[str, int], *, over: bool) -> Event | None:
    """What the deliveries' states say about their airing; `over` = its time has passed. None = nothing new."""
    there = {delivery.State(state) for state, number in counts.items() if number}
    return told(bool(there & delivery.PLAYED), not there or bool(there - delivery.ENDED), over=over)


def told(played: bool, unfinished: bool, *, over: bool) -> Event | None:
    """The same, by whether any delivery played and whether any has not come to its end."""
    if played and (over or not unfinished):
        return Event.END
    if played:
        return Event.START
    return Event.MISS if over or not unfinished else None
