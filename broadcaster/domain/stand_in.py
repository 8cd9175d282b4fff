"""A village head says what a loudspeaker did not: when he is asked, and how that ends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from broadcaster.domain import delivery, steps
from broadcaster.domain.errors import Malformed
from firmware_config.protocol import Barred


class State(StrEnum):
    """How far the request to a person got."""

    OPEN = "open"
    ESCALATED = "escalated"
    """Nobody answered in time: the commune is told to see to it."""
    DONE = "done"
    """A person says that it was said."""
    COULD_NOT = "could_not"
    NOT_NEEDED = "not_needed"
    """The loudspeaker began after all, or the village said that it knows."""
    WITHDRAWN = "withdrawn"
    """It must not be said any more."""
    EXPIRED = "expired"


class Event(StrEnum):
    """What can happen to it."""

    ESCALATE = "escalate"
    SAY = "say"
    FAIL = "fail"
    START = "start"
    TAKE_BACK = "take_back"
    EXPIRE = "expire"


class Cause(StrEnum):
    """Why a person is asked."""

    SILENT = "silent"
    SPOKEN = "spoken"
    """What this corrects or ends was said there by a person, so a person must take it back too."""


WAITING = (State.OPEN, State.ESCALATED)
ANSWERED = (State.DONE, State.COULD_NOT)
FOR_THE_COMMUNE = (State.ESCALATED, State.COULD_NOT)

TABLE: Mapping[tuple[State, Event], State] = MappingProxyType(
    {
        (State.OPEN, Event.ESCALATE): State.ESCALATED,
        **{(state, Event.SAY): State.DONE for state in WAITING},
        **{(state, Event.FAIL): State.COULD_NOT for state in WAITING},
        **{(state, Event.START): State.NOT_NEEDED for state in WAITING},
        **{(state, Event.TAKE_BACK): State.WITHDRAWN for state in WAITING},
        **{(state, Event.EXPIRE): State.EXPIRED for state in WAITING},
        # The commune found somebody else.
        (State.COULD_NOT, Event.SAY): State.DONE,
        # It was said before it was taken back, which only whoever said it can tell.
        (State.WITHDRAWN, Event.SAY): State.DONE,
    }
)

SILENT = frozenset(
    {
        delivery.State.PLANNED,
        delivery.State.STORED,
        delivery.State.ARMED,
        delivery.State.MISSED,
        delivery.State.REFUSED,
    }
)
# What the rules of the air keep from the horn they keep from the loudhailer.
RULED_OUT = frozenset(Barred)
MOST_MINUTES = 120
LIFE: Mapping[str, timedelta] = MappingProxyType({"emergency": timedelta(hours=6), "priority": timedelta(hours=4)})
"""How long it is worth saying, counted from its hour, unless its own validity ends before."""


def step(state: State, event: Event) -> State:
    """The state after the event; raises IllegalStep when that cannot happen now."""
    return steps.take(TABLE, state, event)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a loudspeaker may be silent before a person is asked, and how long that person may be."""

    ask: timedelta
    escalate: timedelta


USUAL: Mapping[str, Limits] = MappingProxyType(
    {
        "emergency": Limits(timedelta(minutes=3), timedelta(minutes=5)),
        "priority": Limits(timedelta(minutes=15), timedelta(minutes=30)),
    }
)


def limits_of(settings: Iterable[Mapping[str, Any] | None], klass: str) -> Limits:
    """What holds for a class, given the settings of a unit and of all above it, the nearest first."""
    # What takes back what a person said may be of any class.
    named = klass if klass in USUAL else "priority"
    for own in settings:
        if own and named in own:
            ask, escalate = own[named]
            return Limits(timedelta(minutes=ask), timedelta(minutes=escalate))
    return USUAL[named]


def parse(given: object) -> dict[str, list[int]]:
    """A unit's own settings, {class: [minutes until asked, minutes until escalated]}. Raises Malformed."""
    if not isinstance(given, Mapping) or not set(given) <= set(USUAL):
        raise Malformed(field="stand_in", problem=", ".join(USUAL))
    return {klass: _minutes(klass, pair) for klass, pair in given.items()}


def _minutes(klass: str, pair: object) -> list[int]:
    if isinstance(pair, list) and len(pair) == 2 and all(type(one) is int and 1 <= one <= MOST_MINUTES for one in pair):
        return list(pair)
    raise Malformed(field=klass, problem=f"1–{MOST_MINUTES}")


@dataclass(frozen=True, slots=True)
class Facts:
    """How it stands with what a person was asked to say."""

    silent: bool
    """A loudspeaker there still has not begun."""
    taken_back: bool = False
    """Cancelled, withdrawn, changed, corrected, ended or stopped there."""
    known: bool = False
    """Somebody there acknowledged it."""
    expired: bool = False


def told(cause: Cause, facts: Facts) -> Event | None:
    """What ends it now without an answer; None = a person is still needed."""
    if facts.taken_back:
        return Event.TAKE_BACK
    if facts.expired:
        return Event.EXPIRE
    if facts.known or (cause is Cause.SILENT and not facts.silent):
        return Event.START
    return None


def ends(begins: datetime, klass: str, valid_until: datetime | None) -> datetime:
    """Until when it is worth saying."""
    latest = begins + LIFE.get(klass, LIFE["priority"])
    return min(latest, valid_until) if valid_until else latest


def is_silent(state: str, reason: str) -> bool:
    """Whether a delivery in this state is one that a person may have to stand in for."""
    return state in SILENT and not (state == delivery.State.REFUSED and reason in RULED_OUT)


def ordered(texts: Iterable[tuple[str, str]], order: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """(language, text) pairs in the village's order; languages it does not name keep the author's order behind."""
    place = {language: number for number, language in enumerate(order)}
    return tuple(sorted(texts, key=lambda pair: place.get(pair[0], len(place))))
