"""Errands over real HTTP: again until done, the urgent first, the rest where it stopped."""

import contextlib
import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from device_agent.clips import ClipStore
from device_agent.courier import Courier, FetchKeys, Poll
from device_agent.effects import FetchAnnouncement, FetchClip
from device_agent.events import ClipFailed, ClipStored
from device_agent.https import Server, Tokens
from device_agent.mail import AnnouncementCame, Heard, KeysCame, LiveCame, Mail, Mailbox, ManifestCame, PathFailed
from device_agent.paths import NotServed, PathDown
from device_agent.problems import Problem
from device_agent.senses import REAL
from firmware_config import packing
from firmware_config.protocol import ClipRef, Klass
from tests.agent.station import Station, now_ms

pytestmark = pytest.mark.database

NONCE = "n" * 22
HASTY = replace(REAL, chance=lambda: 0.02)


class Round:
    """A courier with its box."""

    def __init__(self, station: Station, folder: Path, *, skew_ms: int = 0) -> None:
        self.mailbox: Mailbox = Mailbox()
        self.clips = ClipStore(folder / "clips", 10_000_000)
        tokens = Tokens(station.device, station.speaker_key, lambda: now_ms() + skew_ms)
        server = Server((station.url,), None, tokens)
        self.courier = Courier((server,), self.clips, self.mailbox, now_ms, HASTY)
        self.courier.start()

    def next(self, kind: type[Mail]) -> Mail:
        while not isinstance(letter := self.mailbox.get(timeout=30), kind):
            continue
        return letter


@pytest.fixture
def errands(station: Station, tmp_path: Path) -> Iterator[Round]:
    found = Round(station, tmp_path)
    yield found
    found.courier.close()


def clip_of(data: bytes) -> ClipRef:
    return ClipRef(hashlib.sha256(data).hexdigest(), len(data), 1_000)


def fetch(data: bytes, klass: Klass = Klass.NORMAL) -> FetchClip:
    return FetchClip(clip_of(data), klass, now_ms() + 60_000)


def test_everything_comes_over_one_path(station: Station, errands: Round) -> None:
    raw = b"some envelope"
    name = hashlib.sha256(raw).hexdigest()
    station.announcements[f"sha256:{name}"] = raw
    errands.courier.send(FetchKeys())
    errands.courier.send(FetchAnnouncement(f"sha256:{name}", Klass.NORMAL, now_ms() + 60_000))
    errands.courier.send(Poll(NONCE, ""))
    assert errands.next(KeysCame) == KeysCame(station.keys)
    assert isinstance(errands.next(LiveCame), LiveCame)
    came = errands.next(ManifestCame)
    assert isinstance(came, ManifestCame)
    assert came.raw == station.sealed_manifest()
    assert errands.next(AnnouncementCame) == AnnouncementCame(f"sha256:{name}", raw)


def test_what_we_hold_is_not_sent_again(station: Station, errands: Round) -> None:
    errands.courier.send(Poll(NONCE, f'"1-{station.manifest.version}"'))
    errands.next(LiveCame)
    time.sleep(0.1)
    assert errands.mailbox.empty()


def test_an_emergency_does_not_wait_behind_a_long_download(station: Station, errands: Round) -> None:
    long, short = bytes(range(256)) * 1_600, b"siren" * 100
    for data in (long, short):
        station.clips[clip_of(data).sha256] = data
    station.slow_clip = clip_of(long).sha256
    errands.courier.send(fetch(long))
    time.sleep(0.4)
    errands.courier.send(fetch(short, Klass.EMERGENCY))
    assert errands.next(Heard) == Heard(ClipStored(clip_of(short).sha256))
    station.slow_clip = ""
    assert errands.next(Heard) == Heard(ClipStored(clip_of(long).sha256))
    ranges = [asked for _, path, asked in station.requests if path.endswith(clip_of(long).sha256)]
    assert ranges[0] == ""
    assert ranges[1].startswith("bytes=")


def test_a_clip_that_is_not_there_is_told_and_still_asked_for(station: Station, errands: Round) -> None:
    data = b"late" * 100
    errands.courier.send(fetch(data))
    assert errands.next(Heard) == Heard(ClipFailed(clip_of(data).sha256))
    assert errands.next(PathFailed) == PathFailed(Problem.SERVER_REFUSES)
    station.clips[clip_of(data).sha256] = data
    assert errands.next(PathFailed) == PathFailed("")
    assert errands.clips.names() == {clip_of(data).sha256}


