"""The one form of sound inside the speaker: 48 kHz, mono, signed 16 bit, in frames of 20 ms."""

import math
import warnings
from dataclasses import dataclass, field

from firmware_config.protocol import seconds_each, write_levels

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

RATE = 48_000
WIDTH = 2
FRAME_MS = 20
FRAME_SAMPLES = RATE * FRAME_MS // 1000
FRAME_BYTES = FRAME_SAMPLES * WIDTH
SILENCE = bytes(FRAME_BYTES)
BYTES_A_SECOND = RATE * WIDTH
FULL_SCALE = 32_768
FLOOR = -9_600
"""Centi-dBFS reported for silence: the range of 16 bit."""

_GATE = 10  # about -70 dBFS: what is quieter is a pause, not speech
_STEP = RATE // 1000 * WIDTH
_RISE = 5 * _STEP
_FRAMES_A_SECOND = 1000 // FRAME_MS


def gain(volume: int) -> float:
    """Factor for an absolute volume 0..100: 100 is 0 dB, 0 is silence, half the number sounds half as loud (-10 dB)."""
    if volume <= 0:
        return 0.0
    return math.pow(10, math.log2(min(volume, 100) / 100) / 2)


def scaled(frame: bytes, factor: float) -> bytes:
    """The frame made quieter by a factor 0..1."""
    return frame if factor == 1.0 else audioop.mul(frame, WIDTH, factor)


def ramped(frame: bytes, begin: float, end: float, step: int = _STEP) -> bytes:
    """The frame with its gain sliding from `begin` to `end`, never below 0, in steps of one millisecond."""
    pieces = [frame[at : at + step] for at in range(0, len(frame), step)]
    slope = (end - begin) / max(1, len(pieces))
    return b"".join(audioop.mul(piece, WIDTH, max(0.0, begin + slope * nr)) for nr, piece in enumerate(pieces, 1))


def risen(frame: bytes, factor: float) -> bytes:
    """The frame made quieter by a factor, and out of silence within 5 ms: sound that begins inside a wave clicks."""
    return ramped(frame[:_RISE], 0.0, factor, _STEP // 4) + scaled(frame[_RISE:], factor)


def silence(seconds: float) -> bytes:
    """So much silence, to the sample."""
    return bytes(max(0, round(seconds * RATE)) * WIDTH)


def centi_dbfs(amplitude: float) -> int:
    """An amplitude 0..32768 as hundredths of dBFS, never below the floor."""
    if amplitude <= 0:
        return FLOOR
    return max(FLOOR, min(0, round(2000 * math.log10(amplitude / FULL_SCALE))))


def tone(ms: int, hertz: int, amplitude: int = 8_000) -> bytes:
    """A plain tone for the technician's test, whole frames long."""
    samples = (ms // FRAME_MS) * FRAME_SAMPLES
    turn = 2 * math.pi * hertz / RATE
    return b"".join(
        round(amplitude * math.sin(turn * nr)).to_bytes(WIDTH, "little", signed=True) for nr in range(samples)
    )


@dataclass(slots=True)
class Meter:
    """Measures frames as they are written: how many, how loud while there was speech and in each second, the peak."""

    frames: int = 0
    peak_amplitude: int = 0
    _energy: float = 0.0
    _speech: int = 0
    _seconds: list[float] = field(default_factory=list)
    """Energy of each second, the last one perhaps not yet whole."""

    def add(self, frame: bytes) -> None:
        """Count one written frame."""
        if self.frames % _FRAMES_A_SECOND == 0:
            self._seconds.append(0.0)
        self.frames += 1
        self.peak_amplitude = max(self.peak_amplitude, audioop.max(frame, WIDTH))
        rms = audioop.rms(frame, WIDTH)
        self._seconds[-1] += rms * rms
        if rms >= _GATE:
            self._energy += rms * rms
            self._speech += 1

    @property
    def ms(self) -> int:
        """Length written, milliseconds."""
        return self.frames * FRAME_MS

    @property
    def level(self) -> int:
        """RMS over the part that was not silent, centi-dBFS."""
        return centi_dbfs(math.sqrt(self._energy / self._speech)) if self._speech else FLOOR

    @property
    def peak(self) -> int:
        """Highest sample, centi-dBFS."""
        return centi_dbfs(self.peak_amplitude)

    @property
    def seconds(self) -> str:
        """The level of each second, or of as many at a time as a receipt has room for."""
        each = seconds_each(self.ms)
        return write_levels(self._level(at, each) for at in range(0, len(self._seconds), each))

    def _level(self, begin: int, seconds: int) -> int:
        first = begin * _FRAMES_A_SECOND
        frames = min(self.frames - first, seconds * _FRAMES_A_SECOND)
        return centi_dbfs(math.sqrt(sum(self._seconds[begin : begin + seconds]) / frames))
