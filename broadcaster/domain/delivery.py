"""How far one airing got on one speaker: late and double reports never take it back."""

from enum import StrEnum

from broadcaster.domain import steps


class State(StrEnum):
    """The rungs of the ladder, and the four ways to fall off it."""

    PLANNED = "planned"
    STORED = "stored"
    ARMED = "armed"
    STARTED = "started"
    FINISHED = "finished"
    HEARD = "heard"
    PARTIAL = "partial"
    MISSED = "missed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Report(StrEnum):
    """What is said about a delivery, by its speaker or, for `missed` and `cancelled`, by ourselves."""

    STORED = "stored"
    ARMED = "armed"
    STARTED = "started"
    FINISHED = "finished"
    HEARD = "heard"
    PARTIAL = "partial"
    MISSED = "missed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


LADDER = (State.PLANNED, State.STORED, State.ARMED, State.STARTED, State.FINISHED, State.HEARD)
ENDED = frozenset({State.FINISHED, State.HEARD, State.PARTIAL, State.MISSED, State.REFUSED, State.CANCELLED})
PLAYED = frozenset({State.STARTED, State.FINISHED, State.HEARD, State.PARTIAL})

# Evidence of sound outweighs its absence: what we gave up as missed may yet be reported as heard.
RANK: dict[State, int] = {
    State.PLANNED: 0,
    State.STORED: 1,
    State.ARMED: 2,
    State.MISSED: 3,
    State.REFUSED: 3,
    State.STARTED: 4,
    State.PARTIAL: 5,
    State.CANCELLED: 5,
    State.FINISHED: 6,
    State.HEARD: 7,
}

TABLE: dict[tuple[State, Report], State] = {
    (state, report): State(report) if RANK[State(report)] > RANK[state] else state
    for state in State
    for report in Report
}


def step(state: State, report: Report) -> State:
    """The state after a report; the same state for one that is late or double."""
    return steps.take(TABLE, state, report)
