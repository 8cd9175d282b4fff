"""The chimes measured: how long, how loud, and which pitches follow one another."""

from __future__ import annotations

import array
import cmath
import math
from itertools import pairwise

import pytest

from audio.chimes import CHIMES, chime
from audio.chimes.make import HIGH, LOW, PEAK, SIREN
from audio.errors import NoSuchChime

pytestmark = pytest.mark.pure

RATE = 8_000
WINDOW_S = 0.05
PITCHES = [380 + 20 * step for step in range(60)]
"""380 to 1560 Hz."""


def samples(name: str, rate: int = RATE) -> array.array[int]:
    return array.array("h", chime(name, rate).frames)


def pitch(window: array.array[int]) -> float:
    """The strongest of the pitches we look for: Fourier's sum, written out."""

    def strength(hertz: float) -> float:
        turn = -2j * math.pi * hertz / RATE
        return abs(sum(sample * cmath.exp(turn * at) for at, sample in enumerate(window)))

    return max(PITCHES, key=strength)


def pitches(name: str) -> list[float]:
    """The pitch every tenth of a second."""
    held, width = samples(name), int(WINDOW_S * RATE)
    return [pitch(held[at : at + width]) for at in range(RATE // 20, len(held) - width, RATE // 10)]


@pytest.mark.parametrize("name", CHIMES)
def test_no_chime_is_clipped_or_longer_than_people_bear(name: str) -> None:
    held = samples(name, 24_000)
    loudest = max(map(abs, held))
    assert loudest == pytest.approx(PEAK, abs=2)
    flat = [abs(one) == abs(next_one) == loudest for one, next_one in pairwise(held)]
    assert not any(one and next_one for one, next_one in pairwise(flat))
    assert 1.5 < len(held) / 24_000 <= 6
    assert abs(held[-1]) < 0.02 * PEAK


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
def test_the_siren_lasts_as_long_at_every_rate(rate: int) -> None:
    assert chime("emergency", rate).ms == pytest.approx(1000 * sum(sweep.seconds for sweep in SIREN), abs=1)


def test_the_siren_climbs_slowly_and_falls_quickly_three_times() -> None:
    heard = pitches("emergency")
    assert min(heard) == pytest.approx(LOW, abs=60)
    assert max(heard) == pytest.approx(HIGH, abs=40)
    steps = [after - before for before, after in pairwise(heard)]
    turns = [(before > 0) != (after > 0) for before, after in pairwise([step for step in steps if abs(step) > 30])]
    assert sum(turns) == 5
    assert sum(step > 30 for step in steps) > 1.3 * sum(step < -30 for step in steps) > 0


def test_only_the_siren_glides_and_only_the_drill_begins_by_falling() -> None:
    notes = {name: pitches(name) for name in CHIMES}
    for name, heard in notes.items():
        glides = sum(30 < abs(after - before) < 130 for before, after in pairwise(heard))
        assert (glides > 20) is (name == "emergency")
    firsts = {name: [one for one, _ in pairwise([*heard, 0.0])] for name, heard in notes.items()}
    falls = {name: heard[8] < heard[1] for name, heard in firsts.items() if name != "emergency"}
    assert falls == {"normal": False, "priority": False, "drill": True}


def test_a_chime_nobody_made_is_named() -> None:
    with pytest.raises(NoSuchChime):
        chime("gong", RATE)
