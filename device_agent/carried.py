"""A mounted folder as one more way to what the device API serves: the same envelopes, judged where all others are."""

import base64
import contextlib
import hashlib
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from device_agent.paths import Answer, PathDown
from device_agent.problems import Problem
from firmware_config import carried
from firmware_config.protocol import Refused, loads
from firmware_config.protocol.announcement import MAX_CLIP_BYTES
from firmware_config.protocol.receipts import MAX_BATCH

_log = logging.getLogger(__name__)
T = TypeVar("T")

_API = "/device/v1/"
_LOOK_S = 1.0
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Offer:
    """The manifest for this speaker that lies there, and how it says it is numbered; nobody has verified it."""

    sha256: str
    epoch: int
    version: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What lies in the folder now."""

    times: int
    """How often something came that was not there before."""
    offer: Offer | None


class Stick:
    """One mounted folder; whatever may be slow is done on its own thread."""

    def __init__(self, folder: Path, me: str, *, always: bool = True) -> None:
        self.folder = folder
        self.me = me
        self.always = always
        """Receipts are written whenever it is there, and not only when somebody asks for them."""
        self.asked: float | None = None
        """When somebody last asked for the receipts, by the monotonic clock."""
        self.seen: Seen | None = None
        self.confirmed = 0
        """Receipts up to this number need not lie there any more."""
        self.written = 0
        """Receipts up to this number lie there."""
        self.offered = ""
        """The manifest that was handed over last, by its sha256."""
        self._trouble: dict[str, Problem] = {}
        self._batches: deque[tuple[int, int, bytes]] = deque()
        self._stamp: tuple[int, ...] | None = None
        self._times = 0
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="stick", daemon=True)

    def start(self) -> None:
        """Look after it from now on."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._closing = True
        self._wake.set()

    @property
    def idle(self) -> bool:
        """Whether all that was put has been written."""
        return not self._batches

    @property
    def trouble(self) -> tuple[Problem, ...]:
        """What is wrong with it."""
        return tuple(sorted(set(self._trouble.values())))

    def put(self, first: int, last: int, batch: bytes) -> None:
        """Write a sealed batch there soon, in place of one with the same first receipt."""
        self._batches.append((first, last, batch))
        self._wake.set()

    def failed(self, what: str, problem: Problem, failure: object) -> None:
        """Something on it cannot be used; said until it is taken out or the same thing works."""
        if self._trouble.get(what) is not problem:
            _log.warning("action=stick_trouble problem=%s what=%s detail=%s", problem, what, failure)
        self._trouble = {**self._trouble, what: problem}

    def works(self, what: str) -> None:
        """The same thing works again."""
        if what in self._trouble:
            self._trouble = {name: found for name, found in self._trouble.items() if name != what}

    def work(self) -> None:
        """Look whether it is there, and write what waits."""
        self._look()
        if self.seen is None:
            self._batches.clear()
            return
        while self._batches and self._write(*self._batches[0]):
            self._batches.popleft()
        with contextlib.suppress(OSError):
            self._clear_up()

    def _run(self) -> None:
        while not self._closing:
            self.work()
            self._wake.wait(_LOOK_S)
            self._wake.clear()

    def _look(self) -> None:
        stamp = self._stamped()
        if stamp is None:
            self.seen, self._stamp, self._trouble, self.written, self.offered = None, None, {}, 0, ""
        elif stamp != self._stamp:
            self._times += 1
            self._stamp, self.offered = stamp, ""
            self.seen = Seen(self._times, self._offer())

    def _stamped(self) -> tuple[int, ...] | None:
        try:
            if not (self.folder / carried.ROOT).is_dir():
                return None
            found = (self.folder / carried.manifest(self.me)).lstat()
        except OSError:
            return (0,)
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def _offer(self) -> Offer | None:
        try:
            raw = carried.read_plain(self.folder, carried.manifest(self.me))
        except FileNotFoundError:
            self.failed("manifest", Problem.STICK_NOT_MINE, "nothing for this speaker")
            return None
        except OSError as failure:
            self.failed("manifest", Problem.STICK_UNREADABLE, failure)
            return None
        self.works("manifest")
        return Offer(hashlib.sha256(raw).hexdigest(), *_claimed(raw))

    def _write(self, first: int, last: int, batch: bytes) -> bool:
        try:
            carried.write_whole(self.folder, carried.receipts(self.me, first), batch)
        except OSError as failure:
            self.failed("receipts", Problem.STICK_NOT_WRITABLE, failure)
            self._batches.clear()
            return False
        self.works("receipts")
        self.written = max(self.written, last)
        return True

    def _clear_up(self) -> None:
        """Remove what the broadcaster has confirmed to hold."""
        for name in carried.batches(self.folder):
            if carried.speaker_of(name) == self.me and int(Path(name).stem) + MAX_BATCH <= self.confirmed + 1:
                (self.folder / name).unlink()


