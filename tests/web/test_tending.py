"""A loudspeaker's settings by page and by program, and what an announcement costs, as people and programs are told."""

import uuid
from typing import Any

import pytest
from sqlalchemy import update

from broadcaster.store.tables import Speaker
from broadcaster.web import i18n
from broadcaster.web.api import PREFIX
from tests import cast
from tests.web.house import House

pytestmark = pytest.mark.pages

MINE = cast.SPEAKERS[0]
PAGE = f"/speakers/{MINE}/settings"
USUAL = {"volume_max": "100", "lead_ms": "0", "tail_ms": "0", "test_day": "0", "test_at": "09:00", "ahead_days": "3"}
MB = 1_000_000


def patch(house: House, body: dict[str, Any]) -> Any:
    program = house.program(house.cast.technician)
    return program.request(
        "PATCH", f"{PREFIX}/speakers/{MINE}", json=body, headers={"idempotency-key": uuid.uuid4().hex}
    )


def stored(house: House) -> Speaker:
    with house.database.read() as session:
        row = session.get_one(Speaker, MINE)
        session.expunge(row)
        return row


def test_a_program_changes_what_it_names_and_nothing_else(house: House) -> None:
    answer = patch(house, {"volume_max": 80, "languages": ["hmn", "vi"], "month_bytes": 500 * MB, "ahead_days": 14})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["volume_max"], told["languages"], told["month_bytes"]) == (80, ["hmn", "vi"], 500 * MB)
    assert (told["ahead_days"], told["test_minute"], told["sink"]) == (14, 540, "")
    assert patch(house, {"languages": []}).json()["languages"] == []
    assert stored(house).volume_max == 80


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"volume_max": 101}, "bad_volume"),
        ({"volumes": {"loud": 1}}, "bad_volume"),
        ({"lead_ms": -1}, "bad_silence"),
        ({"sink": "wav:/etc"}, "bad_sink"),
        ({"month_bytes": 5}, "bad_monthly_data"),
        ({"test_day": 9}, "bad_test_time"),
        ({"ahead_days": 99}, "bad_days_ahead"),
        ({"languages": ["xx"]}, "unknown_language"),
        ({"loudness": 3}, "bad_fields"),
    ],
)
def test_a_program_is_refused_by_code(house: House, body: dict[str, Any], code: str) -> None:
    answer = patch(house, body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert stored(house).volume_max == 100


def test_a_page_without_scripts_shows_what_it_comes_to_before_it_is_saved(house: House) -> None:
    browser = house.browser(house.cast.technician)
    typed = USUAL | {"volume_max": "70", "volume-normal": "0"}
    answer = browser.send(PAGE, f"{PAGE}/preview", typed)
    assert answer.status_code == 200
    assert "70 / 100" in answer.text
    assert "im lặng" in answer.text
    assert stored(house).volume_max == 100
    assert browser.send(PAGE, PAGE, typed).status_code == 200
    assert (stored(house).volume_max, stored(house).volumes) == (70, {"normal": 0})


@pytest.mark.parametrize("typed", [{"volume_max": "loud"}, {"test_at": "midnight"}, {"ahead_days": ""}, {"month": "5"}])
def test_what_cannot_be_stays_on_the_page_and_changes_nothing(house: House, typed: dict[str, str]) -> None:
    answer = house.browser(house.cast.technician).send(PAGE, PAGE, USUAL | {"volume_max": "70"} | typed)
    assert answer.status_code == 422
    assert stored(house).volume_max == 100


def test_the_last_change_is_set_back_and_an_older_one_is_not(house: House) -> None:
    browser = house.browser(house.cast.technician)
    browser.send(PAGE, PAGE, USUAL | {"volume_max": "70"})
    page = browser.get(PAGE).text
    seq = page.partition('name="seq" value="')[2].partition('"')[0]
    browser.send(PAGE, PAGE, USUAL | {"volume_max": "60"})
    assert "Đã có người thay đổi" in browser.send(PAGE, f"{PAGE}/back", {"seq": seq}).text
    assert stored(house).volume_max == 60
    browser.send(PAGE, f"{PAGE}/back", {"seq": browser.get(PAGE).text.partition('name="seq" value="')[2].split('"')[0]})
    assert stored(house).volume_max == 70


def test_the_approver_reads_the_megabytes_and_whose_month_is_spent(house: House) -> None:
    with house.database.transaction() as session:
        spent = {"month_bytes": 50 * MB, "bytes_used": 60 * MB, "health_at": house.clock()}
        session.execute(update(Speaker).where(Speaker.id == MINE).values(**spent))
        one = cast.approved(session, house.cast).id
    text = house.browser(house.cast.clerk).get(f"/announcements/{one}/schedule").text
    assert "Dữ liệu di động: tốn khoảng" in text
    assert "1 loa đã dùng hết phần dung lượng của tháng này" in text
    assert f'href="/speakers/{MINE}/settings#month"' in text
    rule = {"rrule": "FREQ=DAILY", "times": ["05:30"]}
    answer = house.program(house.cast.clerk).request(
        "POST", f"{PREFIX}/schedules/preview", json={"announcement": one, "rule": rule}
    )
    data = answer.json()["data"]
    assert data["short"] == data["beyond"] == [MINE]
    assert data["total"] >= data["most"] > 0
    assert data["speakers"] > data["fetching"] - 1


def test_megabytes_are_rounded_up_and_written_as_people_do() -> None:
    assert i18n.megabytes("vi", 1) == "0,1"
    assert i18n.megabytes("vi", 1_234_567_890) == "1.234,6"
    assert i18n.megabytes("en", 250_000) == "0.3"
