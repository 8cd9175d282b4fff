"""What is searched for is found however it was typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.words import plain, slug
from firmware_config.protocol import valid_id

pytestmark = pytest.mark.pure

VIETNAMESE = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂBCDĐEÊGHIKLMNOÔƠPQRSTUƯVXY àáảãạằắẳẵặầấẩẫậÈÉẺẼẸỀẾỂỄỆƠỜỚỞỠỢỲÝỶỸỴ")


@pytest.mark.parametrize(
    ("typed", "found"),
    [("Bản Đông Khùa", "ban dong khua"), ("ĐẮK LẮK", "dak lak"), ("Huổi Hốc", "huoi hoc"), ("Ủy ban", "uy ban")],
)
def test_a_name_is_found_without_its_marks(typed: str, found: str) -> None:
    assert plain(typed) == found


def test_a_name_becomes_a_slug() -> None:
    assert slug("Bản Chiềng Đông 1 (mới)") == "ban-chieng-dong-1-moi"


@given(VIETNAMESE)
def test_of_vietnamese_only_plain_latin_letters_are_left(text: str) -> None:
    assert plain(text).isascii()


@given(st.text())
def test_it_does_not_matter_how_a_keyboard_composes_or_whether_it_was_done_before(text: str) -> None:
    once = plain(unicodedata.normalize("NFC", text))
    assert plain(unicodedata.normalize("NFD", text)) == once == plain(once)
    assert not any(unicodedata.category(letter).startswith("M") for letter in once)


@given(st.text())
def test_a_slug_is_a_name_that_programs_take(text: str) -> None:
    found = slug(text, most=12)
    assert valid_id(f"x{found}x")
    assert len(found) <= 12


@given(VIETNAMESE)
def test_it_does_not_matter_whether_it_was_typed_in_capitals(text: str) -> None:
    assert plain(text.upper()) == plain(text)
