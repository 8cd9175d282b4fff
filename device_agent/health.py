"""How the board is: codes of problems, for the state report and for people."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from device_agent.problems import Problem

LEAST_DISK_BYTES = 50_000_000
LEAST_MEMORY_KB = 30_000
MOST_CENTIGRADE = 80

_MEMINFO = Path("/proc/meminfo")
_THERMAL = Path("/sys/class/thermal")
_UNDER_VOLTAGE_NOW = 0x1


def problems(folder: Path) -> tuple[Problem, ...]:
    """What is wrong with the board now."""
    return tuple(_found(folder))


def _found(folder: Path) -> Iterator[Problem]:
    if shutil.disk_usage(folder).free < LEAST_DISK_BYTES:
        yield Problem.DISK_NEARLY_FULL
    free = free_memory_kb()
    if free is not None and free < LEAST_MEMORY_KB:
        yield Problem.MEMORY_LOW
    heat = centigrade()
    if heat is not None and heat > MOST_CENTIGRADE:
        yield Problem.TOO_HOT
    if under_voltage():
        yield Problem.UNDER_VOLTAGE
    for program, problem in (("ffmpeg", Problem.NO_FFMPEG), ("espeak-ng", Problem.NO_ESPEAK_NG)):
        if shutil.which(program) is None:
            yield problem


def free_memory_kb() -> int | None:
    """Memory the kernel could still give, where it says so."""
    if not _MEMINFO.exists():
        return None
    for line in _MEMINFO.read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1])
    return None


def centigrade() -> int | None:
    """The hottest sensor, where there is one."""
    readings = []
    for sensor in _THERMAL.glob("thermal_zone*/temp"):
        try:
            readings.append(int(sensor.read_text()) // 1000)
        except (OSError, ValueError):
            continue
    return max(readings, default=None)


def under_voltage() -> bool:
    """Whether a Raspberry Pi gets too little voltage now; False where nothing can tell."""
    if shutil.which("vcgencmd") is None:
        return False
    try:
        said = subprocess.run(["vcgencmd", "get_throttled"], capture_output=True, text=True, timeout=2, check=False)
        return bool(int(said.stdout.strip().partition("=")[2] or "0", 16) & _UNDER_VOLTAGE_NOW)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False
