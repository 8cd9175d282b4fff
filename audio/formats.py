"""Which container a file is, told by its first bytes alone."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = 4096
"""How many first bytes the table needs."""


@dataclass(frozen=True, slots=True)
class Format:
    """How ffmpeg is told to read a file."""

    demuxer: str
    decoder: str | None = None
    """None leaves it to what the container says."""


@dataclass(frozen=True, slots=True)
class Magic:
    """Bytes at a place that give a container away, and ffmpeg's name for its demuxer."""

    at: int
    bytes: bytes
    demuxer: str


MAGICS = (
    Magic(0, b"OggS", "ogg"),
    Magic(0, b"\x1aE\xdf\xa3", "matroska"),
    Magic(4, b"ftyp", "mov"),
    Magic(8, b"WAVE", "wav"),
    Magic(0, b"fLaC", "flac"),
    Magic(0, b"ID3", "mp3"),
    Magic(0, b"#!AMR\n", "amr"),
)
# A list that names other files; ffmpeg would open what it names, and some hide behind the head of an MP3.
LISTS = (b"#EXTM3U", b"ffconcat", b"<MPD", b"[playlist]", b"<smil", b"<asx")
_FRAME_SYNC = 0xFFE0
CLIP = Format("ogg", "libopus")
"""Our own clips."""


def sniff(head: bytes) -> Format | None:
    """Return how a sound file beginning with `head` is read, or None if it is none we take."""
    if any(mark in head for mark in LISTS):
        return None
    for magic in MAGICS:
        if head[magic.at : magic.at + len(magic.bytes)] == magic.bytes:
            if magic.demuxer == "wav" and head[:4] != b"RIFF":
                return None
            return Format(magic.demuxer, _decoder(head))
    bare = _bare_frames(head)
    return Format(bare) if bare else None


def _decoder(head: bytes) -> str | None:
    # ffmpeg's own Opus decoder lets some music out 7 dB too loud and clipped; the reference one does not.
    return "libopus" if b"OpusHead" in head else None


def _bare_frames(head: bytes) -> str | None:
    """Tell MPEG layer III and ADTS frames, which have no file header, by their sync word and layer bits."""
    if len(head) < 4 or int.from_bytes(head[:2]) & _FRAME_SYNC != _FRAME_SYNC:
        return None
    layer = head[1] >> 1 & 3
    if layer == 0 and head[1] & 0xF0 == 0xF0:
        return "aac"
    good_rate = head[2] >> 4 not in {0, 15} and head[2] >> 2 & 3 != 3
    return "mp3" if layer == 1 and good_rate else None
