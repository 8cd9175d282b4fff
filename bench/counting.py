"""A proxy on the loopback that counts what passes: the bytes on the socket, encryption and all."""

import contextlib
import socket
import threading

from device_agent.traffic import carried


class CountingProxy:
    """Listens on a port of its own and passes everything to `target` and back."""

    def __init__(self, target: int) -> None:
        self.bytes = 0
        self._over = 0
        self._open: set[socket.socket] = set()
        self._target = target
        self._counting = threading.Lock()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def billed(self) -> int:
        """Bytes with the headers of IP and TCP, as the kernel counts them on the speakers' side."""
        with self._counting:
            return self._over + sum(carried(one).billed for one in self._open)

    def stop(self) -> None:
        """Take no more connections."""
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                with self._counting:
                    self._open.add(client)
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while found := one.recv(65_536):
                other.sendall(found)
                with self._counting:
                    self.bytes += len(found)
        self._count_last(one, other)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _count_last(self, *ends: socket.socket) -> None:
        with self._counting, contextlib.suppress(OSError):
            for one in self._open & set(ends):
                self._over += carried(one).billed
                self._open.remove(one)
