"""The joins between pieces, measured on the very clip that is played: gaps, levels, and no clicks."""

from __future__ import annotations

import array
import math
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.bank import GAP_MS, Need, Phrase, PieceKind, assemble
from audio.edges import evened
from audio.errors import NothingToSay
from audio.pcm import Pcm
from audio.recordings import accept
from audio.render import Studio
from audio.score import Score
from audio.voices.espeak import Espeak
from tests.audio.fakes import wav

pytestmark = pytest.mark.sound

RATE = 48_000
STEP = RATE // 200
"""Five milliseconds."""


def hum(hertz: float, seconds: float, amplitude: float) -> list[float]:
    return [amplitude * math.sin(2 * math.pi * hertz * at / RATE) for at in range(int(seconds * RATE))]


def pcm(samples: list[float]) -> Pcm:
    return Pcm(array.array("h", [round(32767 * sample) for sample in samples]).tobytes(), RATE)


def recorded(folder: Path, before: float, sound: list[float], after: float) -> str:
    """A phone's recording as it is kept: someone presses, waits, speaks, waits, presses, in a room that hums."""
    silence = [hum(120, seconds, 0.0005) for seconds in (before, after)]
    made = wav(folder / "piece.wav", pcm(silence[0] + sound + silence[1]))
    return accept(made, language="hmn", clips=folder / "clips").sha256


@dataclass(frozen=True, slots=True)
class Heard:
    """One stretch of sound in a clip, in milliseconds."""

    begins: float
    ends: float
    rms: float


def listened(path: Path, floor: float = 0.01) -> list[Heard]:
    """The stretches louder than `floor`, split where at least 60 ms are quiet."""
    command = ["ffmpeg", "-v", "error", "-c:a", "libopus", "-i", str(path), "-f", "s16le", "-ac", "1", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    samples = [sample / 32768 for sample in array.array("h", raw)]
    loud = [at for at in range(0, len(samples), STEP) if max(map(abs, samples[at : at + STEP]), default=0) > floor]
    cuts = [place for place, (one, other) in enumerate(pairwise(loud), 1) if other - one > 12 * STEP]
    runs = [loud[first:last] for first, last in pairwise([0, *cuts, len(loud)])]
    return [_heard(samples, run[0], run[-1] + STEP) for run in runs]


def _heard(samples: list[float], first: int, last: int) -> Heard:
    # The middle alone: how loud it is spoken, without how it fades.
    inner = samples[first + 4 * STEP : last - 4 * STEP]
    rms = math.sqrt(sum(sample * sample for sample in inner) / len(inner))
    return Heard(1000 * first / RATE, 1000 * last / RATE, rms)


def joined(folder: Path, names: list[str]) -> Path:
    pieces = {Need(PieceKind.PHRASE, str(place)): name for place, name in enumerate(names)}
    score = assemble([Phrase(str(place)) for place in range(len(names))], {}, pieces, "hmn")
    assert isinstance(score, Score)
    return Studio(folder / "clips", folder / "cache", [Espeak()]).render(score).path


def test_pieces_of_different_people_meet_with_even_gaps_and_one_level(tmp_path: Path) -> None:
    voices = [(0.2, hum(220, 0.8, 0.5), 0.9), (1.1, hum(300, 0.6, 0.02), 0.1), (0.0, hum(260, 1.2, 0.9), 0.4)]
    heard = listened(joined(tmp_path, [recorded(tmp_path, *voice) for voice in voices]))
    assert len(heard) == 3
    assert [one.ends - one.begins for one in heard] == pytest.approx([800, 600, 1200], abs=40)
    gaps = [after.begins - before.ends for before, after in pairwise(heard)]
    assert gaps == pytest.approx([GAP_MS + 20] * 2, abs=30)
    assert abs(gaps[0] - gaps[1]) <= 40
    assert all(120 <= gap <= 250 for gap in gaps)
    levels = [20 * math.log10(one.rms) for one in heard]
    assert max(levels) - min(levels) < 1


def test_spoken_pieces_meet_naturally(tmp_path: Path) -> None:
    names = []
    for text, pause in (("mời bà con đi họp", 0.4), ("mười bảy giờ", 0.0), ("ba mươi phút", 1.2)):
        said = Espeak().speak(text, "vi")
        pressed = bytes(2 * int(said.rate * pause))
        made = wav(tmp_path / "piece.wav", Pcm(pressed + said.frames + pressed, said.rate))
        names.append(accept(made, language="hmn", clips=tmp_path / "clips").sha256)
    heard = listened(joined(tmp_path, names), floor=0.02)
    gaps = [after.begins - before.ends for before, after in pairwise(heard)]
    joins = [gap for gap in gaps if gap >= 120]
    assert len(joins) == 2
    assert all(gap <= 250 for gap in joins)


def test_where_two_pieces_meet_nothing_clicks(tmp_path: Path) -> None:
    loud = pcm([0.4] * RATE)
    cut = array.array("h", evened(loud, -26).frames)
    steps = [abs(after - before) for before, after in pairwise([0, *cut, 0])]
    assert max(steps) < 32768 * 0.01
    whole = joined(tmp_path, [recorded(tmp_path, 0.0, hum(220, 0.7, 0.6), 0.0) for _ in range(2)])
    command = ["ffmpeg", "-v", "error", "-c:a", "libopus", "-i", str(whole), "-f", "s16le", "-ac", "1", "-"]
    samples = array.array("h", subprocess.run(command, capture_output=True, check=True).stdout)
    # A tone of 220 Hz climbs at most so much from one sample to the next; a click climbs faster.
    steepest = 2 * math.pi * 220 / RATE * max(map(abs, samples))
    assert max(abs(after - before) for before, after in pairwise(samples)) < 2.5 * steepest


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.02, 0.9), st.integers(10, 60))
def test_any_edge_is_cut_and_any_level_met(before: int, after: int, amplitude: float, length: int) -> None:
    step = RATE // 100
    sound = [0.0] * (before * step) + hum(400, length / 100, amplitude) + [0.0] * (after * step)
    cut = evened(pcm(sound), -26.0)
    kept = 10 * (length + min(before, 2) + min(after, 2))
    assert cut.ms == pytest.approx(kept, abs=10)
    inner = array.array("h", cut.frames)[3 * step : -3 * step]
    level = math.sqrt(sum(sample * sample for sample in inner) / len(inner)) / 32768
    assert 20 * math.log10(level) == pytest.approx(-26, abs=0.5)


def test_a_piece_without_a_sound_is_refused() -> None:
    with pytest.raises(NothingToSay):
        evened(pcm([0.0] * RATE), -26)
