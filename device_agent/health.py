"""How the board is, in figures, and when they are worth telling."""

import shutil
from collections.abc import Callable
from pathlib import Path

from device_agent import board
from device_agent.probe import Probe
from device_agent.problems import Problem
from device_agent.senses import Senses
from firmware_config import thresholds
from firmware_config.protocol import Health

NEWS_S = 300.0
"""Figures that only moved are told no more often than this."""
STALE_S = 6 * 3600.0
"""Figures that stand still are told again after this, so that nobody takes old ones for new."""
ASK_PROGRAMS_S = 300.0

VOLTAGE = ("vcgencmd", "get_throttled")
SIGNAL = ("mmcli", "-m", "any", "-J")
PROGRAMS = (("ffmpeg", Problem.NO_FFMPEG), ("espeak-ng", Problem.NO_ESPEAK_NG))


def missing_programs() -> tuple[Problem, ...]:
    """The programs without which something cannot be heard."""
    return tuple(problem for program, problem in PROGRAMS if shutil.which(program) is None)


def measure(folder: Path, root: Path = board.ROOT, *, voltage: str = "", signal: str = "") -> Health:
    """What files tell now, and what programs said before."""
    throttled = board.throttled_in(voltage)
    return Health(
        centigrade=board.centigrade(root),
        under_voltage=throttled and throttled[0],
        under_voltage_seen=throttled and throttled[1],
        free_disk_mb=board.free_disk_mb(folder),
        worn_percent=board.worn_percent(root),
        disk_errors=board.disk_errors(root),
        read_only=board.read_only(folder),
        free_memory_mb=board.free_memory_mb(root),
        signal_percent=board.signal_in(signal),
    )


class Board:
    """The board under this agent."""

    def __init__(self, folder: Path, senses: Senses, root: Path = board.ROOT) -> None:
        self._folder, self._root = folder, root
        self._voltage = Probe(VOLTAGE, ASK_PROGRAMS_S, senses)
        self._signal = Probe(SIGNAL, ASK_PROGRAMS_S, senses)

    def turn(self) -> None:
        """Take what programs have said since; to be called often."""
        self._voltage.turn()
        self._signal.turn()

    def look(self) -> Health:
        """Its figures now."""
        return measure(self._folder, self._root, voltage=self._voltage.said or "", signal=self._signal.said or "")


class Pace:
    """Which figures are worth telling: what has moved, but not at every wobble."""

    def __init__(self, mono: Callable[[], float]) -> None:
        self._mono = mono
        self._told = Health()
        self._at = float("-inf")

    def news(self, health: Health) -> bool:
        """Whether to tell these now; they count as told when they are."""
        age = self._mono() - self._at
        if age < NEWS_S or (age < STALE_S and not thresholds.moved(self._told, health)):
            return False
        self._told, self._at = health, self._mono()
        return True
