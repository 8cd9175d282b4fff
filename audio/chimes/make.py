"""Make the chimes: three of bells, one a siren. The same code gives the same samples everywhere."""

from __future__ import annotations

import array
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

from audio.errors import NoSuchChime
from audio.pcm import Pcm

VERSION = "2"
"""Changes whenever a chime sounds different."""
PEAK = 0.7 * 32767


@dataclass(frozen=True, slots=True)
class Stroke:
    """One blow on a bell."""

    hertz: float
    at: float
    """Seconds from the beginning."""
    rings: float
    """Seconds until it has faded to a thousandth."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A stretch of a siren: one tone that goes from a pitch to another."""

    start: float
    end: float
    seconds: float


# Share of the main tone in pitch and strength: a small bright bell that carries over a horn loudspeaker.
PARTIALS = ((1.0, 1.0), (2.0, 0.45), (2.76, 0.18))
NORMAL = (Stroke(523.25, 0.0, 1.6), Stroke(659.25, 0.55, 1.6), Stroke(783.99, 1.1, 2.0))
PRIORITY = (
    Stroke(783.99, 0.0, 0.9),
    Stroke(659.25, 0.35, 0.9),
    Stroke(783.99, 0.7, 0.9),
    Stroke(987.77, 1.05, 1.8),
)
# Falls where the others climb, so that a drill is known from its first two notes.
DRILL = (
    Stroke(587.33, 0.0, 1.1),
    Stroke(440.0, 0.6, 1.1),
    Stroke(587.33, 1.4, 1.1),
    Stroke(440.0, 2.0, 1.4),
)
LOW, HIGH = 480.0, 1240.0
WAIL = (Sweep(LOW, HIGH, 1.0), Sweep(HIGH, HIGH, 0.25), Sweep(HIGH, LOW, 0.6))
SIREN = WAIL * 3
"""Three times slowly up, held, quickly down: 5.55 s."""
EDGE_S = 0.05


def chime(name: str, rate: int) -> Pcm:
    """Make a chime by name at `rate` samples a second; raise NoSuchChime."""
    if name not in CHIMES:
        raise NoSuchChime(name=name)
    samples = CHIMES[name](rate)
    loudest = max(map(abs, samples)) or 1.0
    whole = array.array("h", [round(sample * PEAK / loudest) for sample in samples])
    if sys.byteorder == "big":
        whole.byteswap()
    return Pcm(whole.tobytes(), rate)


def bells(strokes: tuple[Stroke, ...], rate: int) -> list[float]:
    """Mix the strokes of a bell into samples."""
    samples = [0.0] * int(rate * max(stroke.at + stroke.rings for stroke in strokes))
    for stroke in strokes:
        for pitch, strength in PARTIALS:
            _ring(samples, stroke, rate, stroke.hertz * pitch, strength)
    return samples


def _ring(samples: list[float], stroke: Stroke, rate: int, hertz: float, strength: float) -> None:
    """Add one dying sine tone: each sample follows from the two before it, which spares the sine."""
    start = int(rate * stroke.at)
    fade = 10 ** (-3 / (rate * stroke.rings) * (hertz / stroke.hertz))
    turn = 2 * math.pi * hertz / rate
    first, second = 2 * fade * math.cos(turn), fade * fade
    before, now = 0.0, strength * math.sin(turn)
    for at in range(start, min(len(samples), start + int(rate * stroke.rings))):
        samples[at] += now
        before, now = now, first * now - second * before


def siren(sweeps: tuple[Sweep, ...], rate: int) -> list[float]:
    """Make a siren whose pitch follows the sweeps without a break, softened at both ends."""
    pitches = [
        sweep.start * (sweep.end / sweep.start) ** (at / (sweep.seconds * rate))
        for sweep in sweeps
        for at in range(round(sweep.seconds * rate))
    ]
    phase, edge, samples = 0.0, EDGE_S * rate, []
    for at, pitch in enumerate(pitches):
        phase += 2 * math.pi * pitch / rate
        soft = min(1.0, at / edge, (len(pitches) - 1 - at) / edge)
        samples.append(soft * (math.sin(phase) + 0.3 * math.sin(3 * phase)))
    return samples


CHIMES: dict[str, Callable[[int], list[float]]] = {
    "normal": lambda rate: bells(NORMAL, rate),
    "priority": lambda rate: bells(PRIORITY, rate),
    "emergency": lambda rate: siren(SIREN, rate),
    "drill": lambda rate: bells(DRILL, rate),
}
