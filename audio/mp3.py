"""A clip as MP3 beside it: podcast players and old phones do not all play Ogg Opus."""

from __future__ import annotations

import threading
from pathlib import Path

from audio.clip import clip_path
from audio.disk import put, workroom
from audio.ffmpeg import Input, ffmpeg
from audio.formats import CLIP

SUFFIX = ".mp3"
# Constant, so that a player knows its length; a 2G link carries it as fast as it is heard.
_MP3 = ["-vn", "-map_metadata", "-1", "-ac", "1", "-ar", "44100", "-c:a", "libmp3lame", "-b:a", "48k", "-f", "mp3"]
_one = threading.Lock()


def as_mp3(clips: Path, sha256: str) -> Path:
    """Where the clip of this name lies as MP3, made when it is first asked for and then kept.

    Raises ValueError for what is no name, FileNotFoundError where there is no such clip, BlockingIOError while another
    one is being made, and what `audio.ffmpeg` does.
    """
    clip = clip_path(clips, sha256)
    found = clip.with_suffix(SUFFIX)
    if not clip.is_file():
        raise FileNotFoundError(clip)
    if not found.is_file():
        _make(clips, clip, found)
    return found


def _make(clips: Path, clip: Path, found: Path) -> None:
    # One at a time: it takes a processor, and those that speak and listen come first. Nobody waits for it either.
    if not _one.acquire(blocking=False):
        raise BlockingIOError(clip)
    try:
        with workroom(clips) as room:
            made = room / f"made{SUFFIX}"
            ffmpeg(Input(CLIP, clip), [*_MP3, f"file:{made}"])
            put(found, made.read_bytes())
    finally:
        _one.release()
