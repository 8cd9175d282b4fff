"""From the committed outbox to every broker: claim, build, publish, and strike off once all of them have it.

A crash anywhere in between repeats; nothing is struck off that a broker has not acknowledged.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, SimpleQueue

import structlog

from broadcaster.domain.errors import StorageUnavailable
from broadcaster.links.mail import Acknowledged, Down, Line, News, Up, Wake
from broadcaster.services.speaking import relay
from broadcaster.services.speaking.live import Clips
from broadcaster.services.speaking.publication import Publication
from broadcaster.services.speaking.relay import LASTING, LIVE, URGENT, Claimed
from broadcaster.services.speaking.signing import Signing
from broadcaster.store.database import Database
from broadcaster.worker import OnFatal, Worker

log = structlog.get_logger(__name__)

POLL = 1.0
WINDOW = 200
QUIET = 2.0
"""Seconds after an emergency in which nothing else competes with it for the villages' lines."""
PATIENCE = 30.0
"""Seconds a broker may take to acknowledge before we try again."""


@dataclass(slots=True)
class _Ticket:
    """One claimed row on its way: how many acknowledgements it still waits for, and since when."""

    claimed: Claimed
    since: float
    missing: int = 0
    lost: bool = False


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Relay:
    """One thread; whoever commits something wakes it, and it looks once a second in any case."""

    def __init__(
        self,
        database: Database,
        signing: Signing,
        clips: Clips,
        links: Sequence[Line],
        *,
        news: SimpleQueue[News],
        on_fatal: OnFatal,
        clock: Callable[[], datetime] = utc_now,
        mono: Callable[[], float] = time.monotonic,
        fault: Callable[[str], None] = lambda _point: None,
    ) -> None:
        self.published = 0
        self.failures = 0
        self._quiet_until = 0.0
        self._every = False
        """A broker may have forgotten everything, and the manifests have not been asked for again yet."""
        self._database, self._signing, self._clips = database, signing, clips
        self._links = {one.name: one for one in links}
        self._news, self._clock, self._mono, self._fault = news, clock, mono, fault
        self._waiting: dict[tuple[str, int], _Ticket] = {}
        self._flying: dict[int, _Ticket] = {}
        self._finished: list[Claimed] = []
        self._worker = Worker("relay", self._run, on_fatal=on_fatal)
        database.on_commit(self.wake)

    def start(self) -> None:
        """Begin."""
        self._worker.start()

    def ask_to_stop(self) -> None:
        """Begin to leave."""
        self._worker.ask_to_stop()
        self.wake()

    def join(self, seconds: float = 2.0) -> bool:
        """Wait for the thread to leave."""
        return self._worker.join(seconds)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._worker.alive

    def wake(self) -> None:
        """Something was committed; may be called from any thread, never waits."""
        if threading.current_thread().name != self._worker.name:
            self._news.put(Wake())

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                self.turn(POLL)
            except StorageUnavailable:
                self.failures += 1
                log.warning("database unavailable", action="relay-waits", exc_info=True)
                stopping.wait(POLL)

    def turn(self, seconds: float) -> None:
        """Wait so long for news, and do all that is due. Raises StorageUnavailable, and then goes on at the next."""
        self._read_news(seconds)
        self._settle()
        self._send()

    def _read_news(self, seconds: float) -> None:
        for item in self._drain(seconds):
            match item:
                case Acknowledged(link, mid):
                    self._arrived((link, mid))
                case Down(link):
                    self._give_up(link)
                case Up():
                    self._every = True
                case Wake():
                    pass
        if self._every:
            with self._database.transaction() as session:
                relay.want_every_manifest(session, now=self._clock())
            self._every = False

    def _drain(self, seconds: float) -> list[News]:
        items: list[News] = []
        try:
            items.append(self._news.get(timeout=seconds) if seconds else self._news.get_nowait())
            while len(items) < 10_000:
                items.append(self._news.get_nowait())
        except Empty:
            pass
        return items

    def _arrived(self, key: tuple[str, int]) -> None:
        if ticket := self._waiting.pop(key, None):
            ticket.missing -= 1
            if ticket.missing == 0:
                self._land(ticket)

    def _land(self, ticket: _Ticket) -> None:
        if self._flying.get(ticket.claimed.id) is ticket:
            del self._flying[ticket.claimed.id]
        if not ticket.lost:
            self._finished.append(ticket.claimed)

    def _give_up(self, link: str) -> None:
        """What a broken link still owed us is not lost: a link that comes back is given everything anew."""
        for key in [key for key in self._waiting if key[0] == link]:
            ticket = self._waiting.pop(key)
            ticket.missing -= 1
            # With another broker still connected that one's word is enough; with none, the row stays.
            ticket.lost = ticket.lost or not self._connected()
            if ticket.missing == 0:
                self._land(ticket)

    def _connected(self) -> list[Line]:
        return [link for link in self._links.values() if link.connected]

    def _settle(self) -> None:
        """Strike off what is acknowledged; put back what has waited too long."""
        late = [t for t in self._flying.values() if self._mono() - t.since > PATIENCE]
        if not self._finished and not late:
            return
        self._fault("acknowledged")
        with self._database.transaction() as session:
            relay.done(session, self._finished)
            for ticket in late:
                relay.failed(session, ticket.claimed, now=self._clock(), error="no acknowledgement")
        self._finished.clear()
        self.failures += len(late)
        for ticket in late:
            ticket.lost = True
            self._flying.pop(ticket.claimed.id, None)

    def _send(self) -> None:
        if not self._connected() or len(self._flying) >= WINDOW:
            return
        with self._database.read() as session:
            due = relay.due(session, now=self._clock())
        if due.intersection(URGENT):
            self._send_some(URGENT)
        # An emergency has the line to itself: until the broker has taken it, and while it hands it out.
        urgent = any(ticket.claimed.kind in URGENT for ticket in self._flying.values())
        if due.intersection(LASTING) and self._mono() >= self._quiet_until and not urgent:
            self._send_some(LASTING)

    def _send_some(self, kinds: Sequence[str]) -> None:
        with self._database.transaction() as session:
            now = self._clock()
            claims = relay.claim(session, kinds, now=now, limit=max(0, WINDOW - len(self._flying)))
            fresh = [c for c in claims if not self._is_flying(c)]
            built = relay.publications(session, fresh, signing=self._signing, clips=self._clips, now=now)
        self._fault("claimed")
        for claimed, publications in built:
            self._publish(claimed, publications)
        self._fault("published")

    def _is_flying(self, claimed: Claimed) -> bool:
        ticket = self._flying.get(claimed.id)
        return ticket is not None and ticket.claimed.generation == claimed.generation

    def _publish(self, claimed: Claimed, publications: Sequence[Publication]) -> None:
        ticket = _Ticket(claimed, self._mono())
        if claimed.kind == LIVE and publications:
            self._quiet_until = ticket.since + QUIET
        self._flying[claimed.id] = ticket
        for link in self._connected():
            for one in publications:
                mid = link.publish(one.topic, one.payload, retain=one.retain)
                if mid is None:
                    ticket.lost = True
                    continue
                ticket.missing += 1
                self._waiting[link.name, mid] = ticket
                self.published += 1
        if ticket.missing == 0:
            ticket.lost = ticket.lost or bool(publications)
            self._land(ticket)
