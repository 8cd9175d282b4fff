"""Opening a port of this machine, or saying in words why it cannot be."""

import socket

from broadcaster.domain.errors import PortTaken, problem_with


def open_port(host: str, port: int, *, backlog: int = 2048) -> socket.socket:
    """A listening socket. Raises PortTaken."""
    try:
        listener = socket.create_server((host, port), backlog=backlog)
    except OSError as error:
        raise PortTaken(host=host, port=port, problem=problem_with(error)) from error
    # Accepted sockets inherit it; without it each answer written in two pieces waits 40 ms for the reader's word.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
