"""What changed between two texts: nothing is lost, nothing is made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.differences import Change, changed, words

pytestmark = pytest.mark.pure

TEXTS = st.lists(st.sampled_from(["họp", "bản", "lúc", "19h30,", "tại", "nhà văn hoá", "\n", " "]), max_size=30).map(
    " ".join
)
BEFORE, AFTER = {Change.SAME, Change.REMOVED}, {Change.SAME, Change.ADDED}


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_it(before: str, after: str) -> None:
    pieces = words(before, after)
    assert "".join(piece.text for piece in pieces if piece.change in BEFORE) == before
    assert "".join(piece.text for piece in pieces if piece.change in AFTER) == after
    assert changed(pieces) is (before != after)


@given(TEXTS)
def test_what_did_not_change_is_one_piece(text: str) -> None:
    assert [piece.change for piece in words(text, text)] == ([Change.SAME] if text else [])


def test_one_word_is_marked_and_its_neighbours_are_not() -> None:
    pieces = words("Mời bà con họp lúc 19h30 tối nay.", "Mời bà con họp lúc 20h00 tối nay.")
    assert [(piece.text.strip(), str(piece.change)) for piece in pieces] == [
        ("Mời bà con họp lúc", "same"),
        ("19h30", "removed"),
        ("20h00", "added"),
        ("tối nay.", "same"),
    ]
