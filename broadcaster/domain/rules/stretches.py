"""When a chain of rules is open and when it is closed, as stretches of time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from broadcaster.domain.rules.instants import edges
from firmware_config.protocol import Barred, Exempt, Kind, Klass, Millis, Played, Rules, Sound, barred, in_force


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to `end`; open where nothing bars."""

    start: Millis
    end: Millis
    bar: Barred | None = None
    unit: str = ""
    """Whose rules close it."""


def stretches(chain: Sequence[Rules], begin: Millis, end: Millis) -> list[Stretch]:
    """What the clocks of a chain leave open between two instants; each differs from the one before."""
    clocks = [replace(rules, categories=()) for rules in chain]
    instants = edges(clocks, begin, end)
    found: list[Stretch] = []
    for start, following in zip(instants, [*instants[1:], end], strict=True):
        bar, unit = who_bars(clocks, _moment(start))
        if found and (found[-1].bar, found[-1].unit) == (bar, unit):
            found[-1] = replace(found[-1], end=following)
        else:
            found.append(Stretch(start, following, bar, unit))
    return found


def who_bars(
    chain: Sequence[Rules], sound: Sound, heard: Sequence[Played] = (), exempt: Sequence[Exempt] = ()
) -> tuple[Barred | None, str]:
    """Why a sound may not be heard, and the topmost unit whose rules say so."""
    bar = barred(chain, sound, heard, exempt)
    if bar is None:
        return None, ""
    ruling = in_force(chain, sound.start)
    return bar, next((rules.unit for rules in ruling if barred((rules,), sound, heard, exempt) is bar), "")


def _moment(at: Millis) -> Sound:
    return Sound(Klass.NORMAL, Kind.LIVE, "", "", at, 1)
