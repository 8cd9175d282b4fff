"""One airing's way on this speaker, as a table: what is not in the table raises and changes nothing."""

from dataclasses import dataclass, replace
from enum import StrEnum

from firmware_config.protocol import Item


class Stage(StrEnum):
    """How far an airing got here."""

    SEEN = "seen"
    STORED = "stored"
    ARMED = "armed"
    STARTED = "started"
    FINISHED = "finished"
    HEARD = "heard"
    PARTIAL = "partial"
    MISSED = "missed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What may happen to an airing here."""

    STORE = "store"
    ARM = "arm"
    START = "start"
    UNSTART = "unstart"
    FINISH = "finish"
    HEAR = "hear"
    GIVE_UP = "give_up"
    MISS = "miss"
    REFUSE = "refuse"
    CANCEL = "cancel"


_WAITING = {Step.MISS: Stage.MISSED, Step.REFUSE: Stage.REFUSED, Step.CANCEL: Stage.CANCELLED}

TABLE: dict[Stage, dict[Step, Stage]] = {
    Stage.SEEN: {Step.STORE: Stage.STORED, Step.START: Stage.STARTED, **_WAITING},
    Stage.STORED: {Step.ARM: Stage.ARMED, Step.START: Stage.STARTED, **_WAITING},
    Stage.ARMED: {Step.START: Stage.STARTED, **_WAITING},
    Stage.STARTED: {
        Step.START: Stage.STARTED,
        Step.UNSTART: Stage.ARMED,
        Step.FINISH: Stage.FINISHED,
        Step.GIVE_UP: Stage.PARTIAL,
        Step.CANCEL: Stage.CANCELLED,
    },
    Stage.FINISHED: {Step.HEAR: Stage.HEARD},
    Stage.HEARD: {},
    Stage.PARTIAL: {},
    Stage.MISSED: {},
    Stage.REFUSED: {},
    Stage.CANCELLED: {},
}

OVER = frozenset({Stage.FINISHED, Stage.HEARD, Stage.PARTIAL, Stage.MISSED, Stage.REFUSED, Stage.CANCELLED})
"""Stages after which nothing is played any more."""


class IllegalStep(Exception):
    """This airing cannot go that way from where it is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An airing in the ledger."""

    item: Item
    stage: Stage = Stage.SEEN
    starts: int = 0
    """Times it was started, on disk before the first sample."""
    live: bool = False
    """Came by a live command; no manifest needs to know it."""

    @property
    def airing(self) -> str:
        """The airing's id."""
        return self.item.airing

    @property
    def over(self) -> bool:
        """Whether nothing is played any more."""
        return self.stage in OVER


def advance(entry: Entry, step: Step) -> Entry:
    """The entry after a step; raises IllegalStep, also for one start more than `max_starts`."""
    stage = TABLE[entry.stage].get(step)
    if stage is None or (step is Step.START and entry.starts >= entry.item.max_starts):
        raise IllegalStep(f"{entry.airing}: {step} from {entry.stage} after {entry.starts} starts")
    starts = entry.starts + {Step.START: 1, Step.UNSTART: -1}.get(step, 0)
    if step is Step.UNSTART and starts > 0:
        stage = Stage.STARTED
    return replace(entry, stage=stage, starts=starts)


def turned_away(entry: Entry) -> Step:
    """How an airing ends that must not go on: `refuse` before its first start, `give_up` after it."""
    return Step.GIVE_UP if entry.stage is Stage.STARTED else Step.REFUSE
