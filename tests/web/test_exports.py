"""Every list as a file: the right rows for the right person, on the days that were asked for."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import load_workbook

from broadcaster.services.actor import Actor
from broadcaster.store.tables import Person, Speaker
from broadcaster.web.i18n import say
from broadcaster.web.shown.lists import LISTS
from tests.cast import COMMUNE, NOW, OTHER_COMMUNE, OTHER_SPEAKER, SPEAKERS, VILLAGES
from tests.web.house import House
from tests.web.provincial import aired, announcement, exception

pytestmark = pytest.mark.pages
MIDNIGHT = datetime(2026, 11, 24, 17, tzinfo=UTC)
FIRST, SECOND, THIRD = SPEAKERS


@pytest.fixture
def told(any_house: House) -> House:
    with any_house.database.transaction() as session:
        said = announcement(session, COMMUNE, at=NOW, title="=Họp bản", languages=("vi", "hmn"))
        aired(session, said, MIDNIGHT - timedelta(seconds=1), {FIRST: "heard", OTHER_SPEAKER: "heard"})
        aired(session, said, MIDNIGHT, {FIRST: "heard", SECOND: "silent", THIRD: "partial"})
        drill = announcement(session, COMMUNE, at=NOW, kind="drill", title="Diễn tập")
        aired(session, drill, NOW - timedelta(hours=1), dict.fromkeys(SPEAKERS, "heard"))
        exception(session, said, VILLAGES[0], NOW - timedelta(hours=1), NOW + timedelta(hours=1))
        session.get_one(Speaker, FIRST).problems = ["too_hot"]
        session.get_one(Person, any_house.cast.clerk.person_id).phone = "+84 912 000 000"
    return any_house


def rows(house: House, who: Actor, path: str) -> list[list[str]]:
    answer = house.browser(who).get(f"/exports/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))[1:]


def test_days_go_from_midnight_to_midnight_in_the_village(told: House) -> None:
    owner = told.cast.owner
    assert [row[3] for row in rows(told, owner, "deliveries.csv?from=2026-11-24&to=2026-11-24")] == [FIRST]
    today = rows(told, owner, "deliveries.csv?from=2026-11-25&to=2026-11-25")
    assert sorted(row[3] for row in today) == sorted([*SPEAKERS, *SPEAKERS])
    assert {row[1] for row in today} == {"'=Họp bản", "Diễn tập"}
    assert "2026-11-25 00:00:00" in {row[2] for row in today}


def test_only_what_fell_off_the_ladder_is_a_failure(told: House) -> None:
    found = rows(told, told.cast.owner, f"failures.csv?unit={COMMUNE}")
    assert {(row[3], bool(row[7])) for row in found} == {(SECOND, True), (THIRD, False)}


def test_every_list_opens_in_both_forms_and_has_a_name_for_each_column(told: House) -> None:
    browser = told.browser(told.cast.owner)
    for one in LISTS.values():
        plain = browser.get(f"/exports/{one.name}.csv").content.decode("utf-8-sig")
        table = list(csv.reader(io.StringIO(plain, newline="")))
        assert {len(row) for row in table} == {len(one.head)}, one.name
        assert len(table) > 1, one.name
        book = load_workbook(io.BytesIO(browser.get(f"/exports/{one.name}.xlsx").content))
        assert book.sheetnames == [say("vi", one.title)]
        found = list(book.worksheets[0].iter_rows(values_only=True))
        assert len(found) == len(table), one.name
        assert found[0] == tuple(table[0])


def test_the_counts_of_an_airing_are_those_of_its_board(told: House) -> None:
    found = rows(told, told.cast.owner, "airings.csv?from=2026-11-25")
    assert [row[-3:] for row in found] == [["3", "1", "2"]]
    assert [row[-2:] for row in rows(told, told.cast.owner, "drills.csv")] == [["3", "3"]]


def test_a_telephone_number_is_no_formula(told: House) -> None:
    assert "'+84 912 000 000" in {row[3] for row in rows(told, told.cast.owner, "people.csv")}


def test_the_neighbour_is_in_no_list(told: House) -> None:
    for name in ("speakers", "deliveries", "announcements", "audit", "people"):
        text = str(rows(told, told.cast.owner, f"{name}.csv"))
        assert OTHER_SPEAKER not in text
        assert "Bản lạ" not in text


def test_the_province_sees_both_communes_and_may_choose_one(told: House) -> None:
    monitor = told.cast.monitor
    assert len(rows(told, monitor, "speakers.csv")) == 4
    assert [row[0] for row in rows(told, monitor, f"speakers.csv?unit={OTHER_COMMUNE}")] == [OTHER_SPEAKER]


def test_people_are_only_for_those_who_look_after_them(told: House) -> None:
    assert told.browser(told.cast.approver).get("/exports/people.csv").status_code == 403
    page = told.browser(told.cast.approver).get("/exports").text
    assert "/exports/people.xlsx" not in page
    assert "/exports/audit.xlsx" in page


@pytest.mark.parametrize(("path", "status"), [("x.csv", 404), ("speakers.pdf", 422), ("speakers.csv?from=x", 422)])
def test_what_there_is_not_is_refused(house: House, path: str, status: int) -> None:
    assert house.browser(house.cast.owner).get(f"/exports/{path}").status_code == status
