"""What lies on a stick that is carried to loudspeakers and back: names, and reading and writing that trust nothing.

loa/keys.dsse                          the key set
loa/manifests/<speaker>.dsse           one for each loudspeaker it is for
loa/announcements/<sha256>.dsse        by the hash of the envelope
loa/clips/<sha256>.ogg                 each once, whoever plays it
loa/receipts/<speaker>/<number>.dsse   what a loudspeaker writes back: sealed batches by their first receipt
"""

import base64
import contextlib
import errno
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from firmware_config.protocol.codecs import ID
from firmware_config.protocol.strict_json import SIZE_LIMIT

ROOT = "loa"
KEYS = "loa/keys.dsse"
RECEIPTS = "loa/receipts"
MOST_BATCHES = 20_000
"""More than a speaker writes in years; who puts more on a stick means harm."""

_DOCUMENT = re.compile(
    rf"loa/(keys|manifests/{ID.pattern}|announcements/[0-9a-f]{{64}}|receipts/{ID.pattern}/[0-9]{{12}})\.dsse"
)
_CLIP = re.compile(r"loa/clips/[0-9a-f]{64}\.ogg")
_REFERENCE, _SHA256 = re.compile(rb'"sha256:([0-9a-f]{64})"'), re.compile(rb'"sha256":"([0-9a-f]{64})"')
_BATCH = re.compile(r"[0-9]{12}\.dsse")


class NotPlain(OSError):
    """A link, a pipe, a device, a folder, or more bytes than such a file can have."""


def manifest(speaker: str) -> str:
    """Where a speaker's manifest lies."""
    return f"loa/manifests/{speaker}.dsse"


def announcement(sha256: str) -> str:
    """Where an announcement's envelope lies."""
    return f"loa/announcements/{sha256}.dsse"


def clip(sha256: str) -> str:
    """Where a clip lies."""
    return f"loa/clips/{sha256}.ogg"


def receipts(speaker: str, first: int) -> str:
    """Where a batch of a speaker's receipts lies, by the number of the first."""
    return f"loa/receipts/{speaker}/{first:012d}.dsse"


def is_document(name: str) -> bool:
    """Whether that is the name of an envelope on a stick."""
    return _DOCUMENT.fullmatch(name) is not None


def is_clip(name: str) -> bool:
    """Whether that is the name of a clip on a stick."""
    return _CLIP.fullmatch(name) is not None


def speaker_of(name: str) -> str | None:
    """Whose receipts these are; None for another kind of file."""
    parts = name.split("/")
    return parts[2] if is_document(name) and parts[1] == "receipts" else None


def open_plain(folder: Path, name: str, most: int) -> BinaryIO:
    """A plain file of at most so many bytes, reached without a link; raises NotPlain, OSError."""
    *folders, last = PurePosixPath(name).parts
    with contextlib.ExitStack() as handles:
        here = _enter(handles, folder, None, os.O_DIRECTORY)
        for part in folders:
            here = _enter(handles, part, here, os.O_DIRECTORY | os.O_NOFOLLOW)
        # Without O_NONBLOCK a pipe would be waited for until somebody writes into it.
        file = _open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, here)
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or found.st_size > most:
        os.close(file)
        raise NotPlain(errno.EINVAL, f"not a plain file of at most {most} bytes", name)
    return os.fdopen(file, "rb")


def read_plain(folder: Path, name: str, most: int = SIZE_LIMIT) -> bytes:
    """The bytes of such a file; raises NotPlain, OSError."""
    with open_plain(folder, name, most) as file:
        found = file.read(most + 1)
    if len(found) > most:
        raise NotPlain(errno.EFBIG, "grew while it was read", name)
    return found


def write_whole(folder: Path, name: str, content: bytes | Iterable[bytes]) -> None:
    """Put a file there, whole and on the disk or not at all, and through no link; raises OSError."""
    *folders, last = PurePosixPath(name).parts
    half = f".{last}.half"
    with contextlib.ExitStack() as handles:
        here = _enter(handles, folder, None, os.O_DIRECTORY)
        for part in folders:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, dir_fd=here)
            here = _enter(handles, part, here, os.O_DIRECTORY | os.O_NOFOLLOW)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(half, dir_fd=here)
        try:
            file = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644, dir_fd=here)
            with os.fdopen(file, "wb") as writing:
                writing.writelines([content] if isinstance(content, bytes) else content)
                writing.flush()
                os.fsync(writing.fileno())
            os.rename(half, last, src_dir_fd=here, dst_dir_fd=here)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(half, dir_fd=here)
            raise
        os.fsync(here)


def batches(folder: Path) -> Iterator[str]:
    """The names of all receipts there, in the order in which each speaker wrote them; none where there are none."""
    found = 0
    for speaker in _listed(folder / RECEIPTS):
        if not ID.fullmatch(speaker):
            continue
        for name in _listed(folder / RECEIPTS / speaker):
            found += 1
            if _BATCH.fullmatch(name) and found <= MOST_BATCHES:
                yield f"{RECEIPTS}/{speaker}/{name}"


def tidy(folder: Path) -> None:
    """Remove announcements and clips that no manifest there needs any more; raises OSError."""
    needed = {KEYS}
    for name in _named(folder, "manifests"):
        for reference in _mentioned(folder, name, _REFERENCE):
            needed.add(announcement(reference))
    for name in [one for one in needed if one.startswith("loa/announcements/")]:
        needed |= {clip(sha256) for sha256 in _mentioned(folder, name, _SHA256)}
    for name in (*_named(folder, "announcements"), *_named(folder, "clips")):
        if name not in needed and (is_document(name) or is_clip(name)):
            (folder / name).unlink()


def _named(folder: Path, kind: str) -> list[str]:
    return [f"{ROOT}/{kind}/{name}" for name in _listed(folder / ROOT / kind)]


def _mentioned(folder: Path, name: str, pattern: re.Pattern[bytes]) -> set[str]:
    """What an envelope there speaks of; whoever cannot read it keeps nothing for it."""
    try:
        body = base64.b64decode(json.loads(read_plain(folder, name))["payload"])
    except (OSError, ValueError, TypeError, KeyError):
        return set()
    return {found.decode() for found in pattern.findall(body)}


def _listed(folder: Path) -> list[str]:
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as failure:
        if failure.errno == errno.ELOOP:
            return []
        raise
    try:
        with os.scandir(handle) as entries:
            return sorted(entry.name for entry in entries)
    finally:
        os.close(handle)


def _enter(handles: contextlib.ExitStack, name: str | Path, at: int | None, flags: int) -> int:
    handle = _open(name, os.O_RDONLY | flags, at)
    handles.callback(os.close, handle)
    return handle


def _open(name: str | Path, flags: int, at: int | None) -> int:
    try:
        return os.open(name, flags, dir_fd=at)
    except OSError as failure:
        # What a refused link is called differs: ELOOP for a file, ENOTDIR for a folder.
        if failure.errno in {errno.ELOOP, errno.ENOTDIR, errno.ENXIO}:
            raise NotPlain(failure.errno, "not a plain file or folder", str(name)) from failure
        raise
