"""The thread that takes the notices that are due, and the short-lived ones that send them, some for each service."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from broadcaster.domain.mirror import CopyState, Outcome
from broadcaster.mirrors.push import PushSender
from broadcaster.mirrors.rounds import Rounds
from broadcaster.services.outlets import push_queue
from broadcaster.services.outlets.push_queue import Work
from broadcaster.services.outlets.vapid import Vapid
from broadcaster.store.database import Database
from broadcaster.worker import OnFatal

log = structlog.get_logger(__name__)

LANES = 16
"""At once through one service: when one hangs, the others go on."""
TIDIED_EVERY = timedelta(hours=1)


class PushWorker(Rounds[Work]):
    """Tells browsers until it is stopped."""

    gather = 0.05

    def __init__(
        self, database: Database, vapid: Vapid, *, public_url: str, now: Callable[[], datetime], on_fatal: OnFatal
    ) -> None:
        super().__init__("push", database, now=now, on_fatal=on_fatal, private=vapid.private)
        self._public_url = public_url
        self._sender = PushSender(self._client, vapid, now)
        self._sending: Counter[str] = Counter()
        self._tidied: datetime | None = None

    def _begin(self) -> None:
        self._tidy()
        for work in self._take():
            self._sending[work.service] += 1
            threading.Thread(target=self._send, args=(work,), name="push notice", daemon=True).start()

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
        self.answered(work, outcome)

    def _write(self, session: Session, sent: Work, outcome: Outcome) -> None:
        push_queue.noted(session, sent.id, outcome, now=self._now())

    def _done(self, sent: Work, outcome: Outcome) -> None:
        self._sending[sent.service] -= 1
        # Whose browser it is stays out of the log: its address is the key to it.
        said = {"service": sent.service, "state": outcome.state, "code": outcome.provider_code}
        log.info("notice sent", action="notice-sent", notice=sent.id, **said)

    def _on_their_way(self) -> int:
        return self._sending.total()
