"""Small documents packed for the way (gzip), and unpacked without ever holding more than was agreed. PURE."""

import zlib
from contextlib import suppress

CODING = "gzip"
"""Its name in HTTP's headers."""
MAGIC = b"\x1f\x8b"
"""How it begins; nothing of ours that is not packed does."""
WORTH_BYTES = 200
"""What is shorter stays as it is."""

_GZIP = zlib.MAX_WBITS | 16


class Unpackable(ValueError):
    """Not packed, cut short, or followed by something else."""


class TooMuch(ValueError):
    """More than was agreed."""


def packed(raw: bytes) -> bytes:
    """The same in fewer bytes, the same way each time."""
    packer = zlib.compressobj(9, wbits=_GZIP)
    return packer.compress(raw) + packer.flush()


def worth(raw: bytes) -> bytes | None:
    """It packed, where that is shorter."""
    found = packed(raw) if len(raw) > WORTH_BYTES else raw
    return found if len(found) < len(raw) else None


def unpacked(raw: bytes, most: int) -> bytes:
    """What was packed; raises Unpackable, and TooMuch beyond `most` bytes, of which never more are held."""
    reader = zlib.decompressobj(wbits=_GZIP)
    try:
        found = reader.decompress(raw, most + 1)
    except zlib.error as failure:
        raise Unpackable(str(failure)) from failure
    if len(found) > most:
        raise TooMuch(f"more than {most} bytes")
    if not reader.eof or reader.unused_data:
        raise Unpackable("cut short, or followed by something else")
    return found


def plain(raw: bytes, most: int) -> bytes:
    """A message as it was signed, packed or not; what cannot be unpacked stays, and is refused by whoever reads it."""
    with suppress(Unpackable, TooMuch):
        if raw.startswith(MAGIC):
            return unpacked(raw, most)
    return raw
