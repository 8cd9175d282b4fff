"""Clips on the speaker's disk: whole, checked and durable, or not there at all."""

import contextlib
import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Protocol

from firmware_config.protocol import ClipRef

_CHUNK = 16_384


class ClipRefused(Exception):
    """What came is not the clip that was signed."""


class CacheFull(Exception):
    """The clips on disk take all the room the configuration gives them."""


class Body(Protocol):
    """An answer being read: `status` is 200 for the whole, 206 for the rest that was asked for."""

    status: int

    def read(self, amount: int) -> bytes:
        """Up to `amount` bytes; empty at the end."""


Get = Callable[[int], Body]
"""Asks for a clip from a byte on."""


class ClipStore:
    """A folder of clips named by their sha256."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, sha256: str) -> Path:
        """Where a clip lies when it is stored."""
        return self._folder / f"{sha256}.ogg"

    def names(self) -> frozenset[str]:
        """The clips that are stored."""
        return frozenset(path.stem for path in self._folder.glob("*.ogg"))

    def size(self) -> int:
        """Bytes on disk, unfinished downloads included."""
        sizes = 0
        for path in self._folder.iterdir():
            # The courier finishes and removes files on its own thread.
            with contextlib.suppress(FileNotFoundError):
                sizes += path.stat().st_size
        return sizes

    def put(self, clip: ClipRef, data: bytes) -> None:
        """Store a clip that came along with its command; raises ClipRefused, OSError."""
        if len(data) != clip.bytes or hashlib.sha256(data).hexdigest() != clip.sha256:
            raise ClipRefused(clip.sha256)
        # A name of its own: the courier may be in the middle of the same clip's beginning.
        whole = self._folder / f"{clip.sha256}.whole"
        with whole.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self._finish(whole, clip.sha256)

    def download(self, clip: ClipRef, get: Get, *, urgent: bool = False) -> None:
        """Fetch what is missing of a clip; an interrupted one goes on later. Raises ClipRefused, CacheFull, OSError."""
        if self.path(clip.sha256).exists():
            return
        if not urgent and self.size() + clip.bytes > self._most_bytes:
            raise CacheFull(f"{self._most_bytes} bytes")
        digest, have = self._begun(clip)
        body = get(have)
        if body.status != 206:
            digest, have = hashlib.sha256(), 0
        with self._part(clip.sha256).open("ab" if have else "wb") as file:
            while piece := body.read(_CHUNK):
                have += len(piece)
                if have > clip.bytes:
                    break
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if have < clip.bytes:
            raise OSError(f"clip {clip.sha256[:12]} broke off at {have} of {clip.bytes} bytes")
        if have > clip.bytes or digest.hexdigest() != clip.sha256:
            self._part(clip.sha256).unlink()
            raise ClipRefused(clip.sha256)
        self._finish(self._part(clip.sha256), clip.sha256)

    def drop(self, sha256: str) -> None:
        """Remove a clip that cannot be played."""
        self.path(sha256).unlink(missing_ok=True)

    def keep(self, wanted: Collection[str]) -> None:
        """Remove every clip, and every beginning of one, that is not wanted."""
        for path in self._folder.iterdir():
            if path.stem not in wanted:
                path.unlink(missing_ok=True)

    def _begun(self, clip: ClipRef) -> tuple["hashlib._Hash", int]:
        digest = hashlib.sha256()
        part = self._part(clip.sha256)
        if not part.exists():
            return digest, 0
        if part.stat().st_size >= clip.bytes:
            part.unlink()
            return digest, 0
        with part.open("rb") as file:
            while piece := file.read(_CHUNK):
                digest.update(piece)
            return digest, file.tell()

    def _finish(self, written: Path, sha256: str) -> None:
        written.replace(self.path(sha256))
        # Without this the file may be missing after a power cut although it was written and renamed.
        with _folder_handle(self._folder) as handle:
            os.fsync(handle)

    def _part(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.part"


@contextlib.contextmanager
def _folder_handle(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        yield handle
    finally:
        os.close(handle)
