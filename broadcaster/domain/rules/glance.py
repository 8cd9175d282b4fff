"""Whether a sound is plainly allowed: a yes at a glance is certain, and a no means that the rules must be asked."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence

from broadcaster.domain.rules.chain import has_limits
from broadcaster.domain.rules.instants import DAY_MS, edges
from broadcaster.domain.rules.stretches import who_bars
from firmware_config.protocol import JOIN_MS, Kind, Klass, Millis, Played, Rules, Sound
from firmware_config.protocol.hours import MINUTE_MS, day_of, zone_named

QUARTER_MS = 15 * MINUTE_MS
"""No zone's day begins within one."""


class Programme:
    """What one speaker plays, kept so that a gap in it is found at once."""

    def __init__(self, plays: Iterable[Played] = ()) -> None:
        self.crowded = False
        """Whether plays overlap: then one waits for another, and a glance does not tell when it begins."""
        self.starts: list[Millis] = []
        self.ends: list[Millis] = []
        self.days: dict[int, list[int]] = {}
        """Local day → plays that begin on it, and their milliseconds."""
        self._waiting = list(plays)

    def count(self, glance: "Glance") -> None:
        """Count what it began with, on the days of that clock."""
        for play in self._waiting:
            self.add(play.start, play.end, glance.day(play.start))
        self._waiting = []

    def add(self, start: Millis, end: Millis, day: int) -> None:
        """One more play."""
        place = bisect_right(self.starts, start)
        before = place and self.ends[place - 1] > start
        self.crowded = self.crowded or bool(before) or (place < len(self.starts) and self.starts[place] < end)
        insort(self.starts, start)
        insort(self.ends, end)
        spent = self.days.setdefault(day, [0, 0])
        spent[0] += 1
        spent[1] += end - start

    def leaves(self, start: Millis, end: Millis, gap: Millis) -> bool:
        """Whether a sound has that much silence on both sides."""
        place = bisect_right(self.starts, start)
        if self.crowded or (place and start - self.ends[place - 1] < gap):
            return False
        return place == len(self.starts) or self.starts[place] - end >= gap


class Glance:
    """A chain of rules between two moments, as stretches that are wholly open and the tightest of its limits."""

    def __init__(self, chain: Sequence[Rules], begin: Millis, end: Millis) -> None:
        zones = {rules.zone for rules in chain}
        self.limited = has_limits(chain)
        # Sets that begin later, categories, or days that differ are not to be seen at a glance.
        steady = all(rules.since <= begin for rules in chain) and not any(rules.categories for rules in chain)
        self._zone = zone_named(next(iter(zones), "UTC"))
        self._opens, self._closes = _open(chain, begin, end) if steady and len(zones) == 1 else ([], [])
        self._gap = max([JOIN_MS, *(rules.pause_minutes * MINUTE_MS for rules in chain)]) + 1
        self._sessions = _tightest(rules.sessions_day for rules in chain)
        self._longest = _tightest(rules.session_minutes * MINUTE_MS for rules in chain)
        self._day = _tightest(rules.day_minutes * MINUTE_MS for rules in chain)
        self._days: dict[int, int] = {}

    def is_open(self, start: Millis, end: Millis) -> bool:
        """Whether all clocks plainly leave the whole of it open."""
        place = bisect_right(self._opens, start)
        return place > 0 and end <= self._closes[place - 1]

    def fits(self, programme: Programme, start: Millis, end: Millis) -> bool:
        """Whether it plainly stands alone and within the day's limits."""
        if end - start > self._longest or not programme.leaves(start, end, self._gap):
            return False
        spent = programme.days.get(self.day(start))
        if spent is None:
            return end - start <= self._day
        return spent[0] < self._sessions and spent[1] + end - start <= self._day

    def day(self, at: Millis) -> int:
        """The number of the local day."""
        quarter = at // QUARTER_MS
        if quarter not in self._days:
            self._days[quarter] = day_of(at, self._zone).toordinal()
        return self._days[quarter]


def _tightest(limits: Iterable[int]) -> int:
    return min((limit for limit in limits if limit), default=DAY_MS)


def _open(chain: Sequence[Rules], begin: Millis, end: Millis) -> tuple[list[Millis], list[Millis]]:
    instants = edges(chain, begin, end)
    pairs = [(start, following) for start, following in zip(instants, [*instants[1:], end], strict=True)]
    opened = [pair for pair in pairs if who_bars(chain, _moment(pair[0]))[0] is None]
    return [start for start, _ in opened], [following for _, following in opened]


def _moment(at: Millis) -> Sound:
    return Sound(Klass.NORMAL, Kind.LIVE, "", "", at, 1)
