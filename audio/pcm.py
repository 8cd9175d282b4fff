"""Plain sound in memory: 16-bit mono samples and how many there are in a second."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from typing import Self

SAMPLE_BYTES = 2
_HEADER = 44


@dataclass(frozen=True, slots=True)
class Pcm:
    """Signed 16-bit little-endian mono samples."""

    frames: bytes
    rate: int
    """Samples a second."""

    @property
    def ms(self) -> int:
        """Return the length in milliseconds, rounded."""
        return round(1000 * len(self.frames) / (SAMPLE_BYTES * self.rate))

    def to_wav(self) -> bytes:
        """Return the samples as a WAV file."""
        held = io.BytesIO()
        with wave.open(held, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(SAMPLE_BYTES)
            file.setframerate(self.rate)
            file.writeframes(self.frames)
        return held.getvalue()

    @classmethod
    def from_wav(cls, data: bytes) -> Self:
        """Read a mono 16-bit WAV file; raise ValueError or wave.Error at anything else."""
        with wave.open(io.BytesIO(data), "rb") as file:
            if file.getnchannels() != 1 or file.getsampwidth() != SAMPLE_BYTES:
                raise ValueError("only 16-bit mono is read here")
            return cls(file.readframes(file.getnframes()), file.getframerate())

    @classmethod
    def from_stream(cls, data: bytes) -> Self:
        """Read a mono 16-bit WAV file whose writer did not know its length, as speech programs on a pipe."""
        if len(data) < _HEADER or data[:4] != b"RIFF" or data[36:40] != b"data":
            raise ValueError("not a plain WAV stream")
        body = data[_HEADER : len(data) - (len(data) - _HEADER) % SAMPLE_BYTES]
        return cls(body, int.from_bytes(data[24:28], "little"))
