"""Files for office programs: whatever a cell holds, it comes out as text and never as a formula."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from broadcaster.web import sheets
from broadcaster.web.sheets import Cell, clean, csv_pieces, safe, xlsx_pieces

pytestmark = pytest.mark.pages
DANGEROUS = ["=1+1", "+84912", "-2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")', "=cmd|' /C calc'!A0"]
texts = st.text(max_size=30) | st.sampled_from(DANGEROUS)
cells = texts | st.integers(0, 10**12) | st.none() | st.datetimes()


def read_csv(body: bytes) -> list[list[str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


@given(st.lists(st.lists(cells, min_size=1, max_size=4), max_size=6))
def test_no_cell_of_a_csv_begins_like_a_formula(rows: list[list[Cell]]) -> None:
    told = read_csv(b"".join(csv_pieces(["Tên"], rows)))
    assert len(told) == len(rows) + 1
    assert [cell for row in told for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


@given(texts)
def test_text_is_kept_but_for_the_apostrophe(text: str) -> None:
    told = read_csv(b"".join(csv_pieces(["Tên"], [[text, "x"]])))
    assert told[1][0] == safe(clean(text))
    assert told[1][0].removeprefix("'") in {clean(text), clean(text).removeprefix("'")}


@given(st.lists(texts, min_size=1, max_size=5))
def test_a_workbook_holds_text_as_text(values: list[str]) -> None:
    file = io.BytesIO(b"".join(xlsx_pieces("Danh sách", ["=Tên"], [[value] for value in values])))
    found = [row[0] for row in load_workbook(file).worksheets[0].iter_rows()]
    assert all(cell.data_type in {"s", "n", "inlineStr"} for cell in found)
    assert all(cell.data_type != "n" or cell.value is None for cell in found)


def test_moments_and_numbers_are_ones_that_excel_counts_with() -> None:
    at = datetime(2026, 11, 25, 17, 0, 3, tzinfo=UTC).replace(tzinfo=None)
    file = io.BytesIO(b"".join(xlsx_pieces("A", ["Lúc", "Số"], [[at, 12]])))
    found = [cell.value for cell in list(load_workbook(file).worksheets[0].iter_rows())[1]]
    assert found == [at, 12]
    assert read_csv(b"".join(csv_pieces(["Lúc", "Số"], [[at, 12]])))[1] == ["2026-11-25 17:00:03", "12"]


def test_vietnamese_survives() -> None:
    assert read_csv(b"".join(csv_pieces(["Xã"], [['Bản Huổi Hốc; "chợ", đường']])))[1] == ['Bản Huổi Hốc; "chợ", đường']


def test_what_one_sheet_cannot_hold_goes_onto_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS_OF_A_SHEET", 3)
    book = load_workbook(io.BytesIO(b"".join(xlsx_pieces("Loa", ["Số"], ([number] for number in range(7))))))
    assert [[row[0].value for row in sheet.iter_rows()] for sheet in book] == [
        ["Số", 0, 1, 2],
        ["Số", 3, 4, 5],
        ["Số", 6],
    ]


def test_nothing_is_made_before_it_is_asked_for() -> None:
    taken = []
    pieces = csv_pieces(["Số"], ([taken.append(number) or number] for number in range(2_000)))  # type: ignore[func-returns-value]
    next(pieces)
    next(pieces)
    assert len(taken) == sheets.AT_ONCE
