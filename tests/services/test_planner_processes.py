"""T14: several planners over one database, one of them stopped in the middle and woken again."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from broadcaster.services import audit
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Delivery
from tests.cast import NOW, SPEAKERS, Cast, approved
from tests.services.planned import EVERY_DAY, schedule

pytestmark = pytest.mark.database

PLANNERS, SCHEDULES = 3, 8
SPEED = 60
AHEAD = timedelta(minutes=1)
ROOT = Path(__file__).parent.parent.parent


@contextmanager
def planners(database: Database, started: float) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that plan; all of them are gone afterwards."""
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.services.planner", url, NOW.isoformat(), str(started)]
    command += [str(SPEED), str(AHEAD.total_seconds())]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(PLANNERS)]
    try:
        for one in running:
            assert one.stdout is not None
            assert one.stdout.readline() == b"ready\n"
        yield running
        for one in running:
            one.send_signal(signal.SIGTERM)
        assert [one.wait(timeout=30) for one in running] == [0] * PLANNERS
    finally:
        for one in running:
            one.kill()
            one.wait()
            assert one.stdout is not None
            one.stdout.close()


def test_a_planner_that_sleeps_and_wakes_plans_nothing_twice_and_loses_nothing(
    database: Database, cast: Cast, length: float
) -> None:
    every_minute = [f"{hour:02d}:{minute:02d}" for hour in (10, 11) for minute in range(60)]
    with database.transaction() as session:
        for _ in range(SCHEDULES):
            schedule(session, approved(session, cast), {"days": EVERY_DAY, "times": every_minute})
    started = time.time()
    with planners(database, started) as running:
        asleep = running[0]
        time.sleep(length / 4)
        for _ in range(3):
            os.kill(asleep.pid, signal.SIGSTOP)
            time.sleep(length / 6)
            os.kill(asleep.pid, signal.SIGCONT)
            time.sleep(length / 12)
        until = NOW + timedelta(seconds=(time.time() - started) * SPEED)
        # Whoever was woken last has the database for itself in the end.
        time.sleep(0.7)
    with database.read() as session:
        found = Counter(tuple(row) for row in session.execute(select(Airing.schedule_id, Airing.planned_at)))
        assert set(found.values()) == {1}
        due = [NOW + timedelta(minutes=number) for number in range(int((until - NOW) / timedelta(minutes=1)) + 1)]
        for name in {name for name, _ in found}:
            assert {at for at in due if at < datetime(2026, 11, 25, 5, tzinfo=UTC)} <= {
                at for planned, at in found if planned == name
            }
        assert len({name for name, _ in found}) == SCHEDULES
        assert set(session.scalars(select(Airing.state))) == {"planned"}
        heard = session.execute(select(func.count()).select_from(Delivery).group_by(Delivery.airing_id)).scalars()
        assert set(heard) == {len(SPEAKERS)}
        assert audit.verify(session).sound


@pytest.fixture
def length(request: pytest.FixtureRequest) -> float:
    """Seconds the whole takes: a few, or with --full-length as long as the fault is described."""
    return 60.0 if request.config.getoption("--full-length") else 3.0
