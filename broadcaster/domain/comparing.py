"""Units side by side: what is counted of each, how bad it is, and in which order they are shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from broadcaster.domain.words import plain

FEW = 0.8
"""Below this share of the loudspeakers, or of what should have been heard, something is wrong with a whole unit."""


class By(StrEnum):
    """What units can be put in order by; all but the name put the worst first."""

    TROUBLE = "trouble"
    NAME = "name"
    ONLINE = "online"
    TODAY = "today"
    WEEK = "week"
    FAILURES = "failures"
    EXCEPTIONS = "exceptions"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int = 0
    whole: int = 0

    @property
    def ratio(self) -> float | None:
        """None where there was nothing to count."""
        return self.part / self.whole if self.whole else None

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 means all of them."""
        return self.part * 100 // self.whole if self.whole else None

    @property
    def missing(self) -> int:
        """How many there are not."""
        return self.whole - self.part

    @property
    def few(self) -> bool:
        """Whether it is too small a share; nothing of nothing is not."""
        return self.ratio is not None and self.ratio < FEW

    def __add__(self, other: "Share") -> "Share":
        return Share(self.part + other.part, self.whole + other.whole)


@dataclass(frozen=True, slots=True)
class Drill:
    """The last drill, and on how many loudspeakers it sounded."""

    airing: str
    at: datetime
    sounded: Share


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of one unit and everything in it."""

    online: Share = Share()
    today: Share = Share()
    week: Share = Share()
    ill: int = 0
    """Loudspeakers that somebody must look at."""
    waiting: int = 0
    """Villages asked to say what a loudspeaker did not, without an answer."""
    running: int = 0
    exceptions: int = 0
    drill: Drill | None = None
    seen_at: datetime | None = None
    """When a loudspeaker there last said anything."""

    @property
    def failures(self) -> int:
        """What is open."""
        return self.ill + self.waiting

    @property
    def tone(self) -> str:
        """bad, wait, ok, or off where no loudspeaker hangs."""
        if self.waiting or self.online.few or self.today.few:
            return "bad"
        if self.failures or self.week.few or self.running:
            return "wait"
        return "ok" if self.online.whole else "off"

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            online=self.online + other.online,
            today=self.today + other.today,
            week=self.week + other.week,
            ill=self.ill + other.ill,
            waiting=self.waiting + other.waiting,
            running=self.running + other.running,
            exceptions=self.exceptions + other.exceptions,
            drill=_last(self.drill, other.drill),
            seen_at=max((at for at in (self.seen_at, other.seen_at) if at), default=None),
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """One unit with its figures."""

    id: str
    name: str
    figures: Figures
    below: int
    """How many units lie in it."""


def _last(one: Drill | None, other: Drill | None) -> Drill | None:
    if one is None or other is None:
        return one or other
    if one.airing == other.airing:
        return Drill(one.airing, one.at, one.sounded + other.sounded)
    return max(one, other, key=lambda drill: (drill.at, drill.airing))


WEIGHT = {"bad": 0, "wait": 1, "ok": 2, "off": 3}


def in_order(units: Iterable[Compared], by: By, *, reverse: bool = False) -> list[Compared]:
    """The units in one order; where two are the same, by name."""
    named = sorted(units, key=lambda one: (plain(one.name), one.name, one.id))
    if by is By.NAME:
        return named[::-1] if reverse else named
    return sorted(named, key=lambda one: _badness(one.figures, by), reverse=reverse)


def _badness(it: Figures, by: By) -> tuple[float, ...]:
    match by:
        case By.ONLINE:
            return (_share(it.online),)
        case By.TODAY:
            return (_share(it.today),)
        case By.WEEK:
            return (_share(it.week),)
        case By.FAILURES:
            return (-it.failures,)
        case By.EXCEPTIONS:
            return (-it.running, -it.exceptions)
        case By.DRILL:
            return (it.drill.at.timestamp() if it.drill else 0.0,)
        case _:
            return (WEIGHT[it.tone], -it.waiting, _share(it.today), _share(it.online), -it.ill)


def _share(share: Share) -> float:
    return 2.0 if share.ratio is None else share.ratio
