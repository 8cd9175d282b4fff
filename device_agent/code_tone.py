"""A short melody of eight notes, another one for each speaker, that can be found again in what a microphone heard."""

import hashlib
import math
import struct
import warnings
from dataclasses import dataclass

from device_agent.pcm import WIDTH, centi_dbfs

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

NOTE_MS = 45
NOTES = 8
MS = NOTE_MS * NOTES
HEARD_RATE = 8_000
"""Samples a second of what is listened to: mono, signed 16 bit."""

# Far enough apart for 45 ms, and where a horn and a microphone are both at their best.
_LOWEST_HERTZ = 900
_APART_HERTZ = 200
_AMPLITUDE = 8_000
_EDGE_MS = 5
# So many notes in their places, each so much of what is heard there: no chance, no speech and no neighbour does that.
_LEAST_NOTES = 7
_LEAST_SHARE = 0.12

_NOTE = HEARD_RATE * NOTE_MS // 1000
_STEP = HEARD_RATE // 200


@dataclass(frozen=True, slots=True)
class Echo:
    """The melody in what was heard: after how many milliseconds, and its RMS in centi-dBFS."""

    after_ms: int
    level: int


class CodeTone:
    """One speaker's melody."""

    def __init__(self, name: str) -> None:
        """The order of the notes is made of the speaker's name."""
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
        left = list(range(NOTES))
        self.notes: tuple[int, ...] = ()
        while left:
            number, place = divmod(number, len(left))
            self.notes += (left.pop(place),)
        self._templates = [_note(note, HEARD_RATE) for note in self.notes]

    def sound(self, rate: int) -> bytes:
        """The melody to be sounded, `MS` long: mono, signed 16 bit."""
        return b"".join(_note(note, rate) for note in self.notes)

    def found(self, heard: bytes) -> Echo | None:
        """The melody in a recording (mono, signed 16 bit, `HEARD_RATE`), however quiet, late or turned upside down."""
        # One step above zero: digital silence would have no shape to compare with.
        heard = audioop.bias(audioop.mul(heard[: len(heard) // WIDTH * WIDTH], WIDTH, 0.99), WIDTH, 1)
        best, best_at = 0.0, 0
        for at in range(0, len(heard) // WIDTH - _NOTE * NOTES - _STEP, _STEP):
            rms = self._here(heard, at)
            if rms > best:
                best, best_at = rms, at
        return Echo(best_at * 1000 // HEARD_RATE, centi_dbfs(best)) if best else None

    def _here(self, heard: bytes, at: int) -> float:
        """RMS of the melody where it would begin at a sample, 0.0 where it does not."""
        squares, missed = 0.0, 0
        for nr, template in enumerate(self._templates):
            begin = (at + nr * _NOTE) * WIDTH
            power = _explained(heard[begin : begin + (_NOTE + _STEP) * WIDTH], template)
            squares += power
            missed += not power
            if missed > NOTES - _LEAST_NOTES:
                return 0.0
        return math.sqrt(squares / (NOTES - missed))


def _explained(heard: bytes, template: bytes) -> float:
    """Power of the note in a stretch, wherever in it the note fits best; 0.0 where it does not explain enough of it."""
    # Each note by itself: between a horn and a microphone every pitch has a phase of its own.
    at, factor = audioop.findfit(heard, template)
    part = heard[at * WIDTH : at * WIDTH + len(template)]
    share = factor * audioop.findfactor(template, part) if audioop.max(part, WIDTH) > 1 else 0.0
    return (factor * audioop.rms(template, WIDTH)) ** 2 if share >= _LEAST_SHARE else 0.0


def _note(note: int, rate: int) -> bytes:
    """One note that rises and falls softly."""
    samples, edge = rate * NOTE_MS // 1000, rate * _EDGE_MS // 1000
    turn = 2 * math.pi * (_LOWEST_HERTZ + _APART_HERTZ * note) / rate
    shape = [min(1.0, (nr + 0.5) / edge, (samples - nr - 0.5) / edge) for nr in range(samples)]
    values = [round(_AMPLITUDE * part * math.sin(turn * nr)) for nr, part in enumerate(shape)]
    return struct.pack(f"<{samples}h", *values)
