"""Virtual time, chance by name, and the trace: the same seed gives the same hash."""

import hashlib
import heapq
import itertools
from collections.abc import Callable
from random import Random

from firmware_config.protocol import Millis

Work = Callable[[], object]


def only(holds: Callable[[], bool], work: Work) -> Work:
    """The work, to be done if that still holds then."""

    def guarded() -> None:
        if holds():
            work()

    return guarded


class Trace:
    """All that was sent, received, sounded and recorded, as one hash; the lines are kept on demand."""

    def __init__(self, *, keep: bool = False) -> None:
        self._digest = hashlib.sha256()
        self._keep = keep
        self.lines: list[str] = []

    def note(self, at: Millis, *facts: object) -> None:
        """One more line; bytes stand as their hash."""
        line = " ".join([str(at), *map(_said, facts)])
        self._digest.update(f"{line}\n".encode())
        if self._keep:
            self.lines.append(line)

    @property
    def hash(self) -> str:
        """Of everything so far."""
        return self._digest.hexdigest()


def _said(fact: object) -> str:
    return hashlib.sha256(fact).hexdigest()[:16] if isinstance(fact, bytes) else str(fact)


class Kernel:
    """The one clock of a world; what is due at one moment happens in the order in which it was asked for."""

    def __init__(self, seed: int, start: Millis, trace: Trace) -> None:
        self.now = start
        self.trace = trace
        self._seed = seed
        self._due: list[tuple[Millis, int, Work]] = []
        self._numbers = itertools.count()

    def chance(self, name: str) -> Random:
        """A source of its own for each part, so that one more draw here changes nothing there."""
        return Random(f"{self._seed} {name}")

    def after(self, ms: float, work: Work) -> None:
        """Do it so much later."""
        self.at(self.now + round(ms), work)

    def at(self, moment: Millis, work: Work) -> None:
        """Do it then, or now if then is past."""
        heapq.heappush(self._due, (max(moment, self.now), next(self._numbers), work))

    def run(self, until: Millis) -> None:
        """Let time go by."""
        while self._due and self._due[0][0] <= until:
            self.now, _, work = heapq.heappop(self._due)
            work()
        self.now = until

    def note(self, *facts: object) -> None:
        """Into the trace, with the time."""
        self.trace.note(self.now, *facts)
