"""Tells systemd that we are ready and alive, where it asked to be told."""

import os
import socket


def notify(message: str) -> None:
    """Send one line such as READY=1; does nothing outside systemd."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.sendto(message.encode(), "\0" + address[1:] if address.startswith("@") else address)
        except OSError:
            return
