"""The thread that takes what is due and the short-lived ones that send it: one hanging group delays no other."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.orm import Session

from broadcaster.domain.errors import LoaError, StorageUnavailable
from broadcaster.domain.mirror import REPEATABLE, CopyState, Outcome
from broadcaster.mirrors.keeping import NOTHING, Keeping
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.registry import CHANNELS, BadChannel, build
from broadcaster.services.outlets import mirror_queue, stand_in_queue
from broadcaster.services.outlets.claiming import Work
from broadcaster.store.database import Database
from broadcaster.store.tables import MirrorCopy, StandInMessage

log = structlog.get_logger(__name__)

LANES = 64
POLL = 1.0
# Many commits come together; looking once for all of them is enough.
GATHER = 0.1
LAST_ANSWERS = 1.5
UNFIT = "answer not kept"
"""It was sent, and what the provider said of it cannot be written down."""

OnFatal = Callable[[str, BaseException], None]
Answered = tuple[Work, Outcome]
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


class MirrorWorker:
    """Sends copies until it is stopped; `private` allows http and addresses of this machine, for stand-ins."""

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
        self.name, self._queue = name, queue
        self._database, self._public_url, self._now = database, public_url, now
        self._on_fatal, self._lanes = on_fatal, lanes
        self._means = keeping.means(client(private=private), private=private)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._rates: dict[str, RateLimitItemPerMinute] = {}
        self._sending: dict[str, Work] = {}
        self._outcomes: SimpleQueue[Answered] = SimpleQueue()
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        """Begin, and look again whenever something is committed."""
        self._database.on_commit(self._wake.set)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Take nothing more; returns at once."""
        self._stopping.set()
        self._wake.set()

    def stop(self, seconds: float = 2.0) -> bool:
        """Take nothing more, note what answers meanwhile; False when the thread is still there after so long.

        What is still being sent then becomes `unknown` when its claim lapses.
        """
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self.alive

    @property
    def alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._round()
            self._note_the_last()
            self._means.client.close()
        except BaseException as error:
            log.exception("worker died", action="worker-died", worker=self.name)
            self._on_fatal(self.name, error)

    def _round(self) -> None:
        self._wake.clear()
        try:
            self.note_outcomes()
            for work in self._take():
                self._sending[work.channel_id] = work
                threading.Thread(target=self._send, args=(work,), name=f"mirror {work.kind}", daemon=True).start()
        except LoaError as error:
            # The database is full or away: outcomes stay in their queue, and claims lapse by themselves.
            log.warning("mirrors wait", action="mirrors-wait", code=error.code)
        if not self._stopping.wait(GATHER):
            self._wake.wait(POLL)

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

    def answered(self, work: Work, outcome: Outcome) -> None:
        """Say what came of a copy; from any thread."""
        self._outcomes.put((work, outcome))
        self._wake.set()

    def note_outcomes(self) -> None:
        """Write down what was answered. Raises StorageUnavailable, and then keeps it."""
        # In the order of their ids, as whoever writes down what is owed locks them.
        outcomes = sorted(self._waiting_outcomes(), key=lambda pair: pair[0].copy.id)
        if not outcomes:
            return
        try:
            self._note(outcomes)
        except StorageUnavailable:
            for pair in outcomes:
                self._outcomes.put(pair)
            raise
        except Exception:
            log.exception("answers not kept", action="answers-not-kept", worker=self.name)
            self._note_one_by_one(outcomes)

    def _note(self, outcomes: Sequence[Answered]) -> None:
        with self._database.transaction() as session:
            for work, outcome in outcomes:
                self._queue.noted(session, work.copy.id, outcome, now=self._now())
        for work, outcome in outcomes:
            self._done(work, outcome)

    def _note_one_by_one(self, outcomes: Sequence[Answered]) -> None:
        for place, (work, outcome) in enumerate(outcomes):
            unfit = Outcome(CopyState.UNKNOWN, provider_code=UNFIT)
            try:
                if not self._kept(work, outcome) and not self._kept(work, unfit):
                    # Its claim lapses; the lane is free at once.
                    self._done(work, unfit)
            except StorageUnavailable:
                for pair in outcomes[place:]:
                    self._outcomes.put(pair)
                raise

    def _kept(self, work: Work, outcome: Outcome) -> bool:
        try:
            self._note([(work, outcome)])
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("answer not kept", action="answer-not-kept", copy=work.copy.id)
            return False
        return True

    def _done(self, work: Work, outcome: Outcome) -> None:
        self._sending.pop(work.channel_id, None)
        said = {"kind": work.kind, "state": outcome.state, "code": outcome.provider_code}
        log.info("copy sent", action="copy-sent", copy=work.copy.id, channel=work.channel_id, **said)

    def _waiting_outcomes(self) -> list[Answered]:
        found = []
        try:
            while True:
                found.append(self._outcomes.get_nowait())
        except Empty:
            return found

    def _note_the_last(self) -> None:
        until = time.monotonic() + LAST_ANSWERS
        while self._sending and time.monotonic() < until:
            with suppress(LoaError):
                self.note_outcomes()
            self._wake.wait(0.05)
            self._wake.clear()


def _broken(work: Work, error: Exception) -> Outcome:
    code = type(error).__name__
    if work.kind in REPEATABLE:
        # With a name it counts as one that some may have read.
        return Outcome(CopyState.FAILED, work.copy.id, provider_code=code)
    return Outcome(CopyState.UNKNOWN, provider_code=code)


def _rate(work: Work) -> RateLimitItemPerMinute:
    known = CHANNELS.get(work.kind)
    return RateLimitItemPerMinute(work.per_minute or (known.per_minute if known else 1))
