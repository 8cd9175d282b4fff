"""Network namespaces of our own, and a line between two of them that is as bad as we say."""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.faults.ground.wire import PERFECT, Lane, Profile

_LIBC = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_TUN_WITHOUT_HEADER = 0x1001
_LARGEST = 2048
_NUMBERS = count()


@dataclass(frozen=True, slots=True)
class Namespace:
    """A network of its own."""

    name: str

    @property
    def prefix(self) -> tuple[str, ...]:
        """What is put before a command to run it in there; it becomes that command."""
        return ("ip", "netns", "exec", self.name)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread, and every thread and process it starts meanwhile, is in there."""
        with Path("/proc/thread-self/ns/net").open() as home, Path(f"/run/netns/{self.name}").open() as there:
            _set(there.fileno())
            try:
                yield
            finally:
                _set(home.fileno())


def _set(handle: int) -> None:
    if _LIBC.setns(handle, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


@contextmanager
def namespace(label: str) -> Iterator[Namespace]:
    """A new namespace with a loopback; gone afterwards."""
    found = Namespace(f"loa-{os.getpid()}-{next(_NUMBERS)}-{label}")
    _ip("netns", "add", found.name)
    try:
        _ip("-n", found.name, "link", "set", "lo", "up")
        yield found
    finally:
        _ip("netns", "delete", found.name)


@dataclass(slots=True)
class Line:
    """A central place and a village, and the one line between them."""

    center: Namespace
    village: Namespace
    address: str
    """The central place's, as the village finds it."""
    up: Lane
    """From the village to the central place."""
    down: Lane
    _ends: tuple[int, int]
    watch: Callable[[bytes], None] = lambda _packet: None
    """Is shown every packet that the village sends, lost or not."""
    _stop: threading.Event = field(default_factory=threading.Event)

    def cut(self, *, up: bool = True, down: bool = True) -> None:
        """From now on these directions swallow everything, without a word."""
        self.up.cut, self.down.cut = up, down

    def mend(self) -> None:
        """Carry again."""
        self.cut(up=False, down=False)

    def become(self, profile: Profile) -> None:
        """From now on both directions are like this."""
        self.up.profile = self.down.profile = profile

    def run(self) -> None:
        """Carry packets until asked to stop."""
        center, village = self._ends
        ways = {village: (self.up, center), center: (self.down, village)}
        flying: list[tuple[float, int, int, bytes]] = []
        order = count()
        while not self._stop.is_set():
            wait = min(0.2, flying[0][0] - time.monotonic()) if flying else 0.2
            for end in select.select(self._ends, (), (), max(0.0, wait))[0]:
                packet = os.read(end, _LARGEST)
                lane, other = ways[end]
                if end == village:
                    self.watch(packet)
                for due in lane.offer(time.monotonic(), len(packet)):
                    heapq.heappush(flying, (due, next(order), other, packet))
            while flying and flying[0][0] <= time.monotonic():
                _, _, other, packet = heapq.heappop(flying)
                os.write(other, packet)

    def stop(self) -> None:
        """Let `run` end."""
        self._stop.set()


@contextmanager
def line(profile: Profile = PERFECT, *, seed: int = 1) -> Iterator[Line]:
    """Two namespaces joined by a line; all of it is gone afterwards."""
    with ExitStack() as stack:
        center, village = (stack.enter_context(namespace(name)) for name in ("center", "village"))
        ends = (_end(stack, center, "10.197.0.1"), _end(stack, village, "10.197.0.2"))
        up, down = (Lane(profile, random.Random(f"{seed} {way}")) for way in ("up", "down"))
        made = Line(center, village, "10.197.0.1", up, down, ends)
        carrier = threading.Thread(target=made.run, name="line")
        carrier.start()
        stack.callback(carrier.join)
        stack.callback(made.stop)
        yield made


def _end(stack: ExitStack, place: Namespace, address: str) -> int:
    with place.entered():
        end = os.open("/dev/net/tun", os.O_RDWR)
        stack.callback(os.close, end)
        fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH22x", b"line", _TUN_WITHOUT_HEADER))
    _ip("-n", place.name, "address", "add", f"{address}/24", "dev", "line")
    _ip("-n", place.name, "link", "set", "line", "up")
    return end


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=20)
