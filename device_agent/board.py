"""What files and programs of the system tell of a board; a reader that cannot tell gives None, whatever it was given.

Each takes a root folder or what a program said.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")
MB = 1_000_000

_NOW, _SEEN = 0x1, 0x10000
_BEYOND = 110


def centigrade(root: Path = ROOT) -> int | None:
    """The hottest sensor."""
    found = [_number(text) for text in _texts(root, "sys/class/thermal/thermal_zone*/temp")]
    return _degrees([one for one in found if one is not None])


def _degrees(thousandths: list[int]) -> int | None:
    likely = [one // 1000 for one in thousandths if -60_000 <= one <= 200_000]
    return max(likely, default=None)


def free_memory_mb(root: Path = ROOT) -> int | None:
    """Memory the kernel could still give."""
    return next((memory_in(text) for text in _texts(root, "proc/meminfo")), None)


def memory_in(text: str) -> int | None:
    """The same, from the words of /proc/meminfo."""
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            kilobytes = _number(rest.removesuffix("kB"))
            return None if kilobytes is None or kilobytes < 0 else kilobytes * 1024 // MB
    return None


def worn_percent(root: Path = ROOT) -> int | None:
    """How much of its life a soldered card (eMMC) says is used; cards in a slot seldom tell."""
    found = [worn_in(text) for text in _texts(root, "sys/block/mmcblk*/device/life_time")]
    return max((one for one in found if one is not None), default=None)


def worn_in(text: str) -> int | None:
    """From "0x01 0x02": tenths of the life of its two kinds of cells, 0x0b beyond it, 0x00 not known."""
    found = [_number(word, 16) for word in text.split()[:2]]
    tenths = [one for one in found if one is not None and 1 <= one <= 0x0B]
    return min(max(tenths) * 10, _BEYOND) if tenths else None


def disk_errors(root: Path = ROOT) -> int | None:
    """Errors that ext4 has counted since the file systems were made."""
    found = [_number(text) for text in _texts(root, "sys/fs/ext4/*/errors_count")]
    known = [one for one in found if one is not None and one >= 0]
    return sum(known) if known else None


def free_disk_mb(folder: Path) -> int | None:
    """What a program may still write where our data are."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize // MB


def read_only(folder: Path) -> bool | None:
    """Whether the kernel has stopped writing there."""
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError:
        return None


def throttled_in(text: str) -> tuple[bool, bool] | None:
    """From `vcgencmd get_throttled`, as "throttled=0x50005": too little voltage now, and since the power came on."""
    name, _, bits = text.strip().partition("=")
    found = _number(bits, 16) if name == "throttled" else None
    return None if found is None or found < 0 else (bool(found & _NOW), bool(found & _SEEN))


def signal_in(text: str) -> int | None:
    """From `mmcli -m any -J`: how well the modem hears its network, percent."""
    try:
        found = json.loads(text)
        for name in ("modem", "generic", "signal-quality", "value"):
            found = found[name]
        percent = int(found)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None
    return percent if 0 <= percent <= 100 else None


def _texts(root: Path, pattern: str) -> Iterator[str]:
    for path in sorted(root.glob(pattern)):
        try:
            yield path.read_text(encoding="ascii", errors="replace")
        except OSError:
            continue


def _number(text: str, base: int = 10) -> int | None:
    try:
        found = int(text.strip(), base)
    except ValueError:
        return None
    return found if abs(found) < 2**52 else None
