"""A burst of signed receipts from many speakers, sent from a process of its own as fast as the broker takes it."""

import multiprocessing
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe

from bench import mqtt
from broadcaster.links.tls import TlsFiles
from firmware_config.protocol import (
    GENESIS,
    Batch,
    ClockState,
    Event,
    Evidence,
    Receipt,
    Signer,
    next_hash,
    seal_document,
    topics,
)

LADDER = (Event.STORED, Event.ARMED, Event.STARTED, Event.FINISHED, Event.HEARD)
EVIDENCE = Evidence(frames=800, ms=16_000, level=-1700, peak=-200, proof="frames", languages=("vi",))
FIRST_MS = 1_795_000_000_000
WINDOW = 1_000


def airing_name(number: int) -> str:
    """The airing that a speaker's receipts number 5n+1 … 5n+5 are about."""
    return f"airing-{number:05}"


def batches(signers: Mapping[str, Signer], *, size: int, each: int) -> list[tuple[str, bytes]]:
    """`each` batches of `size` receipts per speaker, chained and signed; the speakers take turns."""
    made: list[tuple[str, bytes]] = []
    ends = dict.fromkeys(signers, (0, GENESIS))
    for _ in range(each):
        for name, signer in signers.items():
            seq, head = ends[name]
            previous, receipts = head, []
            for number in range(seq + 1, seq + size + 1):
                receipts.append(_receipt(number))
                head = next_hash(head, receipts[-1])
            ends[name] = (seq + size, head)
            made.append((topics.receipts(name), seal_document(Batch(name, previous, tuple(receipts)), signer)))
    return made


def _receipt(number: int) -> Receipt:
    event = LADDER[(number - 1) % len(LADDER)]
    return Receipt(
        seq=number,
        boot="boot-1",
        airing=airing_name((number - 1) // len(LADDER)),
        announcement="sha256:" + "a" * 64,
        event=event,
        at=FIRST_MS + number,
        clock=ClockState.TRUSTED,
        attempt=1,
        reason="",
        evidence=EVIDENCE if event in {Event.FINISHED, Event.HEARD} else None,
    )


@dataclass(frozen=True)
class Sender:
    """Sends what it was given when told to go."""

    pipe: Pipe

    def go(self) -> None:
        """Begin; returns at once."""
        self.pipe.send("go")


@contextmanager
def sender_of(messages: Sequence[tuple[str, bytes]], port: int, tls: TlsFiles, name: str) -> Iterator[Sender]:
    """A connected sender holding all messages; its process is gone at the end."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_send, args=(list(messages), port, tls, name, there), daemon=True)
    process.start()
    assert here.recv() == "ready"
    try:
        yield Sender(here)
    finally:
        process.join(60)
        process.terminate()


def _send(messages: list[tuple[str, bytes]], port: int, tls: TlsFiles, name: str, pipe: Pipe) -> None:
    context = tls.client_context()
    wire = context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost")
    line = mqtt.Connection(wire, lambda *_: None)
    line.send(mqtt.connect(name))
    wire.settimeout(0)
    while not line.connected:
        assert line.read()
    # Everything is put together beforehand: the sender must be faster than anybody who listens.
    packets = [mqtt.publish(topic, raw, at % 60_000 + 1) for at, (topic, raw) in enumerate(messages)]
    pipe.send("ready")
    pipe.recv()
    for at in range(0, len(packets), 50):
        line.send(b"".join(packets[at : at + 50]))
        while at - line.acknowledged > WINDOW:
            line.read()
    while line.acknowledged < len(packets):
        line.read()
