"""The one engine under every state machine: a table of state and event."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from broadcaster.domain.errors import IllegalStep

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


def take(table: Mapping[tuple[State, Event], State], state: State, event: Event) -> State:
    """The state after the event; raises IllegalStep for a pair that is not in the table."""
    try:
        return table[state, event]
    except KeyError:
        raise IllegalStep(event=event, state=state) from None
