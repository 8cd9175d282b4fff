"""Lists of villages as communes have them: pasted, with headings in two languages, with villages merged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.village_list import MOST_PEOPLE, Problem, Village, as_text, read
from broadcaster.domain.words import plain

pytestmark = pytest.mark.pure

CELL = st.text(max_size=40)
NAME = st.sampled_from(["Bản Nà Pản", "Bản Khoóng", "Thôn Đông Khùa", "Tổ dân phố 3", "Khu Ðồi Chè", "Bản Cũ"])
FORMER = st.lists(st.sampled_from(["Bản Tà Làng", "Bản Huổi Hẹ", "Thôn 5", "Bản Lắc Kén"]), max_size=3, unique=True)


def names(rows: list[list[str]]) -> list[str]:
    return [each.name for each in read(rows)]


def test_pasted_lines_are_names() -> None:
    assert names([["Bản Nà Pản"], [" "], ["2. Bản  Khoóng"], ["Bản Cũ"]]) == ["Bản Nà Pản", "Bản Khoóng", "Bản Cũ"]


@pytest.mark.parametrize(
    "heading",
    [
        ["STT", "Tên thôn, bản", "Trước đây", "Dân số"],
        ["TT", "Thôn/bản", "Sáp nhập từ các bản cũ", "Nhân khẩu"],
        ["No.", "Village", "Merged from", "People"],
        ["", "TÊN BẢN", "Tên cũ", "Số người"],
    ],
)
def test_columns_are_found_by_their_headings(heading: list[str]) -> None:
    rows = [["DANH SÁCH THÔN, BẢN XÃ YÊN CHÂU"], heading, ["1", "Bản Nà Pản", "Bản Tà Làng; Bản Lắc Kén", "1.204"]]
    assert read(rows) == (Village(3, "Bản Nà Pản", ("Bản Tà Làng", "Bản Lắc Kén"), 1204),)


def test_columns_may_stand_in_any_order() -> None:
    rows = [["Dân số", "Tên cũ", "Tên"], ["90", "", "Bản Khoóng"]]
    assert read(rows) == (Village(2, "Bản Khoóng", (), 90),)


@pytest.mark.parametrize(
    "written",
    [
        "Bản Đông (sáp nhập từ Bản Tà Làng và Bản Lắc Kén)",
        "Bản Đông (trước đây: Bản Tà Làng, Bản Lắc Kén)",
        "Bản Đông (formerly Bản Tà Làng and Bản Lắc Kén)",
    ],
)
def test_old_names_may_stand_in_brackets(written: str) -> None:
    assert read([[written]]) == (Village(1, "Bản Đông", ("Bản Tà Làng", "Bản Lắc Kén")),)


def test_a_row_of_villages_is_no_heading() -> None:
    assert names([["Bản A", "sáp nhập từ bản B"], ["Bản C", ""]]) == ["Bản A", "Bản C"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (["", "", "12"], Problem.NO_NAME),
        (["ban na pan", "", ""], Problem.TWICE),
        (["Bản mới", "", "nhiều"], Problem.PEOPLE),
        (["Bản mới", "", str(MOST_PEOPLE + 1)], Problem.PEOPLE),
        (["B" * 201, "", ""], Problem.TOO_LONG),
    ],
)
def test_what_is_wrong_is_said_of_its_row(row: list[str], problem: Problem) -> None:
    first, second = read([["Tên", "Trước đây", "Dân số"], ["Bản Nà Pản", "", ""], row])
    assert (first.problem, second.problem, second.number) == (None, problem, 3)


@given(st.lists(st.lists(CELL, max_size=5), max_size=12))
def test_any_table_is_read_and_every_line_judged(rows: list[list[str]]) -> None:
    found = read(rows)
    good = [each for each in found if each.problem is None]
    assert len({each.key for each in good}) == len(good)
    assert all(each.key and len(each.name) <= 200 for each in good)
    assert [each.number for each in found] == sorted({each.number for each in found})
    assert all(each.key not in {plain(old) for old in each.former} for each in good)


@given(
    st.lists(st.tuples(NAME, FORMER, st.none() | st.integers(0, MOST_PEOPLE)), max_size=6, unique_by=lambda it: it[0])
)
def test_a_list_written_out_is_read_back_the_same(listed: list[tuple[str, list[str], int | None]]) -> None:
    villages = [Village(at, name, tuple(former), people) for at, (name, former, people) in enumerate(listed, start=2)]
    assert list(read(as_text(villages))) == villages
