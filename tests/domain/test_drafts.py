"""What an announcement must be, refusal by refusal; and text made fit to keep."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain import errors
from broadcaster.domain.announcement import LONGEST_TEXT, MOST_VERSIONS, Words, check, check_labels
from broadcaster.domain.words import line, plain, prose

pytestmark = pytest.mark.pure

VI = Words("vi", "Kính mời bà con.", recorded=False)


def refusal(title: str = "Họp bản", versions: tuple[Words, ...] = (VI,), audience: int = 1, repeat: int = 1) -> str:
    try:
        check(title=title, versions=versions, audience=audience, repeat=repeat)
    except errors.LoaError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    ("versions", "code"),
    [
        ((VI,), ""),
        ((Words("vi", "a" * LONGEST_TEXT, recorded=False),), ""),
        ((Words("vi", None, recorded=True),), ""),
        ((Words("vi", "", recorded=True),), ""),
        ((), "versions_missing"),
        ((Words("vi", "", recorded=False),), "text_empty"),
        ((Words("vi", "  \n ", recorded=False),), "text_empty"),
        ((Words("vi", None, recorded=False),), "version_empty"),
        ((Words("vi", "a" * (LONGEST_TEXT + 1), recorded=False),), "text_too_long"),
        ((Words("vi", "a" * (LONGEST_TEXT + 1), recorded=True),), "text_too_long"),
        ((VI, VI), "language_twice"),
        (tuple(Words(f"a{number}", "a", recorded=False) for number in range(MOST_VERSIONS + 1)), "malformed"),
    ],
)
def test_versions(versions: tuple[Words, ...], code: str) -> None:
    assert refusal(versions=versions) == code


def test_title_audience_and_repeats() -> None:
    assert [refusal(title=title) for title in ("", "  ", "a" * 201, "a" * 200)] == [
        "title_empty",
        "title_empty",
        "title_too_long",
        "",
    ]
    assert refusal(audience=0) == "empty_audience"
    assert [refusal(repeat=times) for times in (0, 1, 10, 11)] == ["malformed", "", "", "malformed"]


@pytest.mark.parametrize(
    "labels",
    [
        ("urgent", "live", "general", "vi"),
        ("normal", "real", "general", "vi"),
        ("normal", "live", "Sức khoẻ", "vi"),
    ],
)
def test_labels_that_are_none(labels: tuple[str, str, str, str]) -> None:
    klass, kind, category, language = labels
    with pytest.raises(errors.Malformed):
        check_labels(klass, kind, category, [language])


@pytest.mark.parametrize("language", ["tiếng Việt", "", "VI", "xx", "tai", "-vi", "h"])
def test_a_language_nobody_declared_is_refused(language: str) -> None:
    with pytest.raises(errors.UnknownLanguage):
        check_labels("normal", "live", "general", ["vi", language])


def test_labels() -> None:
    check_labels("priority", "drill", "natural_disaster", ["vi", "hmn", "vi-x-central", "vi-VN"])


@given(st.text(st.characters(exclude_categories=[])))
def test_tidy_text_can_be_stored_signed_and_tidied_again(text: str) -> None:
    tidy = prose(text)
    assert tidy.encode().decode() == tidy == unicodedata.normalize("NFC", tidy)
    assert prose(tidy) == tidy
    assert not any(unicodedata.category(letter) == "Cc" for letter in tidy if letter not in "\n\t" and letter < "\x80")
    assert "\n" not in line(text)


def test_line_breaks_stay_in_prose_and_go_from_a_line() -> None:
    assert prose(" một\r\nhai\rba\x00 ") == "một\nhai\nba"
    assert line(" một\r\n  hai ") == "một hai"


def test_searching_ignores_diacritics_and_case() -> None:
    assert plain("Bản Đông Khùa") == plain("BAN DONG KHUA") == "ban dong khua"
