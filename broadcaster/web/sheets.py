"""Lists as files that office programs open: CSV and Excel, in which no cell is ever taken for a formula."""

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Cell = str | int | float | datetime | None
"""A datetime is a wall time without a zone: office programs know no zones."""
Rows = Iterable[Sequence[Cell]]
BOM = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONGEST_CELL = 32_000
ROWS_OF_A_SHEET = 1_000_000
AT_ONCE = 500
PIECE = 65_536
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
MOMENT = "dd/mm/yyyy hh:mm:ss"
BOLD = Font(bold=True)


def csv_pieces(head: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """UTF-8 with the mark by which Excel knows it, some hundred rows in memory at a time."""
    yield (BOM + _lines([head])).encode()
    iterator = iter(rows)
    while some := list(islice(iterator, AT_ONCE)):
        yield _lines(some).encode()


def xlsx_pieces(title: str, head: Sequence[str], rows: Rows) -> Iterator[bytes]:
    """A workbook, written row by row into a file that is gone afterwards; as many sheets as its rows need."""
    with tempfile.TemporaryFile() as file:
        write_xlsx(file, title, head, rows)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def write_xlsx(file: IO[bytes], title: str, head: Sequence[str], rows: Rows) -> None:
    """Write the workbook."""
    book = Workbook(write_only=True)
    for number, some in enumerate(_sheets(iter(rows)), start=1):
        sheet = book.create_sheet(f"{title[:28]} {number}" if number > 1 else title[:31])
        sheet.freeze_panes = "A2"
        sheet.append([_cell(sheet, word, bold=True) for word in head])
        for row in some:
            sheet.append([_cell(sheet, value) for value in row])
    book.save(file)


def _sheets(rows: Iterator[Sequence[Cell]]) -> Iterator[Rows]:
    """What goes onto each sheet; the first there is in any case."""
    yield islice(rows, ROWS_OF_A_SHEET)
    while first := list(islice(rows, 1)):
        yield chain(first, islice(rows, ROWS_OF_A_SHEET - 1))


def _cell(sheet: Any, value: Cell, *, bold: bool = False) -> Any:  # noqa: ANN401  (openpyxl names no type for either)
    cell = WriteOnlyCell(sheet, value=clean(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        # Whatever it begins with, it is text and no formula.
        cell.data_type = "s"
    elif isinstance(value, datetime):
        cell.number_format = MOMENT
    if bold:
        cell.font = BOLD
    return cell


def _lines(rows: Rows) -> str:
    told = io.StringIO()
    csv.writer(told, lineterminator="\r\n").writerows([_plain(value) for value in row] for row in rows)
    return told.getvalue()


def _plain(value: Cell) -> str | int | float:
    match value:
        case str():
            return safe(clean(value))
        case None:
            return ""
        case datetime():
            return value.isoformat(" ", "seconds")
        case _:
            return value


def safe(text: str) -> str:
    """What an office program shows as text: an apostrophe before what it would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def clean(text: str) -> str:
    """Without what no workbook can hold, and not longer than a cell may be."""
    return _NOT_IN_XML.sub(" ", text)[:LONGEST_CELL]
