"""What this speaker's line carried: asked of the kernel, which sees encryption, repetitions and acknowledgements."""

import contextlib
import socket
import struct
import threading
from typing import NamedTuple

PACKET_BYTES = 52
"""Headers of IP and TCP with a timestamp; a mobile operator counts them too."""

# Linux' `struct tcp_info`: bytes received, segments out and in; then, further on, bytes sent with all repetitions.
_FIGURES = struct.Struct("=128xQII56xQ")


class Carried(NamedTuple):
    """What one connection has carried since it began, both ways."""

    sent: int
    received: int
    packets: int

    @property
    def bytes(self) -> int:
        """What TCP carried, without headers."""
        return self.sent + self.received

    @property
    def billed(self) -> int:
        """Bytes as an operator counts them."""
        return self.bytes + PACKET_BYTES * self.packets


def carried(connection: socket.socket) -> Carried:
    """What a TCP connection has carried; raises OSError when it is closed, or where the kernel does not tell."""
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _FIGURES.size)
    if len(told) < _FIGURES.size:
        raise OSError("the kernel tells too little of a connection")
    received, packets_out, packets_in, sent = _FIGURES.unpack(told)
    return Carried(sent, received, packets_out + packets_in)


class Traffic:
    """Adds up all connections of this run of the agent; any thread may ask or tell."""

    def __init__(self) -> None:
        self._over = 0
        self._open: dict[int, tuple[socket.socket, int]] = {}
        """By identity: each with what it had carried when it was last looked at."""
        self._lock = threading.Lock()

    def watch(self, connection: socket.socket) -> None:
        """Count what it carries, from its beginning to its end."""
        with self._lock:
            if id(connection) not in self._open:
                self._open[id(connection)] = (connection, 0)
            self._look(connection)

    def release(self, connection: socket.socket, to_come: int = 0) -> None:
        """Look a last time: it is about to be closed, or will bring so many bytes in all and then close by itself."""
        with self._lock:
            if id(connection) not in self._open:
                return
            found = self._look(connection)
            self._over += self._open.pop(id(connection))[1]
            self._over += max(0, to_come - (found.received if found else 0))

    def add(self, more: int) -> None:
        """Count what was carried by something else than a socket of this process."""
        with self._lock:
            self._over += more

    @property
    def total(self) -> int:
        """Bytes as an operator counts them, since the agent began."""
        with self._lock:
            for connection, last in tuple(self._open.values()):
                self._look(connection)
                if connection.fileno() < 0:
                    # Closed without a word: what it had carried when it was last looked at is all that is known.
                    self._over += last
                    del self._open[id(connection)]
            return self._over + sum(last for _, last in self._open.values())

    def _look(self, connection: socket.socket) -> Carried | None:
        with contextlib.suppress(OSError):
            found = carried(connection)
            self._open[id(connection)] = (connection, found.billed)
            return found
        return None
