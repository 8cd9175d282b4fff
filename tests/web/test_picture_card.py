"""The picture of a copy: its words, what is left out where they do not fit, and a code that leads to the whole."""

import unicodedata
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from broadcaster.domain.mirror import Action, Text
from broadcaster.web.picture_card import MOST_HEIGHT, WIDTH, card_of, draw
from firmware_config.protocol import Kind, Klass
from tests.mirrors.casts import LINK, copy

pytestmark = pytest.mark.pages
LONG = "Bà con chú ý sắp xếp việc nhà, không qua ngầm tràn khi nước lên. "


def picture(**changes: object) -> Image.Image:
    made = Image.open(BytesIO(draw(card_of(copy(**changes)))))
    made.load()
    return made


def test_it_says_title_hour_place_and_link_in_composed_letters() -> None:
    card = card_of(copy(title=unicodedata.normalize("NFD", "Lịch cắt điện")))
    assert card.title == "Lịch cắt điện"
    assert (card.badge, card.place, card.link) == ("THÔNG BÁO", "Bản Chiềng Đông 1", LINK)
    assert card.hour == "Phát trên loa: 17 giờ 00, ngày 25/11/2026"


@pytest.mark.parametrize(
    ("changes", "badge"),
    [
        ({"klass": Klass.EMERGENCY}, "KHẨN CẤP"),
        ({"kind": Kind.DRILL, "klass": Klass.EMERGENCY}, "DIỄN TẬP – KHẨN CẤP"),
        ({"action": Action.CORRECT}, "ĐÍNH CHÍNH"),
        ({"action": Action.WITHDRAW}, "THU HỒI"),
    ],
)
def test_what_must_be_known_first_stands_on_top_in_its_own_colour(changes: dict[str, object], badge: str) -> None:
    assert card_of(copy(**changes)).badge == badge
    assert picture(**changes).getpixel((5, 5)) != picture().getpixel((5, 5)) or changes == {"action": Action.CORRECT}


def test_what_was_taken_back_is_not_told_again() -> None:
    card = card_of(copy(action=Action.WITHDRAW, reason="Nhầm ngày."))
    assert (card.text, card.hour) == ("", "")
    assert "Lý do: Nhầm ngày." in card.notes


def test_a_language_whose_letters_are_not_at_hand_gives_way_to_one_whose_are() -> None:
    texts = (Text("km", "សូមបងប្អូន"), Text("vi", "Mời bà con."))
    assert card_of(copy(texts=texts)).text == "Mời bà con."
    assert card_of(copy(texts=texts[:1])).text == "សូមបងប្អូន"


def test_the_code_in_its_corner_is_dark_and_light() -> None:
    made = picture()
    corner = made.crop((WIDTH - 72 - 264, made.height - 264 - 36, WIDTH - 72, made.height - 36)).convert("L")
    histogram = corner.histogram()
    assert histogram[0] > 10_000
    assert histogram[255] > 10_000


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 200), st.sampled_from(Action), st.text(max_size=300))
def test_however_much_is_said_it_is_a_picture_no_phone_cuts(many: int, action: Action, reason: str) -> None:
    made = picture(texts=(Text("vi", LONG * many),), action=action, reason=reason, title=reason or "Họp")
    assert made.width == WIDTH
    assert made.height <= MOST_HEIGHT
