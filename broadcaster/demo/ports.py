"""Free ports for what is started beside other things on this machine."""

import socket
from contextlib import ExitStack

from broadcaster.links.ports import open_port


def free(count: int) -> list[int]:
    """So many different ports of this machine that nobody listens on at this moment."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(one.getsockname()[1]) for one in sockets]


def check(*ports: int) -> None:
    """Raise PortTaken for the first of these ports that is in use."""
    for port in ports:
        open_port("127.0.0.1", port).close()
