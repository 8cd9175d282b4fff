"""What a fault is: its number, what it must not break, and how it is made.

A module of this package whose name begins with a number (`t04_broker_killed.py`) defines `FAULT`, or `FAULTS`, a tuple.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

NEEDS = frozenset({"root", "tun", "loop", "faketime", "postgres"})
"""What a fault may need of the machine beside what the ordinary tests need."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of a fault is made: 1.0 is all that is asked for; the same seed gives the same chances."""

    share: float
    seed: int
    folder: Path
    """Empty, the fault's own, gone afterwards."""

    def of(self, whole: float, least: int = 1) -> int:
        """This share of a count, but never less than `least`."""
        return max(least, round(whole * self.share))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it."""

    good: bool
    figure: str
    """One line: what was measured, in the words of the criterion."""
    details: str = ""
    """What somebody who wants to mend it must know; any number of lines."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; `run` makes it and judges. An exception of `run` counts as not good."""

    number: str
    title: str
    criterion: str
    run: Callable[[Scale], Outcome]
    needs: frozenset[str] = frozenset()


def progress(text: str) -> None:
    """One line that the next one takes the place of; nothing where nobody looks on."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