class Carried:
    """A path over such a folder. What is named by its hash may come from anywhere, so it stands before the network.

    The manifest and the keys are newer where the network gives them, so for these another one stands behind it.
    """

    def __init__(self, stick: Stick, *, by_hash: bool) -> None:
        self._stick = stick
        self._by_hash = by_hash
        self._file: BinaryIO | None = None

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """A document that lies there; what does not may still come another way, so it raises PathDown."""
        del body, headers
        kind, _, name = path.partition("?")[0].removeprefix(_API).partition("/")
        where = {"announcements": carried.announcement(name)} if self._by_hash else self._latest()
        if method != "GET" or kind not in where:
            raise PathDown("not carried by hand")
        raw = self._read(where[kind], lambda: carried.read_plain(self._stick.folder, where[kind]))
        digest = hashlib.sha256(raw).hexdigest()
        if kind == "announcements" and digest != name:
            raise self._unfit(where[kind], "other bytes than its name says")
        if kind == "manifest":
            if digest == self._stick.offered:
                raise PathDown("handed over already")
            self._stick.offered = digest
        return Answer(200, {}, raw)

    def _latest(self) -> dict[str, str]:
        return {"keys": carried.KEYS, "manifest": carried.manifest(self._stick.me)}

    def open(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> "_Whole":
        """A clip that lies there, looked through before any of it is handed over; raises PathDown."""
        del body
        self.close()
        kind, _, sha256 = path.removeprefix(_API).partition("/")
        name = carried.clip(sha256)
        if method != "GET" or kind != "clips" or not self._by_hash or not carried.is_clip(name):
            raise PathDown("not carried by hand")
        file = self._read(name, lambda: carried.open_plain(self._stick.folder, name, MAX_CLIP_BYTES))
        self._file = file
        # Otherwise a stick with wrong bytes would keep the right ones from ever coming by the network.
        if self._read(name, lambda: _digest(file)) != sha256:
            raise self._unfit(name, "other bytes than its name says")
        start = int((headers or {}).get("Range", "bytes=0-")[6:-1])
        file.seek(start)
        return _Whole(206 if start else 200, file)

    def use(self, urls: tuple[str, ...]) -> None:
        """A folder has no addresses."""

    def close(self) -> None:
        """Let go of an open clip."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _read(self, name: str, read: Callable[[], T]) -> T:
        try:
            found = read()
        except FileNotFoundError as failure:
            raise PathDown(str(failure)) from failure
        except OSError as failure:
            raise self._unfit(name, failure) from failure
        self._stick.works(name)
        return found

    def _unfit(self, name: str, failure: object) -> PathDown:
        self._stick.failed(name, Problem.STICK_UNREADABLE, failure)
        return PathDown(f"{name}: {failure}")


class _Whole:
    """A clip as an answer."""

    def __init__(self, status: int, file: BinaryIO) -> None:
        self.status = status
        self._file = file

    def read1(self, amount: int = -1, /) -> bytes:
        """Up to `amount` bytes; raises OSError when the stick is pulled out."""
        return b"" if self._file.closed else self._ended(self._file.read(amount))

    def read(self, amount: int | None = None, /) -> bytes:
        """The same."""
        return self.read1(-1 if amount is None else amount)

    def _ended(self, piece: bytes) -> bytes:
        if not piece:
            self._file.close()
        return piece


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _claimed(raw: bytes) -> tuple[int, int]:
    """How a manifest says it is numbered."""
    try:
        outer = loads(raw)
        payload = outer["payload"] if isinstance(outer, dict) else None
        inner = loads(base64.b64decode(payload if isinstance(payload, str) else ""))
        numbers = (inner["epoch"], inner["version"]) if isinstance(inner, dict) else (0, 0)
    except (Refused, ValueError, KeyError):
        return 0, 0
    epoch, version = numbers
    return (epoch, version) if isinstance(epoch, int) and isinstance(version, int) else (0, 0)
