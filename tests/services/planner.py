"""One planner as a process of its own, for tests that stop it and wake it.

`python -m tests.services.planner URL BEGIN STARTED SPEED AHEAD`: at STARTED (Unix) it was BEGIN (ISO 8601), time passes
SPEED times as fast, and it plans AHEAD seconds of that time; it ends at SIGTERM.
"""

import signal
import sys
import time
from datetime import datetime, timedelta
from types import FrameType

from broadcaster.domain.errors import StorageUnavailable
from broadcaster.services.airtime import planning
from broadcaster.store.database import Database

BUSY_MS = 300


def main(url: str, begin: str, started: str, speed: str, ahead: str) -> None:
    """Plan until told to end; a database that somebody else holds is asked again."""
    database, ended = Database(url, busy_ms=BUSY_MS), False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal ended
        ended = True

    signal.signal(signal.SIGTERM, end)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not ended:
        now = datetime.fromisoformat(begin) + timedelta(seconds=(time.time() - float(started)) * float(speed))
        try:
            with database.transaction() as session:
                planning.plan(session, now=now, horizon=timedelta(seconds=float(ahead)))
        except StorageUnavailable:
            pass
        time.sleep(0.02)
    database.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
