"""The broadcaster of a world: the real planner, relay, inbox and services; broker connections that are not sockets."""

import base64
import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from sqlalchemy.orm import Session

from bench.sim.broker import Broker
from bench.sim.broker import Session as Connection
from bench.sim.ground import Ground
from bench.sim.kernel import Kernel, only
from bench.sim.line import Line
from bench.sim.spans import Spans
from broadcaster.links.inbox import Inbox
from broadcaster.links.mail import Acknowledged, Down, Inbound, Mailbox, News, Up, Wake
from broadcaster.links.relay import Relay
from broadcaster.services.airtime import closing, planning
from broadcaster.services.moments import moment
from broadcaster.services.places import speakers
from broadcaster.services.speaking import live, manifests, receipts
from broadcaster.services.speaking.signing import Signing
from broadcaster.store import outbox
from broadcaster.store.tables import SignedDocument
from device_agent.paths import Answer, NotServed
from firmware_config.protocol import Millis, topics

PLAN_S, CLOSE_S, RENEW_S = 300, 240, 600
"""How often its clocks ring: less often than the real ones, since each is a query and what is due stays due."""
BROKER_KEEPS_S = 2.0
GATHER_MS, WAKE_MS = 250, 40
"""How long letters gather, and how long the relay's thread takes to wake: what happens meanwhile is done together."""
URL, BROKERS = "https://loa.example", ("broker-1.example:8883", "broker-2.example:8883")
T = TypeVar("T")


class Crash(Exception):
    """The process ends here."""


class Wire:
    """What `BrokerLink` is to the relay and the inbox."""

    def __init__(self, station: "Station", broker: Broker) -> None:
        self.name = broker.name
        self._station, self._broker, self._kernel = station, broker, station.kernel
        self._session: Connection | None = None
        self._mids = 0
        self._kernel.after(10, self._connect)

    @property
    def connected(self) -> bool:
        """Whether the broker takes what we send."""
        return self._session is not None and self._session.open

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> int | None:
        """To the broker, which says so a moment later."""
        session = self._session
        if session is None or not session.open:
            return None
        self._mids += 1
        mid = self._mids
        self._kernel.note("publish", self.name, topic, payload, retain)
        self._station.said.append((topic, payload))

        def arrive() -> None:
            if session.open:
                self._broker.publish(topic, payload, retain=retain)
                taken = Acknowledged(self.name, mid)
                session.line.carry(only(lambda: session.open, lambda: self._station.news(self, taken)))

        session.line.carry(arrive)
        return mid

    def drop(self) -> None:
        """Our own process is gone."""
        if self._session is not None:
            self._broker.leave(self._session, "gone")

    def _connect(self) -> None:
        if not self._station.has(self):
            return
        if not self._broker.up or not self._station.line.open:
            self._kernel.after(1_000 * BROKER_KEEPS_S, self._connect)
            return
        self._session = Connection("broadcaster", self._station.line, self._heard, self._ended)
        self._broker.join(self._session)
        self._broker.subscribe(self._session, topics.broadcaster_subscriptions())
        self._station.news(self, Up(self.name))

    def _heard(self, topic: str, payload: bytes) -> None:
        if self._station.has(self):
            self._station.hear(topic, payload)

    def _ended(self, _reason: str) -> None:
        if self._station.has(self):
            self._station.news(self, Down(self.name))
            self._kernel.after(1_000 * BROKER_KEEPS_S, self._connect)


