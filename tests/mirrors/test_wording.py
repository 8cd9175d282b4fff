"""What residents read: never longer than allowed, never without its link, never a mention."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.mirror import Action, Copy, Text
from broadcaster.domain.mirror_wording import LEAD, compose, cut, plain, size
from firmware_config.protocol import Kind, Klass
from tests.mirrors.casts import LINK, copy

pytestmark = pytest.mark.pure

NASTY = st.sampled_from(
    ["[@", "@all", "[@123]", "\u202e", "é", "́", "Ệ", "\ud83d", "😀", "\r\n", "\x00", " ", ". ", "/start", "**", "<b>"]
)
texts = st.lists(NASTY | st.text(max_size=30), max_size=60).map("".join)
copies = st.builds(
    copy,
    action=st.sampled_from(Action),
    klass=st.sampled_from(Klass),
    kind=st.sampled_from(Kind),
    title=texts,
    reason=texts,
    texts=st.lists(st.builds(Text, st.sampled_from(["vi", "en", "hmn"]), texts), max_size=4).map(tuple),
    repeated=st.booleans(),
)
# Somebody who need not do anything gets nothing to open.
ENDS = {Action.ASK: f"\nBáo lại ở đây: {LINK}", Action.RELEASE: ""}


@given(copies, st.integers(size(LINK) + 100, 3000))
def test_every_message_fits_keeps_its_link_and_mentions_nobody(given_copy: Copy, limit: int) -> None:
    message = compose(given_copy, limit=limit)
    assert len(message.encode("utf-16-le")) // 2 <= limit
    assert message.endswith(ENDS.get(given_copy.action, f"\nNghe lại: {LINK}"))
    assert message.startswith(LEAD)
    assert "[@" not in message
    assert not re.search(r"(?<!\w)@\w", message)
    assert unicodedata.is_normalized("NFC", message)
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", message)


@given(texts)
def test_plain_text_stays_as_it_is_the_second_time(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(texts.map(plain), st.integers(-5, 400))
def test_a_cut_is_a_beginning_of_the_text_and_fits(text: str, room: int) -> None:
    part = cut(text, room)
    assert size(part) <= max(room, 0)
    assert part == text or text.startswith(part.removesuffix("…").rstrip())


def test_the_decomposed_form_counts_and_reads_as_the_composed_one() -> None:
    title = "Ủy ban nhân dân xã Yên Châu"
    assert compose(copy(title=unicodedata.normalize("NFD", title)), limit=500) == compose(copy(title=title), limit=500)


def test_an_ordinary_announcement_reads_as_an_official_would_write_it() -> None:
    assert compose(copy(), limit=2000) == (
        "📢 Lịch cắt điện bản Chiềng Đông 1\n\n"
        "Điện lực Yên Châu tạm ngừng cấp điện từ 7 giờ 30 đến 11 giờ 00 ngày 26/11/2026. Bà con chú ý.\n\n"
        "The power is off from 7:30 to 11:00 on 26 November 2026.\n\n"
        "Phát trên loa: 17 giờ 00, ngày 25/11/2026\n"
        "Nghe lại: https://loa.example.vn/n/k7m2q9xw4t"
    )


@pytest.mark.parametrize(
    ("changes", "head"),
    [
        ({"klass": Klass.EMERGENCY}, "📢 KHẨN CẤP: Lịch"),
        ({"klass": Klass.PRIORITY}, "📢 ƯU TIÊN: Lịch"),
        ({"klass": Klass.EMERGENCY, "kind": Kind.DRILL}, "📢 DIỄN TẬP – KHẨN CẤP: Lịch"),
        ({"kind": Kind.TEST}, "📢 THỬ LOA: Lịch"),
        ({"klass": Klass.EMERGENCY, "repeated": True}, "📢 (nhắc lại) KHẨN CẤP: Lịch"),
        ({"action": Action.CORRECT}, "📢 ĐÍNH CHÍNH: Lịch"),
        ({"action": Action.WITHDRAW}, "📢 THU HỒI: Lịch"),
    ],
)
def test_the_first_words_say_what_kind_of_message_it_is(changes: dict[str, object], head: str) -> None:
    assert compose(copy(**changes), limit=2000).startswith(head)


def test_a_picture_counts_as_two_as_it_does_where_it_is_read() -> None:
    message = compose(copy(texts=(Text("vi", "😀 " * 2000),)), limit=2000)
    assert len(message) < 1500
    assert len(message.encode("utf-16-le")) // 2 <= 2000


def test_a_withdrawal_says_why_and_does_not_repeat_the_words() -> None:
    message = compose(copy(action=Action.WITHDRAW, reason="Nhầm ngày."), limit=2000)
    assert "Lý do: Nhầm ngày." in message
    assert "Điện lực" not in message
    assert "Phát trên loa" not in message


def test_a_long_text_ends_at_a_sentence_and_leaves_the_short_one_whole() -> None:
    long = "Đề nghị bà con tiêm phòng cho gia súc. " * 80
    message = compose(copy(texts=(Text("vi", long), Text("en", "Please vaccinate your cattle."))), limit=2000)
    assert "gia súc. …\n\nPlease vaccinate your cattle.\n\n" in message
    assert size(message) > 1900


@pytest.mark.parametrize("room", range(4, 40))
def test_a_letter_is_never_parted_from_its_marks(room: int) -> None:
    letters = cut("b\u0306\u0301" * 40, room).removesuffix(" …")
    assert re.fullmatch("(b\u0306\u0301)*", letters)


def test_an_address_for_letters_is_left_alone() -> None:
    assert plain("Gửi ubnd@yenchau.example, hỏi @bí_thư") == "Gửi ubnd@yenchau.example, hỏi ＠bí_thư"


def test_a_correction_says_so_in_its_first_words() -> None:
    wrong = copy(klass=Klass.EMERGENCY, title="Đính chính: Cảnh báo lũ quét", part="correction")
    over = copy(klass=Klass.EMERGENCY, title="Hết khẩn cấp: Cảnh báo lũ quét", part="all_clear")
    assert compose(wrong, limit=1000).startswith(f"{LEAD}ĐÍNH CHÍNH KHẨN CẤP: Cảnh báo lũ quét")
    assert compose(over, limit=1000).startswith(f"{LEAD}HẾT KHẨN CẤP: Cảnh báo lũ quét")


def test_a_drill_says_so_before_anything_else() -> None:
    drill = copy(klass=Klass.PRIORITY, kind=Kind.DRILL, title="Diễn tập sơ tán")
    assert compose(drill, limit=1000).startswith(f"{LEAD}DIỄN TẬP – ")


def test_a_person_is_asked_to_say_the_very_words_and_told_when_it_must_not_be_said() -> None:
    asked = compose(copy(action=Action.ASK, klass=Klass.EMERGENCY, reason="Loa Nhà văn hoá"), limit=2000)
    assert asked.startswith("📢 CẦN NÓI THAY LOA – KHẨN CẤP: Lịch")
    assert "Loa Nhà văn hoá" in asked
    assert copy().texts[0].text in asked
    assert asked.endswith(f"Báo lại ở đây: {LINK}")
    over = compose(copy(action=Action.RELEASE, reason="withdrawn"), limit=2000)
    assert "đừng đọc" in over
    assert copy().texts[0].text not in over
    assert "không cần đọc nữa" in compose(copy(action=Action.RELEASE, reason="not_needed"), limit=2000)
    assert compose(copy(action=Action.ASK, kind=Kind.DRILL), limit=2000).startswith("📢 DIỄN TẬP – CẦN NÓI THAY LOA")
