"""The thread that takes the notices that are due, and the short-lived ones that send them, some for each service."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

import structlog
from sqlalchemy.exc import SQLAlchemyError

from broadcaster.domain.errors import LoaError, StorageUnavailable
from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.mirrors.outgoing import client
from broadcaster.mirrors.push import PushSender
from broadcaster.services.outlets import push_queue
from broadcaster.services.outlets.claiming import NOT_NOTED
from broadcaster.services.outlets.push_queue import Work
from broadcaster.services.outlets.vapid import Vapid
from broadcaster.store.database import Database

log = structlog.get_logger(__name__)

LANES = 16
"""At once through one service: when one hangs, the others go on."""
POLL = 1.0
GATHER = 0.05
LAST_ANSWERS = 1.5
TIDIED_EVERY = timedelta(hours=1)

UNFIT = (LoaError, SQLAlchemyError, ValueError)
"""What writing an answer down raises when the database is there and does not take it."""

OnFatal = Callable[[str, BaseException], None]


class PushWorker:
    """Tells browsers until it is stopped."""

    name = "push"

    def __init__(
        self, database: Database, vapid: Vapid, *, public_url: str, now: Callable[[], datetime], on_fatal: OnFatal
    ) -> None:
        self._database, self._public_url, self._now, self._on_fatal = database, public_url, now, on_fatal
        self._client = client(private=vapid.private)
        self._sender = PushSender(self._client, vapid, now)
        self._sending: Counter[str] = Counter()
        self._outcomes: SimpleQueue[tuple[Work, Outcome]] = SimpleQueue()
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._tidied: datetime | None = None
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        """Begin, and look again whenever something is committed."""
        self._database.on_commit(self._wake.set)
        self._thread.start()

    def stop(self, seconds: float = 2.0) -> bool:
        """Take nothing more, note what answers meanwhile; False when the thread is still there after so long.

        What is still being sent then becomes `unknown` when its claim lapses.
        """
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._round()
            self._note_the_last()
            self._client.close()
        except BaseException as error:
            log.exception("worker died", action="worker-died", worker=self.name)
            self._on_fatal(self.name, error)

    def _round(self) -> None:
        self._wake.clear()
        try:
            self._note_outcomes()
            self._tidy()
            for work in self._take():
                self._sending[work.service] += 1
                threading.Thread(target=self._send, args=(work,), name="push notice", daemon=True).start()
        except LoaError as error:
            # The database is full or away: outcomes stay in their queue, and claims lapse by themselves.
            log.warning("push waits", action="push-waits", code=error.code)
        if not self._stopping.wait(GATHER):
            self._wake.wait(POLL)

    def _tidy(self) -> None:
        now = self._now()
        if self._tidied is None or now >= self._tidied + TIDIED_EVERY:
            with self._database.transaction() as session:
                push_queue.forget_what_is_over(session, now=now)
            self._tidied = now

    def _take(self) -> list[Work]:
        now = self._now()
        with self._database.read() as session:
            free = {each: LANES - self._sending[each] for each in push_queue.waiting(session, now=now)}
            if not any(room > 0 for room in free.values()) and not push_queue.stale(session, now=now):
                return []
        with self._database.transaction() as session:
            push_queue.tidy(session, now=now)
            rows = push_queue.due(session, now=now, free=free)
            return push_queue.claim(session, rows, now=now, public_url=self._public_url)

    def _send(self, work: Work) -> None:
        try:
            outcome = self._sender.send(work)
        except Exception as error:
            log.exception("push broke", action="push-broke", service=work.service)
            outcome = Outcome(CopyState.UNKNOWN, provider_code=type(error).__name__)
        self._outcomes.put((work, outcome))
        self._wake.set()

    def _note_outcomes(self) -> None:
        # In the order of their ids, as whoever writes down what is owed locks them.
        outcomes = sorted(self._waiting_outcomes(), key=lambda pair: pair[0].id)
        try:
            self._note(outcomes)
        except StorageUnavailable:
            for pair in outcomes:
                self._outcomes.put(pair)
            raise
        except UNFIT as error:
            log.warning("answers not kept", action="answers-not-kept", error=type(error).__name__)
            for work, outcome in outcomes:
                self._note_alone(work, outcome)

    def _note(self, outcomes: Sequence[tuple[Work, Outcome]]) -> None:
        if not outcomes:
            return
        with self._database.transaction() as session:
            for work, outcome in outcomes:
                push_queue.noted(session, work.id, outcome, now=self._now())
        for work, outcome in outcomes:
            self._done(work, outcome)

    def _note_alone(self, work: Work, outcome: Outcome) -> None:
        unknown = Outcome(CopyState.UNKNOWN, provider_code=NOT_NOTED)
        for attempt in (outcome, unknown):
            try:
                return self._note([(work, attempt)])
            except StorageUnavailable:
                return self._outcomes.put((work, outcome))
            except UNFIT as error:
                log.warning("answer not kept", action="answer-not-kept", notice=work.id, error=type(error).__name__)
        # Its claim lapses; the lane is free at once.
        return self._done(work, unknown)

    def _done(self, work: Work, outcome: Outcome) -> None:
        self._sending[work.service] -= 1
        # Whose browser it is stays out of the log: its address is the key to it.
        said = {"service": work.service, "state": outcome.state, "code": outcome.provider_code}
        log.info("notice sent", action="notice-sent", notice=work.id, **said)

    def _waiting_outcomes(self) -> list[tuple[Work, Outcome]]:
        found = []
        with suppress(Empty):
            while True:
                found.append(self._outcomes.get_nowait())
        return found

    def _note_the_last(self) -> None:
        until = time.monotonic() + LAST_ANSWERS
        while self._sending.total() and time.monotonic() < until:
            with suppress(LoaError):
                self._note_outcomes()
            self._wake.wait(0.05)
            self._wake.clear()
