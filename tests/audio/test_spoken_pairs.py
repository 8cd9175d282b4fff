"""Notices as communes write them, and as they should be heard: one test for each pair of the table."""

from pathlib import Path

import pytest

from audio.script import spoken

pytestmark = pytest.mark.pure

TABLE = Path(__file__).with_name("spoken_vi.tsv")
PAIRS = [
    tuple(line.split("\t"))
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("written", "heard"), PAIRS)
def test_a_notice_is_read_as_an_announcer_would(written: str, heard: str) -> None:
    assert spoken(written) == heard


def test_what_is_already_spoken_is_left_alone() -> None:
    assert [heard for _, heard in PAIRS if spoken(heard) != heard] == []


def test_the_table_is_large_and_says_everything_once() -> None:
    assert len(PAIRS) >= 260
    assert len({written for written, _ in PAIRS}) == len(PAIRS)


def test_no_digit_and_no_sign_is_left_to_the_voice() -> None:
    left = [heard for _, heard in PAIRS if any(one.isdigit() or one in "%/&+=°²³" for one in heard)]
    assert left == []
