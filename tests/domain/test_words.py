"""What is searched for is found however it was typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.words import MOST_MARKS, plain, prose, slug
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


@given(st.text(alphabet="aăâđêôơưàảãáạ ", max_size=50))
def test_what_people_write_is_only_composed(text: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    assert prose(apart) == unicodedata.normalize("NFC", text).strip()


@pytest.mark.parametrize("mark", ["\u0301", "\u0f73", "\u0323\u0301"])
def test_a_letter_under_a_million_marks_is_made_bearable(mark: str) -> None:
    # Put in order as they stand they would keep the whole service waiting for minutes.
    heap = "a" + mark * (1_000_000 // len(mark))
    assert len(prose(heap)) <= 2 * MOST_MARKS + 1
    assert plain(heap) == "a"
