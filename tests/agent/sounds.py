"""Real clips for the agent's tests, made by the programs that make them in earnest."""

import hashlib
import subprocess
import wave
from pathlib import Path

from firmware_config.protocol import ClipRef

_MAKE = ("ffmpeg", "-v", "error", "-f", "lavfi")
_OPUS = ("-c:a", "libopus", "-b:a", "24k", "-ac", "1", "-f", "ogg", "pipe:1")


def tone_clip(seconds: float, *, hertz: int = 440, level_db: int = -12) -> tuple[ClipRef, bytes]:
    """An Ogg/Opus clip of a plain tone."""
    source = f"sine=frequency={hertz}:duration={seconds}:sample_rate=48000"
    data = subprocess.run(
        [*_MAKE, "-i", source, "-af", f"volume={level_db + 18}dB", *_OPUS],
        capture_output=True,
        check=True,
    ).stdout
    return ClipRef(hashlib.sha256(data).hexdigest(), len(data), round(seconds * 1000)), data


def read_wav(path: Path) -> tuple[float, bytes]:
    """Length in seconds as the header tells it, and the samples."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 1, 2)
        return file.getnframes() / 48_000, file.readframes(file.getnframes())
