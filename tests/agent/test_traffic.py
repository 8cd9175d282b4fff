"""What the line carried is counted on the sockets themselves, kept on disk, and told to the core."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device_agent import boot
from device_agent.budget import Month
from device_agent.desk import Desk
from device_agent.events import DataMoved
from device_agent.https import Server, Tokens
from device_agent.journal import Journal
from device_agent.mail import Mailbox
from device_agent.month import keep_month, kept_month
from device_agent.senses import REAL
from device_agent.settings import Settings, from_config
from device_agent.spending import EACH_S, Spending
from device_agent.traffic import PACKET_BYTES, Traffic, carried
from firmware_config.device_config import load
from tests.agent.counting import counted
from tests.agent.station import Station, blank_manifest

pytestmark = pytest.mark.whole

MB = 1_000_000
NOVEMBER = 1_795_842_000.0
"""2026-11-28 12:00 in Hà Nội, seconds."""
FOUR_DAYS = 4 * 86_400.0


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    with near, far:
        yield near, far


def exchange(pair: tuple[socket.socket, socket.socket], out: int, back: int) -> None:
    near, far = pair
    send(near, far, out)
    send(far, near, back)


def send(source: socket.socket, target: socket.socket, size: int) -> None:
    source.sendall(b"x" * size)
    left = size
    while left > 0:
        left -= len(target.recv(65_536))


def test_both_ways_and_the_headers_are_counted(pair: tuple[socket.socket, socket.socket]) -> None:
    exchange(pair, 40_000, 700)
    found = carried(pair[0])
    assert found.bytes == 40_700
    assert found.billed == 40_700 + PACKET_BYTES * found.packets
    assert found.packets >= 4


def test_a_connection_counts_once_however_often_it_is_asked(pair: tuple[socket.socket, socket.socket]) -> None:
    traffic = Traffic()
    exchange(pair, 5_000, 10)
    for _ in range(3):
        traffic.watch(pair[0])
        assert traffic.total == carried(pair[0]).billed
    traffic.release(pair[0])
    kept = traffic.total
    pair[0].close()
    traffic.release(pair[0])
    assert traffic.total == kept > 5_000


def test_one_that_was_closed_without_a_word_keeps_what_was_seen(pair: tuple[socket.socket, socket.socket]) -> None:
    traffic = Traffic()
    traffic.watch(pair[0])
    exchange(pair, 5_000, 10)
    seen = traffic.total
    pair[0].close()
    assert traffic.total == seen > 5_000


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "30000")
        if self.path == "/last":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"y" * 30_000)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Tests are quiet."""


@pytest.mark.parametrize("path", ["/next", "/last"])
def test_https_counts_what_really_went_over_the_wire(path: str) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    traffic = Traffic()
    with closing(server.socket), counted(server.server_port) as wire:
        tokens = Tokens("loa-1", Ed25519PrivateKey.generate(), lambda: 0)
        asked = Server((f"http://127.0.0.1:{wire.port}",), None, tokens, traffic)
        for _ in range(3):
            assert len(asked.ask("GET", path).body) == 30_000
        asked.close()
        server.shutdown()
        thread.join()
    assert wire.bytes <= traffic.total <= wire.bytes * 1.08 + 3_000


@dataclass
class Board:
    """The speaker's parts on a clock of the test's own."""

    settings: Settings
    mono: float = 1_000.0
    wall: float = NOVEMBER

    def desk(self) -> Desk:
        senses = replace(REAL, mono=lambda: self.mono, wall=lambda: self.wall, steered=lambda: True)
        return Desk(self.settings, boot.assemble(self.settings, Mailbox(), senses))

    def later(self, seconds: float) -> None:
        self.mono, self.wall = self.mono + seconds, self.wall + seconds


@pytest.fixture
def board(station: Station) -> Board:
    return Board(from_config(load(station.bundle(sink="silent")), {}))


def turn(desk: Desk, chore: Spending) -> None:
    """One turn of the agent, as far as this chore is concerned."""
    chore.turn(desk)
    for event in desk.events:
        if isinstance(event, DataMoved):
            desk.state = replace(desk.state, moved=event.bytes)
    desk.events.clear()


def capped(desk: Desk, cap: int) -> None:
    desk.state = replace(desk.state, manifest=replace(blank_manifest(), month_bytes=cap))


def test_the_month_survives_a_reboot_and_ends_at_midnight_of_the_village(board: Board) -> None:
    desk = board.desk()
    capped(desk, 100 * MB)
    chore = Spending(desk.parts.senses)
    desk.parts.traffic.add(30 * MB)
    turn(desk, chore)
    assert (desk.bytes_month, desk.state.moved) == (30 * MB, 30 * MB)
    desk.parts.traffic.add(55 * MB)
    turn(desk, chore)
    assert desk.bytes_month == 30 * MB, "looked at once a minute"
    board.later(EACH_S)
    turn(desk, chore)
    assert desk.bytes_month == 85 * MB
    turn(desk, chore)
    assert "data_budget_spent" in desk.problems
    desk.parts.journal.close()
    desk.parts.lock.close()

    again = board.desk()
    assert again.state.moved == 85 * MB, "the core knows it before it asks for anything"
    capped(again, 100 * MB)
    chore = Spending(again.parts.senses)
    turn(again, chore)
    assert again.bytes_month == 85 * MB
    board.later(FOUR_DAYS)
    again.parts.traffic.add(7_000)
    turn(again, chore)
    turn(again, chore)
    assert again.bytes_month == 7_000
    assert again.problems == ()
    again.parts.journal.close()
    again.parts.lock.close()


def test_no_problem_without_a_cap(board: Board) -> None:
    desk = board.desk()
    capped(desk, 0)
    desk.parts.traffic.add(10**12)
    chore = Spending(desk.parts.senses)
    turn(desk, chore)
    turn(desk, chore)
    assert desk.problems == ()
    desk.parts.journal.close()
    desk.parts.lock.close()


def test_what_is_not_legible_in_the_journal_begins_anew(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    assert kept_month(journal) == Month(0, 0)
    keep_month(journal, Month(202611, 12))
    assert kept_month(journal) == Month(202611, 12)
    for raw in (b"{", b"[]", b'{"number": "x", "bytes": 1}'):
        journal.remember("month", raw)
        assert kept_month(journal) == Month(0, 0)
    journal.close()
