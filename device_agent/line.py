"""What TCP can do about a bad line: segments that pass every tunnel, and the silence of a peer that is gone."""

import socket
import struct

LARGEST_SEGMENT = 1_200
"""Bytes; fits the least that IPv6 promises (1,280), so no tunnel on the way has to cut or to drop it."""

Connection = socket.socket

# Linux' `struct tcp_info`: milliseconds since data came last, and since an acknowledgement did.
_SINCE = struct.Struct("=52xII")


def connect(
    address: tuple[str, int], timeout: float | None = None, source: tuple[str, int] | None = None
) -> socket.socket:
    """A TCP connection on which both sides send small segments; raises OSError.

    Who drops larger packets often says nothing, and a server that probes for it (RFC 4821) is not to be counted on.
    """
    failure = OSError(f"no address for {address[0]}")
    for family, kind, number, _, target in socket.getaddrinfo(*address, type=socket.SOCK_STREAM):
        connection = socket.socket(family, kind, number)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, LARGEST_SEGMENT)
            connection.settimeout(timeout)
            if source:
                connection.bind(source)
            connection.connect(target)
        except OSError as trouble:
            connection.close()
            failure = trouble
        else:
            return connection
    raise failure


def silent_s(connection: socket.socket) -> float:
    """Seconds since anything at all came from the other side; raises OSError when it is closed."""
    told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SINCE.size)
    data_ms, acknowledged_ms = _SINCE.unpack(told)
    return float(min(data_ms, acknowledged_ms)) / 1000
