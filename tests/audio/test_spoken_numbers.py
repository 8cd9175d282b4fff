"""Numbers in words, read back by an independent parser."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.script.figures import figure
from audio.script.numbers import cardinal, coded, digits

pytestmark = pytest.mark.pure

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
ONES = {word: value for value, word in enumerate(DIGITS)} | {
    "mốt": 1,
    "lăm": 5,
}
LARGE = {"nghìn": 10**3, "triệu": 10**6}


def below_thousand(words: list[str]) -> int:
    total, last = 0, 0
    for word in words:
        if word == "trăm":
            total, last = total + last * 100, 0
        elif word == "mươi":
            total, last = total + last * 10, 0
        elif word == "mười":
            total += 10
        elif word != "linh":
            last = ONES[word]
    return total + last


def parsed(said: str) -> int:
    """The number said, worked out from the words alone."""
    above, _, rest = said.rpartition("tỷ")
    total, group = 0, list[str]()
    for word in rest.split():
        if word in LARGE:
            total, group = total + below_thousand(group) * LARGE[word], []
        else:
            group.append(word)
    return (parsed(above) if above.strip() else 0) * 10**9 + total + below_thousand(group)


@given(st.integers(0, 10**15))
def test_a_number_can_be_heard_back(number: int) -> None:
    assert parsed(cardinal(number)) == number


def test_small_and_round_numbers_can_be_heard_back() -> None:
    round_ones = [10**power + part for power in range(4, 16) for part in (-1, 0, 1, 5)]
    assert [number for number in (*range(1200), *round_ones) if parsed(cardinal(number)) != number] == []


@given(st.integers(0, 10**15))
def test_numbers_are_said_the_northern_way(number: int) -> None:
    said = f" {cardinal(number)} "
    assert not re.search(r" (ngàn|lẻ|bảy mươi một|mươi năm|mười mốt|mươi mười|linh không) ", said)
    assert not re.search(r"mươi một |mười năm ", said)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1.283", "một nghìn hai trăm tám mươi ba"),
        ("91 000", "chín mươi mốt nghìn"),
        ("1,234,567", "một triệu hai trăm ba mươi bốn nghìn năm trăm sáu mươi bảy"),
        ("4,5", "bốn phẩy năm"),
        ("12,05", "mười hai phẩy không năm"),
        ("3,14", "ba phẩy mười bốn"),
        ("1.250,75", "một nghìn hai trăm năm mươi phẩy bảy mươi lăm"),
        ("1.5", "một chấm năm"),
        ("105", "một trăm linh năm"),
        ("1005", "một nghìn không trăm linh năm"),
        ("21", "hai mươi mốt"),
        ("24", "hai mươi bốn"),
        ("2026", "hai nghìn không trăm hai mươi sáu"),
        ("05", "năm"),
    ],
)
def test_a_figure_as_it_is_written(written: str, said: str) -> None:
    assert figure(written) == said


def test_a_negative_number_and_one_nobody_can_follow() -> None:
    assert cardinal(-5) == "âm năm"
    assert cardinal(10**24) == "một " + " ".join(["không"] * 24)


@given(st.integers(0, 10**9))
def test_digit_by_digit_loses_nothing(number: int) -> None:
    assert "".join(str(ONES[word]) for word in digits(str(number)).split()) == str(number)


def test_the_leading_zero_of_a_paper_is_heard() -> None:
    assert coded("06") == "không sáu"
    assert coded("0") == "không"
