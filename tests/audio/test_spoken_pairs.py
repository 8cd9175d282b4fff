"""Notices as communes write them, and as they should be heard: one test for each notice of the table."""

from pathlib import Path

import pytest

from audio.script import spoken

pytestmark = pytest.mark.pure

TABLE = Path(__file__).with_name("spoken_vi.tsv")


def pairs(listed: str) -> list[tuple[str, str]]:
    lines = (line for line in listed.splitlines() if line and not line.startswith("#"))
    return [(written, heard) for written, heard in (line.split("\t") for line in lines)]


NOTICES, _, FORMS = TABLE.read_text(encoding="utf-8").partition("# Single forms")
SENTENCES, SINGLE = pairs(NOTICES), pairs("#" + FORMS)
PAIRS = SENTENCES + SINGLE


@pytest.mark.parametrize(("written", "heard"), SENTENCES)
def test_a_notice_is_read_as_an_announcer_would(written: str, heard: str) -> None:
    assert spoken(written) == heard


def test_a_form_by_itself_is_read_as_an_announcer_would() -> None:
    assert {written: spoken(written) for written, _ in SINGLE} == dict(SINGLE)


def test_what_is_already_spoken_is_left_alone() -> None:
    assert [heard for _, heard in PAIRS if spoken(heard) != heard] == []


def test_the_table_is_large_and_says_everything_once() -> None:
    assert len(SENTENCES) >= 260
    assert len(SINGLE) >= 900
    assert len({written for written, _ in PAIRS}) == len(PAIRS)


def test_no_digit_and_no_sign_is_left_to_the_voice() -> None:
    left = [heard for _, heard in PAIRS if any(one.isdigit() or one in "%/&+=°²³" for one in heard)]
    assert left == []
