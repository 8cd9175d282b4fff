"""A hostile broker: it holds everybody's keys, stands before an honest one, and does with messages what it likes."""

from __future__ import annotations

import asyncio
import random
import ssl
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from broadcaster.links.tls import TlsFiles

PUBLISH, PUBACK = 3, b"\x40\x02"
UPTIME = b"$SYS/broker/uptime"


@dataclass
class Manners:
    """How likely each misdeed is, for each message; none of them before it is `bad`."""

    bad: bool = False
    drop: float = 0.25
    twice: float = 0.2
    late: float = 0.2
    swapped: float = 0.1
    latest_s: float = 20.0
    replay_every_s: float = 2.0
    deaf: bool = False
    """Nothing gets through any more, and everything is acknowledged."""


@dataclass
class _Side:
    """One half of a connection: where its packets go, and where an acknowledgement for its sender goes."""

    name: str
    to: asyncio.StreamWriter
    back: asyncio.StreamWriter
    outward: bool
    """Towards the client."""
    held: list[bytes] = field(default_factory=list)


class Hostile:
    """Listens where the broker should; `identities` gives the certificate of each client it pretends to be."""

    def __init__(
        self,
        server: TlsFiles,
        identities: Callable[[str], TlsFiles],
        *,
        port: int,
        behind: int,
        seed: int,
        broadcaster: str = "broadcaster",
    ) -> None:
        self.manners, self.done = Manners(), Counter[str]()
        self._server, self._identities = server, identities
        self._port, self._behind, self._broadcaster = port, behind, broadcaster
        self._chance = random.Random(seed)
        self._past: dict[str, list[bytes]] = defaultdict(list)
        self._clients: dict[str, asyncio.StreamWriter] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hostile")

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._server.certificate, self._server.key)
        context.load_verify_locations(self._server.authority)
        context.verify_mode = ssl.CERT_REQUIRED
        asyncio.set_event_loop(self._loop)
        opening = asyncio.start_server(self._serve, "127.0.0.1", self._port, ssl=context)
        self._loop.run_until_complete(opening)
        self._later(self._replay())
        self._ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.1))

    def _later(self, what: object) -> None:
        assert asyncio.iscoroutine(what)
        task = self._loop.create_task(what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        subject = writer.get_extra_info("peercert")["subject"]
        name = next(text for ((kind, text),) in subject if kind == "commonName")
        context = self._identities(name).client_context()
        try:
            inner, to = await asyncio.open_connection(
                "127.0.0.1", self._behind, ssl=context, server_hostname="localhost"
            )
        except OSError:
            writer.close()
            return
        self._clients[name] = writer
        self._later(self._pump(inner, _Side(name, writer, to, outward=True)))
        await self._pump(reader, _Side(name, to, writer, outward=False))

    async def _pump(self, reader: asyncio.StreamReader, side: _Side) -> None:
        try:
            while True:
                packet = await _packet(reader)
                if packet[0] >> 4 == PUBLISH:
                    self._meet(packet, side)
                else:
                    side.to.write(packet)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            side.to.close()
            side.back.close()

    def _meet(self, packet: bytes, side: _Side) -> None:
        """What becomes of one message."""
        if not self.manners.bad:
            side.to.write(packet)
            return
        if side.outward:
            self._past[side.name] = [*self._past[side.name], packet][-60:]
        manners, fate = self.manners, self._chance.random()
        if manners.deaf or (fate := fate - manners.drop) < 0:
            self._acknowledge(packet, side.back)
        elif (fate := fate - manners.twice) < 0:
            self._count("twice")
            side.to.write(packet + packet)
        elif (fate := fate - manners.late) < 0:
            self._count("late")
            self._later(self._send_late(packet, side))
        elif fate - manners.swapped < 0:
            self._count("swapped")
            side.held.append(packet)
            return
        else:
            side.to.write(packet)
        for kept in side.held:
            side.to.write(kept)
        side.held.clear()

    async def _send_late(self, packet: bytes, side: _Side) -> None:
        await asyncio.sleep(self._chance.uniform(0.1, self.manners.latest_s))
        if not side.to.is_closing():
            side.to.write(packet)

    def _acknowledge(self, packet: bytes, back: asyncio.StreamWriter) -> None:
        self._count("dropped")
        if packet[0] & 0b110:
            at = _mid_at(packet)
            back.write(PUBACK + packet[at : at + 2])

    async def _replay(self) -> None:
        """Old messages come again, and the broker claims to have been started just now."""
        while True:
            await asyncio.sleep(self.manners.replay_every_s)
            for name, writer in list(self._clients.items()):
                if writer.is_closing() or self.manners.deaf or not self.manners.bad:
                    continue
                if name == self._broadcaster:
                    body = len(UPTIME).to_bytes(2, "big") + UPTIME + b"%d seconds" % self._chance.randrange(9)
                    writer.write(bytes([0x30, len(body)]) + body)
                elif self._past[name]:
                    old = bytearray(self._chance.choice(self._past[name]))
                    if old[0] & 0b110:
                        at = _mid_at(bytes(old))
                        old[at : at + 2] = self._chance.randrange(60_000, 65_000).to_bytes(2, "big")
                    writer.write(bytes(old))
                    self._count("replayed")

    def _count(self, what: str) -> None:
        self.done[what] += 1


async def _packet(reader: asyncio.StreamReader) -> bytes:
    """One MQTT control packet, whole."""
    head = await reader.readexactly(1)
    size = shift = 0
    while True:
        byte = await reader.readexactly(1)
        head += byte
        size |= (byte[0] & 0x7F) << shift
        shift += 7
        if not byte[0] & 0x80:
            return head + await reader.readexactly(size)


def _mid_at(packet: bytes) -> int:
    """Where the packet identifier of a QoS 1 PUBLISH stands."""
    at = 1
    while packet[at] & 0x80:
        at += 1
    return at + 3 + int.from_bytes(packet[at + 1 : at + 3], "big")
