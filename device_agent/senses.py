"""What the shell asks the board: its clocks, chance, a pause. Whoever drives the shell may pass others."""

import ctypes
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from firmware_config.protocol import Millis

_LIBC = ctypes.CDLL(None)
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_RTC = Path("/sys/class/rtc/rtc0")
_KERNEL_BOOT = Path("/proc/sys/kernel/random/boot_id")


def steered() -> bool:
    """Whether NTP keeps the wall clock right, as the kernel knows it."""
    room = ctypes.create_string_buffer(512)
    state: int = _LIBC.adjtimex(room)
    return 0 <= state < _TIME_ERROR


def rtc_on_board() -> bool:
    """Whether a battery-backed clock goes on while the power is off."""
    return _RTC.exists()


def _kernel_boot() -> str:
    return _KERNEL_BOOT.read_text().strip() if _KERNEL_BOOT.exists() else ""


@dataclass(frozen=True, slots=True)
class Senses:
    """A board's clocks and its chance."""

    mono: Callable[[], float] = time.monotonic
    """Seconds; goes on while the agent is restarted and begins anew with the board."""
    wall: Callable[[], float] = time.time
    """Seconds since 1970 by the board's own clock."""
    steered: Callable[[], bool] = steered
    rtc: Callable[[], bool] = rtc_on_board
    kernel_boot: Callable[[], str] = _kernel_boot
    """The name of the board's run; empty where the kernel gives none."""
    chance: Callable[[], float] = random.random
    """From 0 up to but without 1."""
    name: Callable[[], str] = lambda: secrets.token_urlsafe(16)
    """What nobody can guess and nobody was ever called before."""
    pause: Callable[[float], None] = time.sleep

    def mono_ms(self) -> Millis:
        """The monotonic clock in milliseconds."""
        return int(self.mono() * 1000)

    def wall_ms(self) -> Millis:
        """The board's wall clock in milliseconds."""
        return int(self.wall() * 1000)


REAL = Senses()
