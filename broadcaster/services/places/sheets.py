"""The rows of a list that somebody typed, pasted or uploaded: text, CSV or an Excel workbook, within bounds."""

import csv
import io
import zipfile

import openpyxl

from broadcaster.domain.errors.setting_up import ListTooLong, ListUnreadable

MOST_ROWS = 2_000
MOST_COLUMNS = 20
LONGEST_CELL = 2_000
MOST_UNPACKED = 30 * 1_048_576
MOST_PARTS = 500
ZIP = b"PK\x03\x04"

Rows = list[list[str]]


def rows_of(content: bytes) -> Rows:
    """The rows of a file's first sheet. Raises ListUnreadable, ListTooLong."""
    return _workbook(content) if content.startswith(ZIP) else pasted(_text(content))


def pasted(text: str) -> Rows:
    """The rows of text: CSV, or one thing on each line. Raises ListUnreadable, ListTooLong."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return _bounded(list(csv.reader(io.StringIO(lines, newline=""), delimiter=_delimiter(lines), strict=False)))
    except csv.Error as error:
        raise ListUnreadable from error


def text_of(rows: Rows) -> str:
    """The same rows as text that `pasted` reads."""
    kept = io.StringIO(newline="")
    csv.writer(kept, delimiter="\t", lineterminator="\n").writerows(rows)
    return kept.getvalue()


def _text(content: bytes) -> str:
    # Excel's "Unicode text" is UTF-16 with a mark at its head.
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ListUnreadable from error
    if "\0" in text:
        raise ListUnreadable
    return text


def _delimiter(text: str) -> str:
    """What stands between columns; a comma inside brackets or in a sentence is none."""
    lines = [line for line in text.split("\n") if line.strip()][:20]
    for mark in "\t;":
        if any(mark in line for line in lines):
            return mark
    commas = {line.count(",") for line in lines}
    return "," if commas and min(commas) > 0 and "(" not in lines[0] else "\t"


def _workbook(content: bytes) -> Rows:
    try:
        _check_archive(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        cells = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
        return _bounded([["" if cell is None else str(cell) for cell in row] for row in cells])
    # Of a broken or forged workbook the library lets through whatever its own parts raise.
    except (ListTooLong, ListUnreadable):
        raise
    except Exception as error:
        raise ListUnreadable from error


def _check_archive(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise ListUnreadable


def _bounded(rows: Rows) -> Rows:
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if len(rows) > MOST_ROWS:
        raise ListTooLong(most=MOST_ROWS)
    return [_trimmed(row[:MOST_COLUMNS]) for row in rows]


def _trimmed(row: list[str]) -> list[str]:
    width = max((at for at, cell in enumerate(row, start=1) if cell.strip()), default=0)
    return [cell[:LONGEST_CELL] for cell in row[:width]]
