"""Asks the board's clocks and keeps what is known about time on disk."""

import logging

from device_agent import clock
from device_agent.journal import Journal
from device_agent.senses import Senses
from firmware_config.protocol import ClockState, Millis, dumps, loads

_log = logging.getLogger(__name__)


class Timekeeper:
    """The agent's only source of time."""

    def __init__(self, journal: Journal, senses: Senses) -> None:
        self._journal = journal
        self._senses = senses
        self._boot = senses.kernel_boot()
        floor = journal.number("floor")
        self._clock = clock.Clock(floor, senses.mono_ms(), self._old_anchor(), kept=senses.rtc())
        self._saved_floor = floor

    def read(self) -> clock.Reading:
        """The time to act on, and how far to believe it; only the agent's own thread asks."""
        mono = self._senses.mono_ms()
        reading = self._reading(mono)
        self._clock = clock.believed(self._clock, reading, mono)
        return reading

    def now(self) -> Millis:
        """The time to act on; may be asked from any thread."""
        return self._reading(self._senses.mono_ms()).now

    def wall_is_right(self) -> bool:
        """Whether the board's own clock shows the time, as far as that is known; may be asked from any thread."""
        wall, reading = self._senses.wall_ms(), self._reading(self._senses.mono_ms())
        return reading.state is not ClockState.UNTRUSTED and abs(wall - reading.now) <= clock.DAY_MS

    def judged(self) -> Millis | None:
        """The time where dates may be judged by it, None while the clock is not trusted."""
        reading = self.read()
        return None if reading.state is ClockState.UNTRUSTED else reading.now

    def heard(self, signed: Millis, sent_mono: Millis) -> None:
        """A signed answer told the time."""
        before = self.now()
        self._clock = clock.anchored(self._clock, signed=signed, sent_mono=sent_mono, mono=self._senses.mono_ms())
        anchor = self._clock.anchor
        assert anchor is not None
        _log.info("action=clock_set by_ms=%d", self.now() - before)
        fact = dumps({"time": anchor.time, "mono": anchor.mono, "doubt": anchor.doubt, "boot": self._boot})
        with self._journal.writing(urgent=True):
            self._journal.remember("anchor", fact)

    def _reading(self, mono: Millis) -> clock.Reading:
        senses = self._senses
        return clock.read(self._clock, wall=senses.wall_ms(), mono=mono, synchronised=senses.steered())

    def offset(self) -> Millis | None:
        """The board's own clock less the signed time; None before there was any."""
        return clock.offset(self._clock, wall=self._senses.wall_ms(), mono=self._senses.mono_ms())

    def save(self) -> None:
        """Keep the latest time on disk, at most once a minute."""
        floor = self._clock.floor
        if abs(floor - self._saved_floor) >= 60_000:
            self._journal.remember("floor", str(floor).encode())
            self._saved_floor = floor

    def _old_anchor(self) -> clock.Anchor | None:
        raw = self._journal.fact("anchor")
        found = loads(raw) if raw else None
        if not isinstance(found, dict) or not self._boot or found.get("boot") != self._boot:
            return None
        at, mono, doubt = found.get("time"), found.get("mono"), found.get("doubt", 0)
        if not (isinstance(at, int) and isinstance(mono, int) and isinstance(doubt, int)):
            return None
        return clock.Anchor(at, mono, doubt)
