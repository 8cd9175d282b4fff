"""A wall clock that shows what we say, and a board that was switched on anew, for one process of ours."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from bench.faults.needs import LIBRARIES

_BOOT = "/proc/sys/kernel/random/boot_id"
_AS_A_NEW_BOARD = f'mount --bind "$0" {_BOOT} && exec "$@"'


@dataclass(frozen=True, slots=True)
class FalseClock:
    """Steers libfaketime by a file; the monotonic clock stays true."""

    folder: Path

    def environment(self) -> dict[str, str]:
        """What the process is started with."""
        library = next(LIBRARIES.glob("*/faketime/libfaketimeMT.so*"))
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def prefix(self) -> tuple[str, ...]:
        """What is put before its command, so that after `reboot` it starts on what it takes for another board run."""
        return ("unshare", "--mount", "sh", "-c", _AS_A_NEW_BOARD, str(self._boot))

    def show(self, seconds: float) -> None:
        """Be so far ahead of the true time, or behind."""
        # In one step: a reader must not find it empty.
        new = self._offset.with_suffix(".new")
        new.write_text(f"{seconds:+.3f}")
        new.replace(self._offset)

    def show_year(self, year: int) -> None:
        """Be in the first minute of a year."""
        self.show(time.mktime((year, 1, 1, 0, 1, 0, 0, 0, 0)) - time.time())

    def reboot(self) -> None:
        """From the next start on the board has a new run; nothing is known of how its clocks stood in the last one."""
        self._boot.write_text(f"{uuid.uuid4()}\n")

    @property
    def _offset(self) -> Path:
        return self.folder / "offset"

    @property
    def _boot(self) -> Path:
        return self.folder / "boot_id"
