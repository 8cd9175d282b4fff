"""What is carried as one file, for phones: written plainly, and read as if whoever made it meant harm."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from firmware_config import carried
from firmware_config.protocol.strict_json import SIZE_LIMIT

MOST_FILES = 25_000
MOST_INDEX = 4_000_000
"""Bytes of a zip's table of contents, which is held in memory as a whole."""
MOST_RECEIPTS = 200_000_000
PIECE = 65_536

_DATE = (1980, 1, 1, 0, 0, 0)
_END, _LARGE = b"PK\x05\x06", b"PK\x06\x07"
_END_SIZE, _COMMENT = 22, 65_535


# A ValueError is a place before the beginning, or a name that is no text.
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, struct.error, ValueError)
# As phones pack; the others may ask for gigabytes of memory, and raise errors of their own.
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class BadZip(ValueError):
    """No zip, or none that anybody should unpack."""


def write(target: Path, files: Iterable[tuple[str, bytes | Path]]) -> None:
    """A zip of these files in this order, by name; sound is not packed once more."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _DATE)
            entry.external_attr = 0o100644 << 16
            if isinstance(content, bytes):
                archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
                continue
            with content.open("rb") as source, archive.open(entry, "w") as packed:
                while piece := source.read(PIECE):
                    packed.write(piece)


def batches(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """The receipts in a zip, by speaker; raises BadZip."""

    def limit(name: str) -> int:
        return SIZE_LIMIT if carried.speaker_of(name) else 0

    for name, pieces in read(file, limit, most=MOST_RECEIPTS):
        yield carried.speaker_of(name) or "", b"".join(pieces)


def read(file: BinaryIO, limit: Callable[[str], int], *, most: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The files of a zip whose `limit` in bytes, by name, is above 0, each in pieces to be read before the next.

    Raises BadZip as soon as a file is larger than its limit, or all together than `most`, whatever the zip claims.
    """
    _check(file)
    try:
        with zipfile.ZipFile(file) as archive:
            left = most
            for entry in archive.infolist():
                allowed = min(limit(entry.filename), left)
                if entry.is_dir() or limit(entry.filename) <= 0:
                    continue
                if entry.compress_type not in _PACKED:
                    raise BadZip(f"{entry.filename!r} is packed in a strange way")
                pieces = _Pieces(archive, entry, allowed)
                yield entry.filename, iter(pieces)
                left -= pieces.taken
    except _BROKEN as error:
        raise BadZip(str(error)) from error


class _Pieces:
    def __init__(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowed: int) -> None:
        self._archive, self._entry, self._allowed = archive, entry, allowed
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        try:
            with self._archive.open(self._entry) as packed:
                while piece := packed.read(PIECE):
                    self.taken += len(piece)
                    if self.taken > self._allowed:
                        raise BadZip(f"{self._entry.filename!r} is larger than it may be")
                    yield piece
        except _BROKEN as error:
            raise BadZip(str(error)) from error


def _check(file: BinaryIO) -> None:
    """The table of contents is judged before anybody reads it into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - _COMMENT))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_SIZE > len(tail):
        raise BadZip("no zip, or not the whole of one")
    files, index = struct.unpack_from("<HI", tail, at + 10)
    if tail[max(0, at - 20) : at].startswith(_LARGE) or files > MOST_FILES or index > MOST_INDEX:
        raise BadZip("more files than anybody carries")
    file.seek(0)
