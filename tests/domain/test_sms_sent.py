"""How far a list of phones came, in one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.sms_sent import Mark, read, written

pytestmark = pytest.mark.pure

marks = st.lists(st.sampled_from(Mark), max_size=300)


@given(marks)
def test_what_was_written_is_read(before: list[Mark]) -> None:
    assert read(written(before), len(before)) == before


@given(marks, st.integers(0, 200))
def test_of_a_line_that_was_cut_nothing_wrong_is_read(before: list[Mark], length: int) -> None:
    after = read(written(before)[:length], len(before))
    assert all(now in {then, Mark.LEFT} for now, then in zip(after, before, strict=True))


@given(st.text(), st.integers(0, 50))
def test_any_line_gives_each_phone_a_mark(line: str, count: int) -> None:
    assert len(read(line, count)) == count


@pytest.mark.parametrize("line", ["", "sms-1,sms-2", "0a", "-1a", "a"])
def test_another_line_leaves_everybody_to_be_tried(line: str) -> None:
    assert read(line, 2) == [Mark.LEFT] * 2


def test_a_long_run_is_short() -> None:
    assert written([Mark.TAKEN] * 17 + [Mark.UNSURE] * 3 + [Mark.LEFT] * 80) == "17a3u80-"
