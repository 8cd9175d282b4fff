"""`loa-agent` with one of its precautions taken away, to see that the checks would notice: for fault runs only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from device_agent import __main__ as agent
from device_agent.clips import ClipStore
from device_agent.journal import Journal

VARIABLE = "CARELESS"
"""Names the precautions to leave out, commas between: `journal` (synchronous=FULL), `clips` (fsync of the folder)."""


def _without_sync() -> None:
    prepare = Journal._prepare  # noqa: SLF001

    def careless(journal: Journal) -> None:
        prepare(journal)
        journal._db.execute("PRAGMA synchronous=OFF")  # noqa: SLF001

    Journal._prepare = careless  # type: ignore[method-assign, assignment]  # noqa: SLF001


def _without_folder_sync() -> None:
    def careless(store: ClipStore, written: Path, sha256: str) -> None:
        written.replace(store.path(sha256))

    ClipStore._finish = careless  # type: ignore[method-assign, assignment]  # noqa: SLF001


LEFT_OUT = {"journal": _without_sync, "clips": _without_folder_sync}


if __name__ == "__main__":
    for name in filter(None, os.environ.get(VARIABLE, "").split(",")):
        LEFT_OUT[name]()
    sys.exit(agent.main())
