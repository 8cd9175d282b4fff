"""What the list of loudspeakers, the first page and a loudspeaker's own page say of one that needs a look."""

from datetime import timedelta

import pytest

from broadcaster.services.places.speakers import LAG
from broadcaster.services.speaking import manifests
from broadcaster.store.tables import Speaker
from tests.cast import SPEAKERS
from tests.web.house import House

pytestmark = pytest.mark.pages

FIRST, SECOND, THIRD = SPEAKERS


def told(house: House, speaker: str, *problems: str, **columns: object) -> None:
    """The loudspeaker says how it is now."""
    usual = {"online": True, "last_seen_at": house.clock(), "clock": "trusted", "tested_at": house.clock()}
    with house.database.transaction() as session:
        row = session.get_one(Speaker, speaker)
        for name, value in (usual | columns).items():
            setattr(row, name, value)
        row.problems = list(problems)


def everyone_well(house: House) -> None:
    for speaker in SPEAKERS:
        told(house, speaker)


def test_a_slow_loudspeaker_is_named_in_the_list_and_counted(house: House) -> None:
    with house.database.transaction() as session:
        manifests.sealed_many(session, SPEAKERS[:1], signing=house.context.signing, now=house.clock())
    page = house.browser(house.cast.technician)
    anybody = house.stranger_to_all()
    told(house, FIRST)
    assert "chậm cập nhật" not in page.get("/speakers").text
    assert "loa_speakers_lagging 0.0" in anybody.get("/metrics").text
    house.clock.at += LAG + timedelta(seconds=1)
    assert page.get("/speakers").text.count("Loa chậm cập nhật chương trình mới") == 1
    assert "loa_speakers_lagging 1.0" in anybody.get("/metrics").text


def test_one_that_holds_newer_than_the_server_is_named(house: House) -> None:
    with house.database.transaction() as session:
        session.get_one(Speaker, SPEAKERS[0]).problems = ["ahead"]
    assert "có phải vừa khôi phục bản sao lưu?" in house.browser(house.cast.technician).get("/speakers").text


def test_the_worst_comes_first_and_those_that_need_a_look_stand_alone(house: House) -> None:
    everyone_well(house)
    told(house, SECOND, "disk_worn")
    told(house, THIRD, "no_sound_card", "signal_weak")
    browser = house.browser(house.cast.technician)
    page = browser.get("/speakers").text
    assert page.index(f"/speakers/{THIRD}") < page.index(f"/speakers/{SECOND}") < page.index(f"/speakers/{FIRST}")
    assert "Cắm lại card hoặc dây USB âm thanh" in page
    ill = browser.get("/speakers?show=ill").text
    assert f"/speakers/{FIRST}" not in ill
    assert ill.count('class="tile-title"') == 2
    assert browser.get("/speakers?show=worst").status_code == 422


def test_the_list_goes_on_where_there_are_many(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadcaster.web.pages.speakers.PAGE", 2)
    everyone_well(house)
    browser = house.browser(house.cast.technician)
    first = browser.get("/speakers").text
    assert "/speakers?show=all&amp;skip=2" in first
    rest = browser.get("/speakers?show=all&skip=2").text
    assert "skip=" not in rest
    assert rest.count('class="tile-title"') == 1


def test_where_all_is_well_the_pages_say_so(house: House) -> None:
    everyone_well(house)
    browser = house.browser(house.cast.technician)
    assert "Loa nào cũng ổn" in browser.get("/speakers?show=ill").text
    assert "loa cần xem" not in browser.get("/").text


def test_the_first_page_counts_those_that_need_a_look(house: House) -> None:
    everyone_well(house)
    told(house, FIRST, "too_hot")
    told(house, SECOND, last_seen_at=house.clock() - timedelta(hours=2), online=False)
    assert "2 loa cần xem" in house.browser(house.cast.technician).get("/").text
    assert "loa cần xem" not in house.browser(house.cast.stranger).get("/").text


def test_two_missed_tests_stand_on_the_list(house: House) -> None:
    everyone_well(house)
    with house.database.transaction() as session:
        session.get_one(Speaker, FIRST).enrolled_at = house.clock() - timedelta(days=60)
        session.get_one(Speaker, FIRST).tested_at = house.clock() - timedelta(days=20)
    assert "Hai lần tự kiểm tra hằng tuần" in house.browser(house.cast.technician).get("/speakers?show=ill").text


HEALTH = {
    "centigrade": 83,
    "under_voltage": False,
    "under_voltage_seen": True,
    "free_disk_mb": 21_500,
    "free_memory_mb": 310,
    "clock_offset_ms": 95_000,
    "signal_percent": 12,
    "amplifier": False,
    "bytes_month": 48_200_317,
    "disk_errors": 0,
    "from_tomorrow": 7,
}


def test_its_own_page_shows_each_figure_and_what_to_do_where_it_is_ill(house: House) -> None:
    told(house, FIRST, "too_hot", "signal_weak", "from_tomorrow", health=HEALTH, health_at=house.clock())
    page = house.browser(house.cast.village_head).get(f"/speakers/{FIRST}").text
    for text in ("83 °C", "21 GB", "310 MB", "12 %", "48 MB", "95 giây", "Che nắng cho hộp", "(from_tomorrow)"):
        assert text in page
    assert page.count('class="health-ill"') == 2
    assert "từ 80 °C, đến khi xuống lại 72 °C" in page
    assert "lệch từ 120 giây" in page
    assert "chưa nói gì" not in page


def test_its_own_page_before_it_has_said_anything(house: House) -> None:
    page = house.browser(house.cast.village_head).get(f"/speakers/{FIRST}").text
    assert "Loa chưa báo gì về tình trạng của mình." in page
    assert "Nguồn điện" not in page


def test_a_program_and_the_page_are_told_the_same(house: House) -> None:
    everyone_well(house)
    told(house, SECOND, "too_hot", health={"centigrade": 83}, health_at=house.clock())
    program = house.program(house.cast.monitor)
    items = program.get("/api/v1/speakers").json()["items"]
    by_id = {one["id"]: one for one in items}
    assert by_id[SECOND]["alarms"] == ["too_hot"]
    assert by_id[SECOND]["health"] == {"centigrade": 83}
    assert by_id[FIRST]["alarms"] == []
    ill = program.get("/api/v1/speakers", params={"ill": True}).json()["items"]
    assert [one["id"] for one in ill if one["id"] in SPEAKERS] == [SECOND]
