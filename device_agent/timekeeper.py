"""Asks the board's clocks and keeps what is known about time on disk."""

import ctypes
import logging
import time
from pathlib import Path

from device_agent import clock
from device_agent.journal import Journal
from firmware_config.protocol import ClockState, Millis, dumps, loads

_log = logging.getLogger(__name__)

_LIBC = ctypes.CDLL(None)
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_RTC = Path("/sys/class/rtc/rtc0")
_KERNEL_BOOT = Path("/proc/sys/kernel/random/boot_id")


def mono_ms() -> Millis:
    """The monotonic clock, which goes on while the agent is restarted and begins anew with the board."""
    return time.monotonic_ns() // 1_000_000


def wall_ms() -> Millis:
    """The board's wall clock."""
    return time.time_ns() // 1_000_000


def steered() -> bool:
    """Whether NTP keeps the wall clock right, as the kernel knows it."""
    room = ctypes.create_string_buffer(512)
    state: int = _LIBC.adjtimex(room)
    return 0 <= state < _TIME_ERROR


def rtc_on_board() -> bool:
    """Whether a battery-backed clock goes on while the power is off."""
    return _RTC.exists()


class Timekeeper:
    """The agent's only source of time."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._boot = _KERNEL_BOOT.read_text().strip() if _KERNEL_BOOT.exists() else ""
        floor = journal.number("floor")
        self._clock = clock.Clock(floor, mono_ms(), self._old_anchor(), kept=rtc_on_board())
        self._saved_floor = floor

    def read(self) -> clock.Reading:
        """The time to act on, and how far to believe it; only the agent's own thread asks."""
        mono = mono_ms()
        reading = clock.read(self._clock, wall=wall_ms(), mono=mono, synchronised=steered())
        self._clock = clock.believed(self._clock, reading, mono)
        return reading

    def now(self) -> Millis:
        """The time to act on; may be asked from any thread."""
        return clock.read(self._clock, wall=wall_ms(), mono=mono_ms(), synchronised=steered()).now

    def judged(self) -> Millis | None:
        """The time where dates may be judged by it, None while the clock is not trusted."""
        reading = self.read()
        return None if reading.state is ClockState.UNTRUSTED else reading.now

    def heard(self, signed: Millis, sent_mono: Millis) -> None:
        """A signed answer told the time."""
        before = self.now()
        self._clock = clock.anchored(self._clock, signed=signed, sent_mono=sent_mono, mono=mono_ms())
        anchor = self._clock.anchor
        assert anchor is not None
        _log.info("action=clock_set by_ms=%d", self.now() - before)
        fact = dumps({"time": anchor.time, "mono": anchor.mono, "boot": self._boot})
        self._journal.remember("anchor", fact)

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
        at, mono = found.get("time"), found.get("mono")
        return clock.Anchor(at, mono) if isinstance(at, int) and isinstance(mono, int) else None
