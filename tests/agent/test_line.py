"""What TCP does for a speaker on a bad line, on this machine's loopback."""

import http.client
import socket
import ssl
import time

import pytest

from device_agent import line
from device_agent.https import Server, Tokens
from device_agent.link import secure_dial
from firmware_config import pki
from tests.agent.station import Station

pytestmark = pytest.mark.whole


def largest_segment(connection: socket.socket) -> int:
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)


def test_the_other_side_sends_small_segments_and_its_silence_is_measured() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with line.connect(server.getsockname(), 5.0) as speaker, server.accept()[0] as center:
            # Loopback would take 64 kB at once.
            assert largest_segment(center) <= line.LARGEST_SEGMENT
            time.sleep(0.3)
            assert line.silent_s(speaker) >= 0.25
            center.sendall(b"here")
            assert speaker.recv(4) == b"here"
            assert line.silent_s(speaker) < 0.2
        with pytest.raises(OSError, match="Bad file descriptor"):
            line.silent_s(speaker)


def test_an_address_where_nobody_listens_raises() -> None:
    with pytest.raises(OSError, match="refused"):
        line.connect(("127.0.0.1", 9), 5.0)


def test_both_paths_of_the_speaker_connect_that_way(station: Station) -> None:
    server = Server((station.url,), None, Tokens("loa", pki.new_signing_key(), lambda: 0))
    connection = server._connect(station.url)
    assert isinstance(connection, http.client.HTTPConnection)
    connection.connect()
    assert largest_segment(connection.sock) <= line.LARGEST_SEGMENT
    server.close()
    with socket.create_server(("127.0.0.1", 0)) as broker:
        client = secure_dial("loa", ssl.create_default_context())(lambda _reason: None)
        host, port = broker.getsockname()
        client._host, client._port = host, port
        raw = client._create_socket_connection()
        assert largest_segment(raw) <= line.LARGEST_SEGMENT
        raw.close()
