"""The next moment at which a sound may be heard, searched by the ends of windows and not minute by minute."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from broadcaster.domain.rules.instants import DAY_MS, edges, whole_minute
from broadcaster.domain.rules.stretches import who_bars
from firmware_config.protocol import JOIN_MS, Barred, Exempt, Millis, Played, Rules, Sound, barred
from firmware_config.protocol.hours import MINUTE_MS


@dataclass(frozen=True, slots=True)
class Listener:
    """All speakers for which the same question has the same answer."""

    chain: tuple[Rules, ...]
    stagger: Millis = 0
    """How much later they start than planned."""
    heard: tuple[Played, ...] = ()
    exempt: tuple[Exempt, ...] = ()

    def bars(self, sound: Sound) -> Barred | None:
        """Why they may not play what is planned for that start; what waits for others is judged where it begins."""
        return next((bar for each in self.heard_as(sound) if (bar := self._bars(each)) is not None), None)

    def heard_as(self, sound: Sound) -> list[Sound]:
        """The sound when it is due on these speakers, and when it begins where it must wait for others."""
        due = sound.start + self.stagger
        return [replace(sound, start=start) for start in dict.fromkeys((due, queued(due, self.heard)))]

    def blame(self, sound: Sound) -> tuple[Sound, str]:
        """The sound as it is barred, and the topmost unit whose rules bar it."""
        mine = next(each for each in self.heard_as(sound) if self._bars(each) is not None)
        return mine, who_bars(self.chain, mine, self.heard, self.exempt)[1]

    def _bars(self, sound: Sound) -> Barred | None:
        return barred(self.chain, sound, self.heard, self.exempt)


def laid_out(plays: Sequence[Played]) -> tuple[Played, ...]:
    """Plays as one speaker plays them: what was planned into another begins when that one is over."""
    found: list[Played] = []
    for play in sorted(plays, key=lambda each: (each.start, each.end)):
        start = max(play.start, found[-1].end) if found else play.start
        found.append(Played(start, start + play.end - play.start))
    return tuple(found)


def queued(start: Millis, heard: Sequence[Played]) -> Millis:
    """When a sound planned for `start` begins on a speaker that plays these, in their order."""
    for play in heard:
        if play.start <= start < play.end:
            start = play.end
    return start


def next_free(listeners: Sequence[Listener], sound: Sound, until: Millis) -> Millis | None:
    """The earliest full minute from the sound's start on, and before `until`, at which no listener bars it."""
    begin = sound.start
    while begin < until:
        end = min(begin + DAY_MS, until)
        for start in sorted({each for one in listeners for each in _starts(one, sound.ms, begin, end)}):
            if all(one.bars(replace(sound, start=start)) is None for one in listeners):
                return start
        begin = end
    return None


def _starts(one: Listener, ms: int, begin: Millis, end: Millis) -> Iterator[Millis]:
    """The full minutes at which a stretch of allowed starts can begin for one listener."""
    late = one.stagger
    found = {*edges(one.chain, begin + late, end + late), *_beside_others(one, ms)}
    found |= {window.start for window in one.exempt}
    for each in found:
        start = whole_minute(each - late)
        if begin <= start < end:
            yield start


def _beside_others(one: Listener, ms: int) -> Iterator[Millis]:
    pauses = {rules.pause_minutes * MINUTE_MS for rules in one.chain}
    sessions = {rules.session_minutes * MINUTE_MS for rules in one.chain}
    for play in one.heard:
        yield from (play.end + pause for pause in {0, *pauses})
        yield from (play.end - session for session in sessions)
        yield play.start - ms - JOIN_MS
