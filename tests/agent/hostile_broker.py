"""A broker that shakes hands as it should and then sends what it is told to."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.agent.station import Station

CONNACK = b"\x20\x02\x00\x00"


def _packet(peer: ssl.SSLSocket) -> bytes:
    head = peer.recv(2)
    if len(head) < 2:
        raise ConnectionError("gone")
    size, rest = head[1], b""
    if size & 0x80:
        size = (size & 0x7F) + peer.recv(1)[0] * 128
    while len(rest) < size:
        rest += peer.recv(size - len(rest))
    return head[:1] + rest


class HostileBroker:
    """Counts connections; each gets CONNACK, its SUBACK, and then `evil`."""

    def __init__(self, station: Station, folder: Path, evil: bytes) -> None:
        issued = station.authority.issue("mosquitto", server_names=("localhost",))
        folder.mkdir()
        (folder / "cert.pem").write_bytes(issued.certificate_pem)
        (folder / "key.pem").write_bytes(issued.key_pem)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self._evil = evil
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._peers: list[ssl.SSLSocket] = []
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"localhost:{self._listener.getsockname()[1]}"

    @property
    def connections(self) -> int:
        return len(self._peers)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self._listener.close()
        for peer in self._peers:
            peer.close()

    def _serve(self) -> None:
        while True:
            try:
                bare = self._listener.accept()[0]
            except OSError:
                return
            peer = self._context.wrap_socket(bare, server_side=True)
            peer.settimeout(10)
            self._peers.append(peer)
            with suppress(OSError):
                self._greet(peer)

    def _greet(self, peer: ssl.SSLSocket) -> None:
        _packet(peer)
        peer.sendall(CONNACK)
        subscribe = _packet(peer)
        peer.sendall(b"\x90\x04" + subscribe[1:3] + b"\x80\x80" + self._evil)


@contextmanager
def hostile_broker(station: Station, folder: Path, evil: bytes) -> Iterator[HostileBroker]:
    """The broker, gone afterwards."""
    broker = HostileBroker(station, folder, evil)
    try:
        yield broker
    finally:
        broker.close()
