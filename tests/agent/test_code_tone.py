"""A speaker's own notes are found in noise, however quiet, late or distorted, and nothing else is taken for them."""

import random
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_agent.code_tone import HEARD_RATE, MS, NOTES, CodeTone

pytestmark = pytest.mark.pure

OURS = CodeTone("loa-1")
LENGTH = HEARD_RATE
SOUND = struct.unpack(f"<{HEARD_RATE * MS // 1000}h", OURS.sound(HEARD_RATE))
RMS = 5_300
"""Of the notes as they are made; noise is given in the same measure."""


def packed(samples: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(samples)}h", *(max(-32_768, min(32_767, round(value))) for value in samples))


def heard(*, after: int, gain: float, noise: float, seed: int) -> bytes:
    chance = random.Random(seed)  # noqa: S311
    samples = [chance.gauss(0, noise) if noise else 0.0 for _ in range(LENGTH)]
    for at, value in enumerate(SOUND[: LENGTH - after]):
        samples[after + at] += gain * value
    return packed(samples)


@settings(max_examples=25, deadline=None)
@given(
    after=st.integers(0, LENGTH - len(SOUND) - 50),
    gain=st.sampled_from([1.0, -1.0, 0.3, -0.1, 0.02]),
    share=st.floats(0.0, 1.0),
    seed=st.integers(0, 10**6),
)
def test_found_in_noise_as_loud_as_itself(after: int, gain: float, share: float, seed: int) -> None:
    echo = OURS.found(heard(after=after, gain=gain, noise=share * abs(gain) * RMS, seed=seed))
    assert echo is not None
    assert echo.after_ms == pytest.approx(after * 1000 / HEARD_RATE, abs=8)
    assert echo.level == pytest.approx(OURS.found(packed([gain * one for one in SOUND] + [0] * 500)).level, abs=150)  # type: ignore[union-attr]


@settings(max_examples=25, deadline=None)
@given(noise=st.floats(0, 9_000), seed=st.integers(0, 10**6))
def test_not_found_in_noise_alone(noise: float, seed: int) -> None:
    assert OURS.found(heard(after=LENGTH, gain=0.0, noise=noise, seed=seed)) is None


def test_the_notes_of_hardly_any_neighbour_pass_for_ours() -> None:
    """Of a hundred melodies, one that differs from ours in three places may be close enough."""
    close = 0
    for number in range(2, 102):
        other = CodeTone(f"loa-{number}")
        sound = struct.unpack(f"<{len(SOUND)}h", other.sound(HEARD_RATE))
        close += OURS.found(packed([0.0] * 900 + [float(one) for one in sound] + [0.0] * 900)) is not None
    assert close <= 1


def test_half_of_it_cut_off_is_not_it() -> None:
    whole = heard(after=1_000, gain=1.0, noise=0, seed=1)
    assert OURS.found(whole[: (1_000 + len(SOUND) // 2) * 2]) is None


@pytest.mark.parametrize("length", [0, 1, 2, 3, 719, 6_000])
def test_silence_and_scraps_hold_nothing(length: int) -> None:
    assert OURS.found(bytes(length)) is None


def test_it_is_short_and_each_note_comes_once() -> None:
    assert MS < 500
    assert len(OURS.sound(48_000)) == 48 * MS * 2
    assert sorted(OURS.notes) == list(range(NOTES))
    assert OURS.notes != CodeTone("loa-2").notes
    assert len({CodeTone(f"loa-{nr}").notes for nr in range(200)}) > 195
