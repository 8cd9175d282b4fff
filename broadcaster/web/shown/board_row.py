"""One loudspeaker on the board of an airing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.delivery import LADDER, State
from broadcaster.store.tables import Delivery
from broadcaster.web.i18n import ZONE
from broadcaster.web.labels import BY_PERSON, DELIVERY, HEARD_BY, REASON, Label, label
from firmware_config.protocol import read_levels

BARS = "▁▂▃▄▅▆▇█"
BARS_ACROSS = 40
QUIET = 4_500
"""Centi-dB under full scale at which a loudspeaker no longer says that it was heard."""
FAILED = tuple(state for state in State if DELIVERY[state].tone == "bad")


@dataclass(frozen=True, slots=True)
class Row:
    """One loudspeaker on the board; `rungs` says of each step of the ladder whether it was reached."""

    speaker: str
    name: str
    unit: str
    label: Label
    rungs: tuple[bool, ...]
    at: str
    attempt: int
    reason: str
    level: int | None
    unheard: tuple[str, ...]
    """Languages its village wants and did not hear."""
    strip: str = ""
    """How loud each second was, as bars."""
    by_person: Label | None = None
    """Where nothing was heard and a person said it instead."""
    said_at: str = ""
    pretend: bool = False
    """A browser that plays instead of a loudspeaker: never heard."""


def row(delivery: Delivery, name: str, unit: str, missing: Sequence[str], *, pretend: bool = False) -> Row:
    """One line of the board; `missing` are the languages its village wants and did not hear."""
    at = latest(delivery)
    return Row(
        delivery.speaker_id,
        name,
        unit,
        _label(delivery, pretend=pretend),
        tuple(reached(delivery)),
        at.astimezone(ZONE).strftime("%H:%M:%S") if at else "",
        delivery.attempt,
        REASON.get(delivery.reason, delivery.reason),
        delivery.level,
        tuple(missing),
        strip(delivery.seconds),
        BY_PERSON if delivery.by_person_at else None,
        delivery.by_person_at.astimezone(ZONE).strftime("%H:%M:%S") if delivery.by_person_at else "",
        pretend,
    )


def _label(delivery: Delivery, *, pretend: bool) -> Label:
    if delivery.state != State.HEARD:
        return label(DELIVERY, delivery.state)
    # What a browser says of itself proves no sound in a village.
    return label(DELIVERY, State.FINISHED) if pretend else HEARD_BY.get(delivery.proof or "", DELIVERY[State.HEARD])


def strip(seconds: str) -> str:
    """The level of each second as at most forty bars, the loudest of those that share one; -45 dBFS and less is low."""
    levels = read_levels(seconds)
    each = max(1, -(-len(levels) // BARS_ACROSS))
    loudest = [max(levels[at : at + each]) for at in range(0, len(levels), each)]
    return "".join(BARS[max(0, min(len(BARS) - 1, (level + QUIET) * len(BARS) // QUIET))] for level in loudest)


def reached(delivery: Delivery) -> Iterable[bool]:
    """For each step of the ladder whether the loudspeaker has been there: by its own times, or by a later step."""
    state = State(delivery.state)
    place = LADDER.index(state) if state in LADDER else -1
    for number, step in enumerate(LADDER):
        yield step is State.PLANNED or number <= place or getattr(delivery, f"{step}_at") is not None


def latest(delivery: Delivery) -> datetime | None:
    """When the loudspeaker got as far as it is."""
    return getattr(delivery, f"{delivery.state}_at", None) or delivery.ended_at
