"""Answers kept in memory until somebody changes something, so that a whole village may ask at once."""

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from broadcaster.store.database import Database
from broadcaster.store.tables import AuditHead
from broadcaster.web.wire import SMALLEST, takes_gzip

FRESH = timedelta(seconds=15)
"""What changes by itself, as an hour that has come, is seen after so long."""
STALE = 3 * FRESH
"""Nobody is shown anything older while it is drawn anew."""
# Short enough that a withdrawal is seen soon, long enough that a whole village costs a few renderings.
CACHE = "public, max-age=30, stale-while-revalidate=30"


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer as it is sent."""

    plain: bytes
    packed: bytes
    etag: str
    headers: dict[str, str]
    stamp: int
    made: datetime

    def answer(self, request: Request) -> Response:
        """It, or 304 for a reader who has it."""
        small = len(self.packed) < len(self.plain) and takes_gzip(request.headers)
        etag = f'"{self.etag}-gzip"' if small else f'"{self.etag}"'
        headers = self.headers | {"etag": etag, "cache-control": CACHE, "vary": "accept-encoding"}
        if has(request, etag):
            return Response(status_code=304, headers=headers)
        packed = {"content-encoding": "gzip"} if small else {}
        return Response(self.packed if small else self.plain, headers=headers | packed)


def has(request: Request, etag: str) -> bool:
    """Whether who asks says that they have it."""
    return etag in {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}


def keep(body: bytes, headers: dict[str, str], *, stamp: int = 0, made: datetime) -> Kept:
    """An answer with its name and its shorter form."""
    packed = gzip.compress(body, 6, mtime=0) if len(body) >= SMALLEST else body
    return Kept(body, packed, hashlib.sha256(body).hexdigest()[:32], headers, stamp, made)


Make = Callable[[], tuple[bytes, dict[str, str]]]


@dataclass(slots=True)
class Shelf:
    """The answers kept; each is made once, however many ask for it at the same time."""

    database: Database
    now: Callable[[], datetime]
    most: int = 500
    _kept: OrderedDict[Hashable, Kept] = field(default_factory=OrderedDict)
    _making: dict[Hashable, threading.Lock] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Hashable, make: Make) -> Kept:
        """The answer kept under this key if it still holds, else a new one; what `make` raises is not kept."""
        # Whatever a person changes is audited, and every broadcaster on this database reads the same number.
        with self.database.read() as session:
            stamp = session.scalar(select(AuditHead.seq)) or 0
        found = self._found(key)
        if found and self._holds(found, stamp, FRESH):
            return found
        with self._lock:
            mine = self._making.setdefault(key, threading.Lock())
        # Where only time has passed one draws it anew, and the others are shown what there is.
        shown = found if found and self._holds(found, stamp, STALE) else None
        if not mine.acquire(blocking=shown is None) and shown:
            return shown
        try:
            found = self._found(key)
            return found if found and self._holds(found, stamp, FRESH) else self._put(key, make, stamp)
        finally:
            mine.release()
            with self._lock:
                self._making.pop(key, None)

    def _found(self, key: Hashable) -> Kept | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _holds(self, found: Kept, stamp: int, age: timedelta) -> bool:
        return found.stamp >= stamp and timedelta() <= self.now() - found.made < age

    def _put(self, key: Hashable, make: Make, stamp: int) -> Kept:
        made = self.now()
        found = keep(*make(), stamp=stamp, made=made)
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        return found
