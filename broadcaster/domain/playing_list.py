"""What one loudspeaker will play and when, worked out before it happens, exactly as the loudspeaker decides.

It takes one thing after the other: of what is due the most urgent class, then the order the commune chose, then what
was planned earlier. An emergency still to come is not foreseen; it pushes aside whatever plays.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from firmware_config.protocol import Barred, Exempt, Klass, Millis, Played, Rules, Sound, barred, in_force

PREPARE_MS = 1_500
"""So long before its time a loudspeaker that is free takes the next in hand."""
PATIENCE_MS = 15_000
"""After so long a loudspeaker looks again whether what is missing has come."""
WAITS_MS = 2_000
"""Who begins so much later than wished has waited for another."""
_RANK = {Klass.EMERGENCY: 0, Klass.PRIORITY: 1, Klass.NORMAL: 2}
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Planned:
    """One airing as the loudspeaker holds it; `sound` begins when it was planned, its `ms` what is heard there."""

    airing: str
    sound: Sound
    latest_start: Millis
    expires: Millis
    order: int = 0


@dataclass(frozen=True, slots=True)
class Speaker:
    """What of the loudspeaker itself has a say."""

    rules: tuple[Rules, ...]
    exempt: tuple[Exempt, ...] = ()
    heard: tuple[Played, ...] = ()
    """What it has played already."""
    lead_ms: Millis = 0
    tail_ms: Millis = 0
    stagger_ms: Millis = 0
    busy: Millis | None = None
    """Until when it plays what it has begun."""


class Fate(StrEnum):
    """What will become of an airing."""

    PLAYS = "plays"
    BARRED = "barred"
    """The rules of the air forbid it."""
    LATE = "late"
    """Others play until its window has closed."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One airing's future; `start` to `end` is its sound, and empty where it has none."""

    planned: Planned
    fate: Fate
    start: Millis | None = None
    end: Millis | None = None
    reason: Barred | None = None
    waits: bool = False
    """It begins later than wished, because others are before it."""


def playing_list(planned: Iterable[Planned], speaker: Speaker, *, now: Millis) -> list[Expected]:
    """The future of each, in the order in which it comes to pass."""
    run = _Run(speaker, list(planned))
    moment: Millis | None = now
    while moment is not None:
        run.settle(moment)
        moment = run.next_moment()
    return sorted(run.done, key=lambda one: (one.start or wished(one.planned, speaker), _rank(one.planned)))


def wished(planned: Planned, speaker: Speaker) -> Millis:
    """When its first sample is to be heard."""
    return planned.sound.start + speaker.stagger_ms


@dataclass(slots=True)
class _Run:
    """The loudspeaker on a clock that goes from one moment of decision to the next."""

    speaker: Speaker
    left: list[Planned]
    now: Millis = 0
    busy: Millis | None = None
    """Until when the sound card is taken."""
    plays: list[Played] = field(default_factory=list)
    done: list[Expected] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plays += self.speaker.heard
        self.busy = self.speaker.busy

    def settle(self, now: Millis) -> None:
        self.now = now
        if self.busy is not None and self.busy <= now:
            self.busy = None
        for one in list(self.left):
            self._judge(one)
        if self.busy is None:
            self._start()

    def next_moment(self) -> Millis | None:
        return min((moment for moment in self._moments() if moment > self.now), default=None)

    def _moments(self) -> Iterator[Millis]:
        if not self.left:
            return
        if self.busy is not None:
            yield self.busy
        yield self._pause_over()
        for one in self.left:
            due = self._due(one)
            yield from (due, due - PREPARE_MS, wished(one, self.speaker) + PATIENCE_MS, self._last_start(one) + 1)

    def _judge(self, one: Planned) -> None:
        if self.now > self._last_start(one):
            self._end(Expected(one, Fate.LATE))
            return
        reason = self._bar(one) if self._due(one) <= self.now else None
        # A pause that will be over in time is waited for.
        waits = reason is Barred.PAUSE and self._pause_over() <= self._last_start(one)
        if reason is not None and not waits:
            self._end(Expected(one, Fate.BARRED, reason=reason))

    def _start(self) -> None:
        ready = [one for one in self.left if self._due(one) - PREPARE_MS <= self.now and self._bar(one) is None]
        if not ready:
            return
        one = min(ready, key=_rank)
        start = self._sounds_at(one)
        end = start + one.sound.ms
        self.busy = end + self.speaker.tail_ms
        if one.sound.klass is not Klass.EMERGENCY:
            self.plays.append(Played(start, end))
        self._end(Expected(one, Fate.PLAYS, start, end, waits=start - wished(one, self.speaker) > WAITS_MS))

    def _end(self, expected: Expected) -> None:
        self.left.remove(expected.planned)
        self.done.append(expected)

    def _bar(self, one: Planned) -> Barred | None:
        # How long what plays now really lasts is known when it ends; until then only the hours are judged.
        heard = () if self.busy is not None else self.plays
        sound = replace(one.sound, start=self._sounds_at(one))
        return barred(self.speaker.rules, sound, heard, self.speaker.exempt)

    def _sounds_at(self, one: Planned) -> Millis:
        return max(self.now + self.speaker.lead_ms, wished(one, self.speaker))

    def _due(self, one: Planned) -> Millis:
        return wished(one, self.speaker) - self.speaker.lead_ms

    def _last_start(self, one: Planned) -> Millis:
        fits = one.expires - max(1, one.sound.ms) - self.speaker.lead_ms
        return min(one.latest_start + self.speaker.stagger_ms, fits)

    def _pause_over(self) -> Millis:
        """When a sound may follow the last one, with the silence before it."""
        pause = max((rules.pause_minutes for rules in in_force(self.speaker.rules, self.now)), default=0)
        return max((play.end for play in self.plays), default=0) + pause * _MINUTE_MS - self.speaker.lead_ms


def _rank(planned: Planned) -> tuple[int, int, Millis, str]:
    return _RANK[planned.sound.klass], planned.order, planned.sound.start, planned.airing
