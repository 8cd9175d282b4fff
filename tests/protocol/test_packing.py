"""What is packed for the way comes out as it was, and never more of it than was agreed."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_config.packing import TooMuch, Unpackable, packed, unpacked, worth

pytestmark = pytest.mark.pure

BOMB = packed(bytes(50_000_000))


@given(st.binary(max_size=5_000))
def test_it_comes_out_as_it_was(raw: bytes) -> None:
    assert unpacked(packed(raw), len(raw)) == raw
    assert packed(raw) == packed(raw)


@given(st.binary(min_size=1, max_size=5_000))
def test_one_byte_more_than_agreed_is_too_much(raw: bytes) -> None:
    with pytest.raises(TooMuch):
        unpacked(packed(raw), len(raw) - 1)


@given(st.binary(max_size=5_000))
def test_it_is_packed_only_where_that_is_shorter(raw: bytes) -> None:
    found = worth(raw)
    assert found is None or (len(found) < len(raw) and unpacked(found, len(raw)) == raw)


def test_a_bomb_is_not_let_off() -> None:
    assert len(BOMB) < 60_000
    with pytest.raises(TooMuch):
        unpacked(BOMB, 300_000)


@given(st.binary(max_size=200))
def test_what_is_not_packed_is_said_to_be_so(raw: bytes) -> None:
    try:
        found = unpacked(raw, 1_000)
    except (TooMuch, Unpackable):
        return
    assert zlib.decompress(raw, zlib.MAX_WBITS | 16) == found


@given(st.binary(min_size=1, max_size=300), st.integers(1, 20))
def test_what_is_cut_short_or_followed_by_something_is_refused(raw: bytes, amount: int) -> None:
    whole = packed(raw)
    for wrong in (whole[:-amount], whole + whole[:amount]):
        with pytest.raises(Unpackable):
            unpacked(wrong, 1_000)
