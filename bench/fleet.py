"""Simulated speakers: real TLS connections, the real protocol, every signature checked, in a process of their own."""

import hashlib
import multiprocessing
import selectors
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from bench import mqtt
from firmware_config import protocol
from firmware_config.pki import Authority
from firmware_config.protocol import KeyRing, KeySet, topics

START_SECONDS = 180.0


@dataclass(frozen=True)
class Orders:
    """What a fleet needs to know to begin."""

    folder: Path
    port: int
    names: Sequence[str]
    units: Sequence[str]
    authority: tuple[bytes, bytes]
    """The certificate authority's key and certificate, PEM: the fleet makes its own certificates."""
    keys_raw: bytes
    root: bytes


@dataclass
class _Member:
    name: str
    line: mqtt.Connection
    received: dict[str, tuple[float, bytes]] = field(default_factory=dict)


class _Fleet:
    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._selector = selectors.DefaultSelector()
        self._members: list[_Member] = []
        self._authority = Authority.load(*orders.authority)

    def connect(self) -> None:
        orders = self._orders
        orders.folder.mkdir(parents=True, exist_ok=True)
        (orders.folder / "ca.pem").write_bytes(orders.authority[1])
        for name in orders.names:
            member = self._join(name)
            self._members.append(member)
            self._selector.register(member.line.wire, selectors.EVENT_READ, member)
        self.run_until(lambda: all(member.line.subscribed for member in self._members), START_SECONDS)

    def _join(self, name: str) -> _Member:
        issued = self._authority.issue(name)
        pair = self._orders.folder / "pair.pem"
        pair.write_bytes(issued.key_pem + issued.certificate_pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self._orders.folder / "ca.pem")
        context.load_cert_chain(pair)
        plain = socket.create_connection(("127.0.0.1", self._orders.port), timeout=30)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire = context.wrap_socket(plain, server_hostname="localhost")
        wire.setblocking(False)  # noqa: FBT003
        received: dict[str, tuple[float, bytes]] = {}

        def note(topic: str, payload: bytes, at: float) -> None:
            received[topic] = (at, payload)

        line = mqtt.Connection(wire, note)
        line.send(mqtt.connect(name))
        line.send(mqtt.subscribe(topics.speaker_subscriptions(name, self._orders.units, [])))
        return _Member(name, line, received)

    def run_until(self, done: Any, seconds: float) -> bool:  # noqa: ANN401
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                return False
            for key, _ in self._selector.select(0.05):
                if not key.data.line.read():
                    self._selector.unregister(key.fileobj)
        return True

    def forget(self) -> None:
        for member in self._members:
            member.received.clear()

    def wait_for(self, topic: str, seconds: float) -> tuple[int, float]:
        """How many speakers hold a message of this topic ("{name}" = their own), and when the last one did."""

        def holding() -> list[float]:
            names = ((m, topic.replace("{name}", m.name)) for m in self._members)
            return [m.received[t][0] for m, t in names if t in m.received]

        self.run_until(lambda: len(holding()) == len(self._members), seconds)
        times = holding()
        return len(times), max(times, default=0.0)

    def drain(self, seconds: float) -> None:
        self.run_until(lambda: False, seconds)

    def check_live(self, topic: str) -> tuple[int, float]:
        """Each speaker verifies command, words and clip for itself; how many agreed, and the seconds that took."""
        keys = self._ring()
        began = time.monotonic()
        good = sum(_is_good(member, topic, self._orders.units, keys) for member in self._members)
        return good, time.monotonic() - began

    def digests(self, topic: str) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for member in self._members:
            if topic in member.received:
                found[hashlib.sha256(member.received[topic][1]).hexdigest()] += 1
        return dict(found)

    def payload(self, topic: str) -> bytes:
        return next(member.received[topic][1] for member in self._members if topic in member.received)

    def _ring(self) -> KeyRing:
        raw = protocol.accept_keys(self._orders.keys_raw, root=self._orders.root, have_version=0, now=None)
        assert isinstance(raw, KeySet)
        return raw.ring()


def _is_good(member: _Member, topic: str, units: Sequence[str], keys: KeyRing) -> bool:
    live = protocol.unpack_live(member.received[topic][1])
    command = protocol.accept_command(
        live.command,
        me=member.name,
        places=protocol.Places(tuple(units), ()),
        keys=keys,
        now=int(time.time() * 1000),
        seen=lambda _id: False,
    )
    if not isinstance(command.action, protocol.PlayNow) or live.announcement is None:
        return False
    expected = command.action.item.announcement
    words = protocol.accept_announcement(live.announcement, expected=expected, keys=keys, now=None)
    return words.audience.covers(member.name, units, ()) and bool(live.clips)


def _live(orders: Orders, pipe: Pipe) -> None:
    """The fleet's process: answers one question after the other until told to end."""
    fleet = _Fleet(orders)
    fleet.connect()
    pipe.send(len(orders.names))
    while True:
        while not pipe.poll(0):
            fleet.drain(0.02)
        name, arguments = pipe.recv()
        if name == "end":
            return
        pipe.send(getattr(fleet, name)(*arguments))


class Fleet:
    """The fleet as the bench speaks to it."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def ask(self, name: str, *arguments: object) -> Any:  # noqa: ANN401
        """Call one of the fleet's methods and wait for its answer."""
        self.begin(name, *arguments)
        return self._pipe.recv()

    def begin(self, name: str, *arguments: object) -> None:
        """Call one without waiting."""
        self._pipe.send((name, arguments))

    def answer(self) -> Any:  # noqa: ANN401
        """The answer to what was begun."""
        return self._pipe.recv()


@contextmanager
def fleet_of(orders: Orders) -> Iterator[Fleet]:
    """A connected and subscribed fleet, gone at the end."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_live, args=(orders, there), daemon=True)
    process.start()
    assert here.poll(START_SECONDS)
    assert here.recv() == len(orders.names)
    try:
        yield Fleet(here)
    finally:
        here.send(("end", ()))
        process.join(10)
