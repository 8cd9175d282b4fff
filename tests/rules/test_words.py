"""Hours, days and whole sets of rules in the words of a village; the annex says each line and what it means."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from broadcaster.domain.errors import OutsideHours
from broadcaster.domain.rules.annex import QuietSite, clauses
from broadcaster.domain.rules.lines import lines
from broadcaster.domain.rules.words import days_words, moment_words, said, window_words, windows_words
from broadcaster.domain.rules_of_the_air import DEFAULT, parse
from broadcaster.web.problems import problem_of
from firmware_config.protocol import Hours

pytestmark = pytest.mark.pure
SUNDAY = datetime(2026, 11, 29, 5, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
WRITTEN = {
    "hours": [{"days": [0, 1, 2, 3, 4], "start": 330, "end": 360}, {"days": [6], "start": 360, "end": 420}],
    "sessions_day": 2,
    "session_minutes": 15,
    "holidays": "silent",
    "volume_night": 40,
    "categories": ["land"],
}


@pytest.mark.parametrize(
    ("language", "text", "dated"),
    [
        ("vi", "05:00 sáng Chủ nhật", "05:00 sáng Chủ nhật, 29/11/2026"),
        ("en", "05:00 on Sunday morning", "05:00 on Sunday morning, 29/11/2026"),
        ("fr", "dimanche matin à 05:00", "dimanche matin à 05:00, 29/11/2026"),
    ],
)
def test_a_moment_is_told_with_its_part_of_the_day(language: str, text: str, dated: str) -> None:
    assert moment_words(SUNDAY, language) == text
    assert moment_words(SUNDAY, language, dated=True) == dated


@pytest.mark.parametrize(
    ("hour", "part"), [(0, "đêm"), (3, "sáng"), (10, "sáng"), (12, "trưa"), (15, "chiều"), (20, "tối"), (23, "đêm")]
)
def test_the_day_has_its_parts(hour: int, part: str) -> None:
    assert moment_words(SUNDAY.replace(hour=hour), "vi") == f"{hour:02d}:00 {part} Chủ nhật"


def test_days_and_windows_are_short() -> None:
    assert days_words((0, 1, 2, 3, 4, 5, 6), "vi") == "hằng ngày"
    assert days_words((0, 1, 2), "vi") == "thứ Hai–thứ Tư"
    assert days_words((5, 6), "vi") == "thứ Bảy, Chủ nhật"
    assert days_words((6, 0, 0), "en") == "Monday, Sunday"
    assert window_words(Hours((0,), 0, 1440, 416, 1015), "vi") == "00:00–24:00 thứ Hai, từ 16/04 đến 15/10"
    assert windows_words((), "vi") == "–"


def test_a_refusal_is_read_in_the_readers_language() -> None:
    error = OutsideHours(
        unit="Xã Mẫu",
        start=said(lambda language: moment_words(SUNDAY, language)),
        hours="05:30–06:00",
        next=said(lambda language: moment_words(SUNDAY.replace(minute=30), language, dated=True)),
    )
    told = problem_of(error, "vi").title
    assert told.startswith("05:00 sáng Chủ nhật, ngoài giờ cho phép 05:30–06:00")
    assert "05:30 sáng Chủ nhật, 29/11/2026" in told
    assert "05:00 on Sunday morning" in problem_of(error, "en").title
    assert "05:00 on Sunday morning" in str(error)


def test_lines_say_what_is_written_and_nothing_else() -> None:
    assert [head for head, _ in lines(DEFAULT, "vi")] == ["Giờ phát"]
    assert dict(lines(parse(WRITTEN), "vi")) == {
        "Giờ phát": ["05:30–06:00 thứ Hai–thứ Sáu", "06:00–07:00 Chủ nhật"],
        "Buổi phát": ["2 buổi một ngày", "15 phút một buổi"],
        "Ngày lễ": ["không phát"],
        "Âm lượng": ["ban ngày tối đa 100 %, ban đêm (21:00–05:00) tối đa 40 %"],
    }


def test_the_annex_says_each_rule_and_what_it_means() -> None:
    site = QuietSite("Trường Tiểu học", 500, [Hours((0, 1, 2, 3, 4), 420, 660)])
    found = {one.subject: one for one in clauses(parse(WRITTEN), [site], {"land": "Đất đai, xây dựng"})}
    assert found["Giờ phát"].says == ("05:30–06:00 thứ Hai–thứ Sáu", "06:00–07:00 Chủ nhật")
    assert found["Số buổi, thời lượng"].says == ("Không quá 2 buổi một ngày", "Mỗi buổi không quá 15 phút")
    assert found["Trường học, cơ sở y tế"].says == (
        "Trường Tiểu học (loa trong vòng 500 m): 07:00–11:00 thứ Hai–thứ Sáu",
    )
    assert found["Lĩnh vực nội dung"].says == ("Đất đai, xây dựng.",)
    assert all(one.means and one.says for one in found.values())
    text = " ".join(text for one in found.values() for text in (*one.says, one.means)).lower()
    assert not [claim for claim in ("pháp luật", "hợp pháp", "tuân thủ") if claim in text]
