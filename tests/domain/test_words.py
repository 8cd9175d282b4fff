"""What is searched for is found however it was typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.words import plain

pytestmark = pytest.mark.pure

VIETNAMESE = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXY àáảãạằắẳẵặầấẩẫậÈÉẺẼẸỀẾỂỄỆƠỜỚỞỠỢỲÝỶỸỴ")


@pytest.mark.parametrize(
    ("typed", "found"),
    [("Bản Đông Khùa", "ban dong khua"), ("ĐẮK LẮK", "dak lak"), ("Huổi Hốc", "huoi hoc"), ("Ủy ban", "uy ban")],
)
def test_a_name_is_found_without_its_marks(typed: str, found: str) -> None:
    assert plain(typed) == found


@given(VIETNAMESE)
def test_of_vietnamese_only_plain_latin_letters_are_left(text: str) -> None:
    assert plain(text).isascii()


@given(st.text())
def test_it_does_not_matter_how_a_keyboard_composes_or_whether_it_was_done_before(text: str) -> None:
    once = plain(unicodedata.normalize("NFC", text))
    assert plain(unicodedata.normalize("NFD", text)) == once == plain(once)
    assert not any(unicodedata.category(letter).startswith("M") for letter in once)


@given(VIETNAMESE)
def test_it_does_not_matter_whether_it_was_typed_in_capitals(text: str) -> None:
    assert plain(text.upper()) == plain(text)
