"""The level of each second travels in one character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_config.protocol.levels import MOST, SIGNS, STEP, read_levels, seconds_each, write_levels

pytestmark = pytest.mark.pure


@given(st.lists(st.integers(-9_450, 0), max_size=MOST))
def test_what_was_written_is_read_to_the_next_step(levels: list[int]) -> None:
    text = write_levels(levels)
    assert len(text) == len(levels)
    assert all(abs(read - level) <= STEP / 2 for read, level in zip(read_levels(text), levels, strict=True))


@given(st.integers(-20_000, 2_000), st.integers(-20_000, 2_000))
def test_louder_is_never_written_as_quieter(one: int, other: int) -> None:
    quiet, loud = sorted((one, other))
    text = write_levels([quiet, loud])
    assert SIGNS.index(text[0]) <= SIGNS.index(text[1])


@given(st.integers(0, 4 * 3_600_000))
def test_no_sound_takes_more_than_the_receipt_has_room_for(ms: int) -> None:
    seconds = -(-ms // 1000)
    assert -(-seconds // seconds_each(ms)) <= MOST
    assert seconds_each(ms) == 1 or ms > MOST * 1000


def test_silence_and_full_scale_have_the_ends() -> None:
    assert write_levels([-9_600, 0]) == "A_"
    with pytest.raises(ValueError, match="not found"):
        read_levels("!")
