"""What an announcement costs the SIM cards of the loudspeakers that hear it, foreseen before it is sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from firmware_config.data_budget import may_fetch
from firmware_config.protocol import Klass

PER_HUNDRED = 108
"""Bytes on the line for each hundred of a clip: encryption and headers."""
OVERHEAD = 4_000
"""For the plan, the words and the receipts of one airing; `make bench` holds both figures on a real speaker."""


@dataclass(frozen=True, slots=True)
class Line:
    """One loudspeaker's SIM card, and the clips it must still fetch: name → bytes."""

    speaker: str
    missing: Mapping[str, int]
    used: int = 0
    """In this month, as it last said."""
    cap: int = 0
    """What the month allows; 0 = any amount."""
    documents: int = 1
    """With what stands by to correct it."""

    @property
    def bytes(self) -> int:
        """What the announcement costs it."""
        return self.least + sum(self.missing.values()) * PER_HUNDRED // 100

    @property
    def least(self) -> int:
        """The same without any sound."""
        return OVERHEAD * self.documents


@dataclass(frozen=True, slots=True)
class Cost:
    """For all of them together."""

    speakers: int
    total: int
    most: int
    """For the SIM card that pays most."""
    costliest: str
    fetching: int
    """How many must fetch some sound."""
    short: tuple[str, ...]
    """Whose month is too far spent: they will not fetch it, unless it is an emergency."""
    beyond: tuple[str, ...]
    """Whose month would be spent altogether; an emergency is fetched nevertheless."""


def cost(lines: Iterable[Line], klass: Klass) -> Cost:
    """The sum of it; what is withheld costs nothing but the words."""
    known = list(lines)
    short = tuple(one.speaker for one in known if _is_short(one, klass))
    paid = {one.speaker: one.least if one.speaker in short else one.bytes for one in known}
    costliest = max(paid, key=lambda speaker: (paid[speaker], speaker), default="")
    return Cost(
        speakers=len(known),
        total=sum(paid.values()),
        most=paid.get(costliest, 0),
        costliest=costliest,
        fetching=sum(bool(one.missing) for one in known),
        short=short,
        beyond=tuple(one.speaker for one in known if one.cap and one.used + one.bytes > one.cap),
    )


def _is_short(line: Line, klass: Klass) -> bool:
    return any(not may_fetch(klass, line.used, line.cap, size) for size in _piled(line.missing.values()))


def _piled(sizes: Iterable[int]) -> Iterable[int]:
    """Each with all before it, as the loudspeaker counts what is on its way."""
    total = 0
    for size in sizes:
        total += size
        yield total
