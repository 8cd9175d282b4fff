"""The alarm clock: calls ticks at their intervals and knows nothing of what they do."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from broadcaster.domain.errors import LoaError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tick:
    """Something to do every `seconds`: it asks the database what is due, so a missed call costs nothing."""

    name: str
    seconds: float
    call: Callable[[], object]


class Alarm:
    """Each tick runs at most once at a time; one that raises is logged, counted, and called again."""

    def __init__(self, ticks: list[Tick]) -> None:
        self.failures: Counter[str] = Counter()
        # APScheduler's own defaults drop a call that comes a second late, and double one when clocks change.
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max(2, len(ticks)))},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        for tick in ticks:
            self._scheduler.add_job(self._guarded(tick), "interval", seconds=tick.seconds, id=tick.name)

    def start(self) -> None:
        """Begin; every tick is called once at once."""
        self._scheduler.start()
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """Call nothing any more; a tick that is running may finish."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _guarded(self, tick: Tick) -> Callable[[], None]:
        def call() -> None:
            try:
                tick.call()
            except LoaError as error:
                # The database is locked, full or away: what is due now is still due at the next call.
                self.failures[tick.name] += 1
                log.warning("tick waits", action="tick-waits", tick=tick.name, code=error.code)
            except Exception:
                self.failures[tick.name] += 1
                log.exception("tick failed", action="tick-failed", tick=tick.name)

        return call
