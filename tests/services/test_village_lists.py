"""Lists of villages from paper, spreadsheets and chats: shown first, written once, never doubled."""

import io
import zipfile
from collections.abc import Sequence

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from broadcaster.domain.errors import NotAllowed
from broadcaster.domain.errors.setting_up import ListEmpty, ListTooLong, ListUnreadable
from broadcaster.domain.village_list import as_text
from broadcaster.services.places import importing, sheets, units
from broadcaster.services.places.importing import Fate
from broadcaster.store.database import Database
from broadcaster.store.tables import Unit
from tests.cast import COMMUNE, NOW, Cast

pytestmark = pytest.mark.database

HEADINGS = ["STT", "Tên thôn, bản", "Trước đây", "Dân số"]
LIST = [
    HEADINGS,
    ["1", "Bản Nà Pản", "", ""],
    ["2", "Bản Khoóng", "Bản Khoang", "410"],
    ["3", "Bản Mường Vạt", "Bản Tà Làng; Bản Lắc Kén", "1.204"],
    ["4", "Bản Đông", "Bản Huổi Hốc", ""],
    ["5", "Bản Mường Vạt", "", ""],
]


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book, kept = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    book.save(kept)
    return kept.getvalue()


def csv_of(rows: Sequence[Sequence[str]], mark: str) -> str:
    return "\n".join(mark.join(row) for row in rows)


def test_each_line_is_judged_before_anything_is_written(database: Database, cast: Cast) -> None:
    with database.read() as session:
        lines = importing.preview(session, cast.owner, COMMUNE, LIST)
    assert [line.fate for line in lines] == [Fate.THERE, Fate.COMPLETED, Fate.NEW, Fate.RENAMED, Fate.WRONG]
    assert lines[3].other == "Bản Huổi Hốc"


def test_what_is_new_is_written_with_its_old_names_and_a_second_time_nothing(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        assert importing.write(session, cast.owner, COMMUNE, LIST, now=NOW) == 2
    with database.transaction() as session:
        assert importing.write(session, cast.owner, COMMUNE, LIST, now=NOW) == 0
        made = session.get_one(Unit, "ban-muong-vat")
        assert (made.parent_id, made.former_names, made.people) == (COMMUNE, ["Bản Tà Làng", "Bản Lắc Kén"], 1204)
        known = session.scalars(select(Unit).where(Unit.name == "Bản Khoóng")).one()
        assert (known.former_names, known.people) == (["Bản Khoang"], 410)


def test_a_village_is_found_under_the_name_it_had(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        importing.write(session, cast.owner, COMMUNE, LIST, now=NOW)
        (line,) = importing.preview(session, cast.owner, COMMUNE, [["ban ta lang"]])
    assert (line.fate, line.other) == (Fate.THERE, "Bản Mường Vạt")


def test_villages_below_an_area_are_there_already(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        units.create(session, cast.owner, id="khu-tren", name="Khu trên", level="area", parent=COMMUNE, now=NOW)
        units.create(session, cast.owner, id="ban-xa", name="Bản Xa", level="village", parent="khu-tren", now=NOW)
        lines = importing.preview(session, cast.owner, COMMUNE, [["Bản Xa"], ["Bản Gần"]])
    assert [line.fate for line in lines] == [Fate.THERE, Fate.NEW]


def test_a_name_that_another_commune_has_gets_an_id_of_its_own(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        importing.write(session, cast.owner, COMMUNE, [["Bản lạ"], ["1"]], now=NOW)
        made = session.scalars(select(Unit.id).where(Unit.name.in_(["Bản lạ", "1"]), Unit.parent_id == COMMUNE))
        assert set(made) == {"ban-la-2", "village-1"}


def test_only_whoever_tends_the_unit_takes_a_list_over(database: Database, cast: Cast) -> None:
    for someone in (cast.clerk, cast.technician, cast.stranger):
        with database.read() as session, pytest.raises(NotAllowed):
            importing.preview(session, someone, COMMUNE, LIST)


def test_nothing_and_too_much_are_said_to_be_so(database: Database, cast: Cast) -> None:
    with database.read() as session:
        with pytest.raises(ListEmpty):
            importing.preview(session, cast.owner, COMMUNE, [HEADINGS, [""]])
        with pytest.raises(ListTooLong):
            importing.preview(session, cast.owner, COMMUNE, [[f"Bản {n}"] for n in range(501)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("mark", ["\t", ";", ","])
def test_a_csv_file_is_read_however_it_was_saved(encoding: str, mark: str) -> None:
    rows = [["Tên", "Dân số"], ["Bản Nà Pản", "12"]]
    assert sheets.rows_of(csv_of(rows, mark).encode(encoding)) == rows


def test_a_workbook_is_read() -> None:
    rows: list[list[object]] = [["Tên", "Dân số"], ["Bản Nà Pản", 12], [None, None]]
    assert sheets.rows_of(workbook(rows)) == [["Tên", "Dân số"], ["Bản Nà Pản", "12"]]


def test_commas_in_a_pasted_line_part_no_columns() -> None:
    assert sheets.pasted("Bản A (trước đây: B, C)\nBản D, E") == [["Bản A (trước đây: B, C)"], ["Bản D, E"]]


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n\x00", b"a\x00b"])
def test_what_is_no_list_is_refused(content: bytes) -> None:
    with pytest.raises(ListUnreadable):
        sheets.rows_of(content)


def test_a_workbook_that_unpacks_to_too_much_is_not_opened() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (sheets.MOST_UNPACKED + 1))
    assert len(kept.getvalue()) < 100_000
    with pytest.raises(ListUnreadable):
        sheets.rows_of(kept.getvalue())


def test_a_workbook_whose_parts_define_entities_is_not_read() -> None:
    kept = io.BytesIO()
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(io.BytesIO(workbook([["Bản A"]]))) as good, zipfile.ZipFile(kept, "w") as forged:
        for name in good.namelist():
            content = good.read(name)
            if name.endswith("sheet1.xml"):
                head, mark, rest = content.partition(b"<worksheet")
                content = head + laughs + mark + rest.replace(b"Sheet", b"&b;")
            forged.writestr(name, content)
    with pytest.raises(ListUnreadable):
        sheets.rows_of(kept.getvalue())


def test_too_many_rows_are_not_read() -> None:
    with pytest.raises(ListTooLong):
        sheets.pasted("\n".join(f"Bản {n}" for n in range(sheets.MOST_ROWS + 1)))


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_file_gives_rows_or_a_refusal(content: bytes) -> None:
    try:
        rows = sheets.rows_of(content)
    except (ListUnreadable, ListTooLong):
        return
    assert all(isinstance(cell, str) for row in rows for cell in row)


def test_what_is_shown_is_what_is_sent_again(database: Database, cast: Cast) -> None:
    with database.read() as session:
        lines = importing.preview(session, cast.owner, COMMUNE, LIST[:5])
        again = importing.preview(session, cast.owner, COMMUNE, as_text(line.village for line in lines))
    assert [(line.village.name, line.fate) for line in again] == [(line.village.name, line.fate) for line in lines]
