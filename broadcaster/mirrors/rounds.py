"""A thread that has what is due sent by short-lived ones, and writes their answers down."""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import ClassVar, Generic, Protocol, TypeVar

import structlog
from sqlalchemy.orm import Session

from broadcaster.domain.errors import LoaError, StorageUnavailable
from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.mirrors.outgoing import client
from broadcaster.store.database import Database
from broadcaster.worker import OnFatal, Worker

log = structlog.get_logger(__name__)

POLL = 1.0
LAST_ANSWERS = 1.5
UNFIT = "answer not kept"
"""It was sent, and what the provider said of it cannot be written down."""


class Named(Protocol):
    """Something that is sent."""

    @property
    def id(self) -> str:
        """Of the row it stands for."""


Sent = TypeVar("Sent", bound=Named)


class Rounds(ABC, Generic[Sent]):
    """Looks again whenever something is committed, until it is stopped; what is sent, and how, is the subclass's."""

    gather: ClassVar[float]
    """Seconds: many commits come together, and looking once for all of them is enough."""

    def __init__(
        self, name: str, database: Database, *, now: Callable[[], datetime], on_fatal: OnFatal, private: bool
    ) -> None:
        self.name = name
        self._database, self._now = database, now
        self._client = client(private=private)
        self._outcomes: SimpleQueue[tuple[Sent, Outcome]] = SimpleQueue()
        self._wake = threading.Event()
        self._worker = Worker(name, self._run, on_fatal=on_fatal)

    @abstractmethod
    def _begin(self) -> None:
        """Take what is due and let it be sent; whoever sends it calls answered()."""

    @abstractmethod
    def _on_their_way(self) -> int:
        """How many have not been answered yet."""

    @abstractmethod
    def _write(self, session: Session, sent: Sent, outcome: Outcome) -> None:
        """Write down what came of one."""

    @abstractmethod
    def _done(self, sent: Sent, outcome: Outcome) -> None:
        """Its lane is free."""

    def start(self) -> None:
        """Begin, and look again whenever something is committed."""
        self._database.on_commit(self._wake.set)
        self._worker.start()

    def ask_to_stop(self) -> None:
        """Take nothing more; returns at once."""
        self._worker.ask_to_stop()
        self._wake.set()

    def stop(self, seconds: float = 2.0) -> bool:
        """Take nothing more, note what answers meanwhile; False when the thread is still there after so long.

        What is still being sent then becomes `unknown` when its claim lapses.
        """
        self.ask_to_stop()
        return self._worker.join(seconds)

    @property
    def alive(self) -> bool:
        """Whether the thread is running."""
        return self._worker.alive

    def answered(self, sent: Sent, outcome: Outcome) -> None:
        """Say what came of one; from any thread."""
        self._outcomes.put((sent, outcome))
        self._wake.set()

    def note_outcomes(self) -> None:
        """Write down what was answered. Raises StorageUnavailable, and then keeps it."""
        # In the order of their ids, as whoever writes down what is owed locks them.
        outcomes = sorted(self._waiting_outcomes(), key=lambda pair: pair[0].id)
        if not outcomes:
            return
        try:
            self._note(outcomes)
        except StorageUnavailable:
            self._keep(outcomes)
            raise
        except Exception as error:  # noqa: BLE001  (one odd answer must not stop the others)
            log.warning("answers not kept", action="answers-not-kept", worker=self.name, error=_said(error))
            self._note_one_by_one(outcomes)

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._round(stopping)
        self._note_the_last()
        self._client.close()

    def _round(self, stopping: threading.Event) -> None:
        self._wake.clear()
        try:
            self.note_outcomes()
            self._begin()
        except LoaError as error:
            # The database is full or away: outcomes stay in their queue, and claims lapse by themselves.
            log.warning("sending waits", action="sending-waits", worker=self.name, code=error.code)
        if not stopping.wait(self.gather):
            self._wake.wait(POLL)

    def _note(self, outcomes: Sequence[tuple[Sent, Outcome]]) -> None:
        with self._database.transaction() as session:
            for sent, outcome in outcomes:
                self._write(session, sent, outcome)
        for sent, outcome in outcomes:
            self._done(sent, outcome)

    def _note_one_by_one(self, outcomes: Sequence[tuple[Sent, Outcome]]) -> None:
        for place, (sent, outcome) in enumerate(outcomes):
            unfit = Outcome(CopyState.UNKNOWN, provider_code=UNFIT)
            try:
                if not self._kept(sent, outcome) and not self._kept(sent, unfit):
                    # Its claim lapses; the lane is free at once.
                    self._done(sent, unfit)
            except StorageUnavailable:
                self._keep(outcomes[place:])
                raise

    def _kept(self, sent: Sent, outcome: Outcome) -> bool:
        try:
            self._note([(sent, outcome)])
        except StorageUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  (nor end whoever sends them)
            log.warning("answer not kept", action="answer-not-kept", worker=self.name, copy=sent.id, error=_said(error))
            return False
        return True

    def _keep(self, outcomes: Sequence[tuple[Sent, Outcome]]) -> None:
        for pair in outcomes:
            self._outcomes.put(pair)

    def _waiting_outcomes(self) -> list[tuple[Sent, Outcome]]:
        found = []
        with suppress(Empty):
            while True:
                found.append(self._outcomes.get_nowait())
        return found

    def _note_the_last(self) -> None:
        until = time.monotonic() + LAST_ANSWERS
        while self._on_their_way() and time.monotonic() < until:
            with suppress(LoaError):
                self.note_outcomes()
            self._wake.wait(0.05)
            self._wake.clear()


def _said(error: Exception) -> str:
    # What follows holds rows, and it is nobody's business in a log what stands in them.
    return f"{type(error).__name__}: {error}"[:120].partition("\n")[0]
