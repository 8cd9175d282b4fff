"""The thread that takes what is due and the short-lived ones that send it: one hanging group delays no other."""

import threading
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, Protocol, TypeVar

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.orm import Session

from broadcaster.domain.mirror import REPEATABLE, CopyState, Outcome
from broadcaster.mirrors.keeping import NOTHING, Keeping
from broadcaster.mirrors.registry import CHANNELS, BadChannel, build
from broadcaster.mirrors.rounds import Rounds
from broadcaster.services.outlets import mirror_queue, stand_in_queue
from broadcaster.services.outlets.claiming import Work
from broadcaster.store.database import Database
from broadcaster.store.tables import MirrorCopy, StandInMessage
from broadcaster.worker import OnFatal

log = structlog.get_logger(__name__)

LANES = 64
Row = TypeVar("Row")


class Queue(Protocol[Row]):
    """Where the work comes from: functions on a session, as in services/outlets/mirror_queue.py."""

    def due(self, session: Session, *, now: datetime, limit: int, busy: Collection[str] = ()) -> list[Row]:
        """What is to be sent now, one for each channel."""

    def stale(self, session: Session, *, now: datetime) -> bool:
        """Whether there is anything to tidy."""

    def tidy(self, session: Session, *, now: datetime) -> None:
        """End what needs no sending any more."""

    def claim(self, session: Session, rows: Iterable[Row], *, now: datetime, public_url: str) -> list[Work]:
        """Take these, unless somebody else was quicker."""

    def noted(self, session: Session, copy_id: str, outcome: Outcome, /, *, now: datetime) -> None:
        """Write down what came of one."""


MIRRORS: Queue[MirrorCopy] = mirror_queue
STAND_INS: Queue[StandInMessage] = stand_in_queue


class MirrorWorker(Rounds[Work]):
    """Sends copies until it is stopped; `private` allows http and addresses of this machine, for stand-ins."""

    gather = 0.1

    def __init__(
        self,
        database: Database,
        *,
        public_url: str,
        now: Callable[[], datetime],
        on_fatal: OnFatal,
        private: bool = False,
        keeping: Keeping = NOTHING,
        lanes: int = LANES,
        queue: Queue[Any] = MIRRORS,
        name: str = "mirrors",
    ) -> None:
        super().__init__(name, database, now=now, on_fatal=on_fatal, private=private)
        self._queue, self._public_url, self._lanes = queue, public_url, lanes
        self._means = keeping.means(self._client, private=private)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._rates: dict[str, RateLimitItemPerMinute] = {}
        self._sending: dict[str, Work] = {}

    def _begin(self) -> None:
        for work in self._take():
            self._sending[work.channel_id] = work
            threading.Thread(target=self._send, args=(work,), name=f"mirror {work.kind}", daemon=True).start()

    def _take(self) -> list[Work]:
        now, free, busy = self._now(), self._lanes - len(self._sending), self._busy()
        with self._database.read() as session:
            found = free > 0 and self._queue.due(session, now=now, limit=1, busy=busy)
            if not found and not self._queue.stale(session, now=now):
                return []
        with self._database.transaction() as session:
            self._queue.tidy(session, now=now)
        with self._database.transaction() as session:
            rows = self._queue.due(session, now=now, limit=free, busy=busy) if free > 0 else []
            taken = self._queue.claim(session, rows, now=now, public_url=self._public_url)
        for work in taken:
            self._rates[work.channel_id] = _rate(work)
            self._limiter.hit(self._rates[work.channel_id], work.channel_id)
        return taken

    def _busy(self) -> set[str]:
        spent = {channel for channel, rate in self._rates.items() if not self._limiter.test(rate, channel)}
        return spent | set(self._sending)

    def _send(self, work: Work) -> None:
        try:
            channel = build(work.kind, work.settings, self._means, secret=work.secret)
            outcome = channel.send(work.copy)
        except BadChannel as error:
            outcome = error.outcome
        except Exception as error:
            log.exception("channel broke", action="channel-broke", kind=work.kind, channel=work.channel_id)
            outcome = _broken(work, error)
        self.answered(work, outcome)

    def _write(self, session: Session, sent: Work, outcome: Outcome) -> None:
        self._queue.noted(session, sent.id, outcome, now=self._now())

    def _done(self, sent: Work, outcome: Outcome) -> None:
        self._sending.pop(sent.channel_id, None)
        said = {"kind": sent.kind, "state": outcome.state, "code": outcome.provider_code}
        log.info("copy sent", action="copy-sent", copy=sent.id, channel=sent.channel_id, **said)

    def _on_their_way(self) -> int:
        return len(self._sending)


def _broken(work: Work, error: Exception) -> Outcome:
    code = type(error).__name__
    if work.kind in REPEATABLE:
        # With a name it counts as one that some may have read.
        return Outcome(CopyState.FAILED, work.copy.id, provider_code=code)
    return Outcome(CopyState.UNKNOWN, provider_code=code)


def _rate(work: Work) -> RateLimitItemPerMinute:
    known = CHANNELS.get(work.kind)
    return RateLimitItemPerMinute(work.per_minute or (known.per_minute if known else 1))