class Station:
    """One process after the other on one database."""

    def __init__(self, kernel: Kernel, ground: Ground, signing: Signing, brokers: list[Broker]) -> None:
        self.kernel, self.ground, self.signing = kernel, ground, signing
        self.line = Line(kernel, "broadcaster", swallows=0.0)
        self.counts: Counter[str] = Counter()
        self.said: list[tuple[str, bytes]] = []
        """All that was handed to a broker or answered, for the oracle: topic or path, and bytes."""
        self.up = Spans()
        self.crash_at: str | None = None
        """The relay's fault point at which the process ends next."""
        self._brokers = brokers
        self._wires: list[Wire] = []
        self._relay: Relay | None = None
        self._inbox: Inbox | None = None
        self._news: SimpleQueue[News] = SimpleQueue()
        self._life = 0
        self._letters: list[Inbound] = []
        self._looks: Millis = 0
        self._waking = False

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self._relay is not None

    def has(self, wire: Wire) -> bool:
        """Whether this connection is one of the process that runs now."""
        return wire in self._wires

    def now(self) -> datetime:
        """As services take it."""
        return moment(self.kernel.now)

    def start(self) -> None:
        """A new process."""
        self.kernel.note("broadcaster", "starts")
        self._life += 1
        self._news = SimpleQueue()
        self._wires = []
        self._wires += [Wire(self, broker) for broker in self._brokers]
        self._relay = Relay(
            self.ground.database,
            self.signing,
            self.ground,
            self._wires,
            news=self._news,
            on_fatal=_never,
            clock=self.now,
            mono=lambda: self.kernel.now / 1000,
            fault=self._fault,
        )
        self._inbox = Inbox(
            self.ground.database, self.signing, self._wires, mailbox=Mailbox(), on_fatal=_never, clock=self.now
        )
        self.up.set(self.kernel.now, true=True)
        with self.ground.database.transaction() as session:
            if manifests.set_site(session, brokers=BROKERS[: len(self._brokers)], urls=[URL]):
                manifests.want_every(session, now=self.now())
        for seconds, tick in ((PLAN_S, self._plan), (CLOSE_S, self._close), (RENEW_S, self._renew)):
            self._ring(self._life, seconds, tick)

    def stop(self, ms: int) -> None:
        """Killed, and started again so much later."""
        self.kernel.note("broadcaster", "killed")
        wires, self._wires = self._wires, []
        self._relay = self._inbox = None
        self._letters = []
        self._life += 1
        self.up.set(self.kernel.now, true=False)
        self.ground.database.hand_back()
        for wire in wires:
            wire.drop()
        self.kernel.after(ms, self.start)

    def transact(self, work: Callable[[Session], T]) -> T | None:
        """Something a person does; None while there is no broadcaster."""
        if self._relay is None:
            return None
        with self.ground.database.transaction() as session:
            found = work(session)
        self._wake()
        return found

    def news(self, wire: Wire, item: News) -> None:
        """About a connection."""
        if self.has(wire):
            self._news.put(item)
            self._wake()

    def hear(self, topic: str, payload: bytes) -> None:
        """A message from a speaker; the inbox takes what has gathered by then."""
        self.kernel.note("hears", topic, payload)
        if not self._letters:
            self.kernel.after(GATHER_MS, lambda life=self._life: self._take(life))  # type: ignore[misc]
        self._letters.append(Inbound(topic, payload))

    def _take(self, life: int) -> None:
        letters, self._letters = self._letters, []
        if self._inbox is not None and life == self._life:
            self._inbox.take(letters)
            self.counts = self._inbox.counts
            self._wake()

    def ask(self, device: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        """The device API. Raises NotServed."""
        if self._relay is None:
            raise NotServed(502)
        self.kernel.note("asked", device, method, path.partition("?")[0])
        answer = self._answer(device, path, body, headers)
        self.said.append((path, answer.body))
        self._wake()
        return answer

    def _answer(self, device: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        what, _, query = path.removeprefix("/device/v1/").partition("?")
        if what == "manifest":
            return self._manifest(device, query.removeprefix("nonce="), headers.get("If-None-Match", ""))
        if what == "receipts":
            with self.ground.database.transaction() as session:
                [taken] = receipts.take_in(session, [(device, body or b"")], now=self.now())
            if taken.refused:
                raise NotServed(400)
            return Answer(200, {}, json.dumps({"receipts_through": taken.through}).encode())
        if what == "state":
            with self.ground.database.transaction() as session:
                if speakers.take_states(session, [(device, body or b"")], now=self.now()):
                    raise NotServed(422)
            return Answer(204, {}, b"")
        if what == "keys":
            return Answer(200, {}, self.signing.keys_raw)
        with self.ground.database.read() as session:
            found = session.get(SignedDocument, Path(what).name)
        if found is None:
            raise NotServed(404)
        return Answer(200, {}, found.raw)

    def _manifest(self, device: str, nonce: str, held: str) -> Answer:
        with self.ground.database.transaction() as session:
            found = manifests.sealed(session, device, signing=self.signing, now=self.now())
        headers = {}
        if nonce:
            told = live.answer_to(device, nonce, found, signing=self.signing, now=self.now())
            headers["loa-resynced"] = base64.b64encode(told).decode("ascii")
        if held == f'"{found.epoch}-{found.version}"':
            return Answer(304, headers, b"")
        return Answer(200, headers, found.raw)

    def _fault(self, point: str) -> None:
        if point == self.crash_at:
            self.crash_at = None
            self.kernel.note("broadcaster", "crashes", point)
            raise Crash

    def _wake(self) -> None:
        """Something was committed or has come: the relay's thread is told."""
        if not self._waking:
            self._waking = True
            self.kernel.after(WAKE_MS, self._turn)

    def _turn(self) -> None:
        """The relay does what is due, and looks again when something will be."""
        relay, self._waking = self._relay, False
        if relay is None:
            return
        try:
            while self._anything_for(relay):
                relay.turn(0)
        except Crash:
            self.stop(3_000)
            return
        due = self.ground.next_due()
        if due is not None and any(wire.connected for wire in self._wires):
            self._look_at(max(due, self.kernel.now + 500))

    def _anything_for(self, relay: Relay) -> bool:
        """Whether it is worth a turn: each asks the database twice."""
        items = []
        while not self._news.empty():
            items.append(self._news.get())
        for item in items:
            if not isinstance(item, Wake):
                self._news.put(item)
        if not self._news.empty():
            return True
        due = self.ground.next_due()
        return bool(items) and due is not None and due <= self.kernel.now and relay is self._relay

    def _look_at(self, at: Millis) -> None:
        if not self.kernel.now < self._looks <= at:
            self._looks = at
            self.kernel.at(at, only(lambda: self._looks == at, self._look))

    def _look(self) -> None:
        self._news.put(Wake())
        self._turn()

    def _ring(self, life: int, seconds: float, tick: Callable[[], object]) -> None:
        if life == self._life:
            tick()
            self.kernel.after(1_000 * seconds, lambda: self._ring(life, seconds, tick))

    def _plan(self) -> None:
        planning.plan_in_steps(self.ground.database, now=self.now())

    def _close(self) -> None:
        with self.ground.database.transaction() as session:
            closing.close(session, now=self.now())

    def _renew(self) -> None:
        with self.ground.database.transaction() as session:
            outbox.want(session, "manifest", manifests.due_for_renewal(session, now=self.now()), now=self.now())


def _never(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error