def test_wrong_bytes_are_told_and_fetched_anew(station: Station, errands: Round) -> None:
    right, wrong = b"right" * 100, b"wrong" * 100
    station.clips[clip_of(right).sha256] = wrong
    errands.courier.send(fetch(right))
    assert errands.next(PathFailed) == PathFailed(Problem.FETCHED_WRONG_BYTES)
    station.clips[clip_of(right).sha256] = right
    errands.next(PathFailed)
    assert errands.clips.path(clip_of(right).sha256).read_bytes() == right


def test_a_board_with_a_wrong_clock_gets_its_pass_by_the_servers_date(station: Station, tmp_path: Path) -> None:
    lost = Round(station, tmp_path, skew_ms=-40 * 365 * 86_400_000)
    lost.courier.send(FetchKeys())
    assert lost.next(KeysCame) == KeysCame(station.keys)
    lost.courier.close()


def raw_server(answers: list[bytes]) -> tuple[socket.socket, threading.Thread]:
    """Gives each connection the next of these bytes, and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)

    def serve() -> None:
        with listener, contextlib.suppress(TimeoutError):
            for answer in answers:
                peer, _ = listener.accept()
                with peer:
                    peer.recv(65_536)
                    peer.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    return listener, thread


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nkeys"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 401 No\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 900\r\n\r\nx",
        b"HTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nx",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nke",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"",
    ],
)
def test_no_answer_ends_the_courier_and_what_was_cut_short_is_asked_again(
    station: Station, tmp_path: Path, answer: bytes
) -> None:
    listener, thread = raw_server([answer, OK])
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    mailbox: Mailbox = Mailbox()
    tokens = Tokens(station.device, station.speaker_key, now_ms)
    clips = ClipStore(tmp_path / "clips", 1_000)
    courier = Courier((Server((url,), None, tokens),), clips, mailbox, now_ms, HASTY)
    courier.start()
    courier.send(FetchKeys())
    while not isinstance(letter := mailbox.get(timeout=30), KeysCame):
        continue
    assert letter.raw == b"keys"
    assert courier.alive
    courier.close()
    thread.join(30)
    assert not thread.is_alive()


def test_without_a_certificate_nothing_is_asked_over_https(station: Station) -> None:
    tokens = Tokens(station.device, station.speaker_key, now_ms)
    with pytest.raises(PathDown, match="no usable certificate"):
        Server((station.url.replace("http:", "https:"),), None, tokens).ask("GET", "/device/v1/keys")


def test_an_address_that_cannot_be_one_does_not_hide_the_next(station: Station) -> None:
    tokens = Tokens(station.device, station.speaker_key, now_ms)
    server = Server(("https://a..b/", "https://loa.example:99999/", station.url), None, tokens)
    assert server.ask("GET", "/device/v1/keys").body == station.keys
    server.close()


def packed_answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def test_a_bomb_is_not_unpacked_and_what_is_broken_is_no_answer(station: Station) -> None:
    answers = [packing.packed(bytes(5_000_000)), packing.packed(b"keys" * 9)[:-2], packing.packed(b"keys" * 9)]
    listener, thread = raw_server([packed_answer(one) for one in answers])
    tokens = Tokens(station.device, station.speaker_key, now_ms)
    server = Server((f"http://127.0.0.1:{listener.getsockname()[1]}",), None, tokens)
    with pytest.raises(NotServed, match="413"):
        server.ask("GET", "/device/v1/keys")
    with pytest.raises(PathDown):
        server.ask("GET", "/device/v1/keys")
    assert server.ask("GET", "/device/v1/keys").body == b"keys" * 9
    server.close()
    thread.join(30)


def test_what_is_said_goes_packed_only_to_who_unpacks_it(station: Station) -> None:
    tokens = Tokens(station.device, station.speaker_key, now_ms)
    server = Server((station.url,), None, tokens)
    long = b'{"log":"' + b"x" * 2_000 + b'"}'
    server.ask("POST", "/device/v1/log?request=one", body=long)
    assert station.packed == 0
    server.ask("GET", "/device/v1/manifest")
    server.ask("POST", "/device/v1/log?request=two", body=long)
    assert station.packed == 1
    assert station.logs == {"one": long, "two": long}
    server.close()


def test_one_connection_carries_clip_after_clip(station: Station, errands: Round) -> None:
    for data in (b"one" * 9_000, b"two" * 9_000):
        station.clips[clip_of(data).sha256] = data
        errands.courier.send(fetch(data))
        errands.next(Heard)
    assert station.connections == 1
