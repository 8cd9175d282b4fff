"""A fence round a library that makes its own connections: in our thread it then reaches public addresses only.

The guarded client cannot be given to such a library, so the interpreter's own audit events are watched in its thread.
That also sees redirects, and a name that resolves to another address the second time.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from typing import Any

from broadcaster.mirrors.outgoing import is_public

CALLS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
# Another program would stand outside, and the machine's own log is no chat group.
ELSEWHERE = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn", "syslog.openlog", "syslog.syslog"}
)

_here = threading.local()


class Fenced(OSError):
    """Something was tried that the fence does not let through; nothing was sent."""


@dataclass(slots=True)
class Fence:
    """What was refused while it stood; empty = nothing."""

    refused: str = ""


@contextmanager
def fenced() -> Iterator[Fence]:
    """Raise Fenced in this thread for whatever is neither a public address nor done right here."""
    _watch_from_now_on()
    _here.fence = fence = Fence()
    try:
        yield fence
    finally:
        _here.fence = None


@cache
def _watch_from_now_on() -> None:
    # A hook stays for as long as the process lives; it is not set before the first such library is used.
    sys.addaudithook(_look)


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in CALLS and event not in ELSEWHERE:
        return
    fence: Fence | None = getattr(_here, "fence", None)
    if fence is None or (event in CALLS and _is_public(arguments[1])):
        return
    fence.refused = "the address is not on the open internet" if event in CALLS else "it wants more than to send"
    raise Fenced(fence.refused)


def _is_public(address: object) -> bool:
    """Of what a socket is given; a name instead of a number, or a socket in the file system, is none."""
    if not isinstance(address, tuple) or not address:
        return False
    try:
        return is_public(ip_address(str(address[0]).partition("%")[0]))
    except ValueError:
        return False
