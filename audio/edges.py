"""Make pieces recorded on different days fit together: no silence at the edges, no click, one level."""

from __future__ import annotations

import array
import math
import sys

from audio.errors import NothingToSay
from audio.pcm import Pcm

FRAME_MS = 10
QUIET_DB = 26.0
"""A frame this far under the loudest one is silence, or the noise of the room."""
MARGIN = 2
"""Frames kept before the first and behind the last that is louder: soft consonants begin and end words."""
FADE_MS = 8
_FULL = 32768.0


def evened(sound: Pcm, dbfs: float) -> Pcm:
    """Cut the silence off both ends, bring what is spoken to `dbfs` (RMS) and soften the cuts.

    Raises NothingToSay for a sound without any.
    """
    samples = _samples(sound)
    step = sound.rate * FRAME_MS // 1000
    levels = [_rms(samples[at : at + step]) for at in range(0, len(samples), step)]
    floor = max(levels, default=0.0) * 10 ** (-QUIET_DB / 20)
    if not floor:
        raise NothingToSay(part="Piece")
    spoken = [place for place, level in enumerate(levels) if level >= floor]
    kept = samples[max(0, spoken[0] - MARGIN) * step : (spoken[-1] + 1 + MARGIN) * step]
    # Pauses between the words of a piece say nothing about how loudly they were spoken.
    power = sum(levels[place] ** 2 for place in spoken) / len(spoken)
    return _pcm(_faded(kept, sound.rate * FADE_MS // 1000), 10 ** (dbfs / 20) / math.sqrt(power), sound.rate)


def _samples(sound: Pcm) -> list[float]:
    whole = array.array("h", sound.frames)
    if sys.byteorder == "big":
        whole.byteswap()
    return [sample / _FULL for sample in whole]


def _rms(samples: list[float]) -> float:
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples))


def _faded(samples: list[float], length: int) -> list[float]:
    edge = min(length, len(samples) // 2)
    for at in range(edge):
        share = at / edge
        samples[at] *= share
        samples[-1 - at] *= share
    return samples


def _pcm(samples: list[float], gain: float, rate: int) -> Pcm:
    whole = array.array("h", [round(max(-1.0, min(1.0, sample * gain)) * (_FULL - 1)) for sample in samples])
    if sys.byteorder == "big":
        whole.byteswap()
    return Pcm(whole.tobytes(), rate)
