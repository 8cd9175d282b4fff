"""A unit's page, writing its rules, sites and exceptions, the annex, and the same by program."""

import uuid

import pytest

from broadcaster.services.airtime import airings
from tests.cast import COMMUNE, NOW, SPEAKERS, VILLAGES, approved
from tests.web.house import House

pytestmark = pytest.mark.pages

PAGE = f"/units/{COMMUNE}"
MORNING = {"windows": "1", "days-0": list("0123456"), "start-0": "05:30", "end-0": "06:00"}
WRITTEN = MORNING | {"decision": "12/QĐ-UBND", "sessions_day": "2", "night_start": "21:00", "night_end": "05:00"}


def write_rules(house: House, do: str = "save", **changes: object) -> str:
    browser = house.browser(house.cast.owner)
    return browser.send(f"{PAGE}/rules", f"{PAGE}/rules", WRITTEN | {"do": do} | changes).text


def test_the_tree_and_a_unit_show_what_holds(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    assert f'href="{PAGE}"' in browser.get("/units").text
    page = browser.get(PAGE).text
    assert "05:00–21:00 hằng ngày" in page
    assert "day-closed" in page
    assert "/rules/annex" in page


def test_rules_are_tried_before_they_are_written(house: House) -> None:
    with house.database.transaction() as session:
        announcement = approved(session, house.cast, title="Lịch tiêm phòng")
        airings.air(session, house.cast.clerk, announcement.id, at=NOW.replace(hour=9), now=NOW)
    tried = write_rules(house, "try")
    assert 'id="effect"' in tried
    assert "Lịch tiêm phòng" in tried
    assert 'value="05:30"' in tried
    page = house.browser(house.cast.clerk).get(PAGE).text
    assert "12/QĐ-UBND" not in page
    page = write_rules(house)
    assert "12/QĐ-UBND" in page
    assert "05:30–06:00 hằng ngày" in page
    assert "2 buổi một ngày" in page


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"start-0": "06:00", "end-0": "05:30"}, 422), ({"start-0": "25:00"}, 422), ({"sessions_day": "many"}, 422)],
)
def test_what_cannot_be_is_said_with_what_was_typed(house: House, changes: dict[str, str], code: int) -> None:
    browser = house.browser(house.cast.owner)
    answer = browser.send(f"{PAGE}/rules", f"{PAGE}/rules", WRITTEN | {"do": "save"} | changes)
    assert answer.status_code == code
    assert 'role="alert"' in answer.text
    assert 'value="12/QĐ-UBND"' in answer.text


def test_another_stretch_is_added_without_scripts(house: House) -> None:
    assert 'name="start-1"' in write_rules(house, "add")


def test_the_annex_is_one_sheet_in_vietnamese(house: House) -> None:
    write_rules(house)
    browser = house.browser(house.cast.clerk)
    browser.client.cookies.set("loa_language", "en")
    sheet = browser.get(f"{PAGE}/rules/annex").text
    for text in (
        "PHỤ LỤC",
        "Quyết định số 12/QĐ-UBND",
        "05:30–06:00 hằng ngày",
        "Không quá 2 buổi một ngày",
        "Điều ……",
    ):
        assert text in sheet


def test_a_site_is_added_changed_and_removed(house: House) -> None:
    browser = house.browser(house.cast.owner)
    typed = {"windows": "1", "days-0": ["0", "1"], "start-0": "07:00", "end-0": "11:00", "kind": "school", "do": "save"}
    page = browser.send(f"{PAGE}/sites/new", f"{PAGE}/sites/new", typed | {"name": "Trường Tiểu học"}).text
    assert "07:00–11:00 thứ Hai, thứ Ba" in page
    where = page.split(f"{PAGE}/sites/")[1].partition('"')[0]
    assert 'value="07:00"' in browser.get(f"{PAGE}/sites/{where}").text
    page = browser.send(f"{PAGE}/sites/{where}", f"{PAGE}/sites/{where}", typed | {"do": "remove"}).text
    assert "Trường Tiểu học" not in page
    assert browser.get(f"{PAGE}/sites/{where}").status_code == 404


def test_an_exception_is_asked_for_granted_and_taken_back(house: House) -> None:
    with house.database.transaction() as session:
        announcement = approved(session, house.cast, title="Họp khẩn").id
    clerk, chair = house.browser(house.cast.clerk), house.browser(house.cast.second_approver)
    typed = {"announcement": announcement, "starts": "2026-11-25T09:30", "ends": "2026-11-25T12:00", "reason": "Bão."}
    page = clerk.send(f"{PAGE}/overrides/new", f"{PAGE}/overrides", typed).text
    assert "/grant" not in page
    which = page.split("/overrides/")[1].partition("/")[0]
    page = chair.send(PAGE, f"/overrides/{which}/grant").text
    assert "Đang cho phép phát ngoài quy định" in page
    assert "note-bad" in clerk.get(PAGE).text
    page = clerk.send(PAGE, f"/overrides/{which}/end").text
    assert "Đang cho phép phát ngoài quy định đến" not in page


def test_people_and_languages_are_entered(house: House) -> None:
    browser = house.browser(house.cast.owner)
    page = browser.send(PAGE, PAGE, {"name": "Xã Yên Châu", "people": "33.000", "languages": ["vi", "hmn"]}).text
    assert "33.000" in page
    assert browser.send(PAGE, PAGE, {"name": "Xã Yên Châu", "people": "many"}).status_code == 422


def test_programs_read_try_and_write_the_same(house: House) -> None:
    program = house.program(house.cast.owner)
    api = f"/api/v1/units/{VILLAGES[0]}"
    sent = {"rules": {"hours": [{"days": [0, 1, 2, 3, 4, 5, 6], "start": 330, "end": 360}]}, "decision": "15/QĐ"}
    assert program.post(f"{api}/rules/try", json=sent).json() == {"planned": 0, "refused": 0, "losses": []}
    made = program.post(f"{api}/rules", json=sent, headers={"idempotency-key": uuid.uuid4().hex})
    assert (made.status_code, made.json()["version"]) == (201, 1)
    read = program.get(f"{api}/rules").json()
    assert [one["unit"] for one in read["binding"]] == [VILLAGES[0]]
    day = program.get(f"{api}/day", params={"speaker": SPEAKERS[0]}).json()
    assert [one["reason"] for one in day["stretches"]] == ["outside_hours", None, "outside_hours"]
    assert day["stretches"][1]["start"] == "2026-11-25T22:30:00Z"
    wider = {"rules": {"hours": [{"days": [0], "start": 300, "end": 400}]}}
    key = {"idempotency-key": uuid.uuid4().hex}
    program.post(f"/api/v1/units/{COMMUNE}/rules", json=sent, headers=key)
    refused = program.post(f"{api}/rules", json=wider, headers={"idempotency-key": uuid.uuid4().hex})
    assert (refused.status_code, refused.json()["code"]) == (422, "rules_wider")
