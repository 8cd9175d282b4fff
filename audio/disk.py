"""Clips on the disk: named by what they hold, and whole or not there at all."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from audio.clip import clip_path
from audio.errors import DiskFull

ABANDONED_S = 86_400
_MAKING = ".making-"


@contextmanager
def workroom(folder: Path) -> Iterator[Path]:
    """Lend a folder for half-made files on the same disk as `folder`; it is gone afterwards."""
    with full_disk_named():
        folder.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(folder)
        with tempfile.TemporaryDirectory(prefix=_MAKING, dir=folder) as room:
            yield Path(room)


def _clear_abandoned(folder: Path) -> None:
    """Delete workrooms a power cut left behind, known by an age no honest work reaches."""
    for room in folder.glob(f"{_MAKING}*"):
        with suppress(FileNotFoundError):
            if time.time() - room.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(room, ignore_errors=True)


def keep_clip(made: Path, clips: Path) -> tuple[str, Path]:
    """Move a finished file among the clips; return its sha256 and its place. Raises DiskFull."""
    with full_disk_named():
        with made.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        place = clip_path(clips, sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        made.replace(place)
        _sync_folder(place.parent)
        _sync_folder(clips)
    return sha256, place


def put(place: Path, data: bytes) -> None:
    """Write a file of a cache in one step; what a power cut spoils is made again, so nothing is synced."""
    with full_disk_named():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=_MAKING, delete=False) as file:
            try:
                file.write(data)
                file.close()
                Path(file.name).replace(place)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise


@contextmanager
def full_disk_named() -> Iterator[None]:
    """Turn the system's error for a full disk into DiskFull."""
    try:
        yield
    except OSError as trouble:
        if trouble.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull from trouble
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
