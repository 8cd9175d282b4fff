"""A timetable is looked at before it is taken over; a feed needs no account and tells no drafts."""

import uuid

import pytest

from broadcaster.services.airtime import feeds
from broadcaster.store.tables import Announcement, Schedule
from tests.cast import COMMUNE, NOW, approved
from tests.services.test_timetables import FILE
from tests.web.house import House

pytestmark = pytest.mark.pages


def test_looked_at_first_and_then_taken_over(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    looked = browser.client.post(
        "/timetables",
        data={"csrf": browser.get("/timetables").text.split('name="csrf" value="')[1].split('"')[0], "unit": COMMUNE},
        files={"file": ("lich.ics", FILE)},
    )
    assert "Các ngày trong tuần lúc 05:30" in looked.text
    assert "01/01/2020" in looked.text
    with house.database.read() as session:
        assert session.query(Announcement).count() == 0
    hidden = looked.text.split("<textarea")[1].partition(">")[2].partition("</textarea>")[0]
    csrf = looked.text.split('name="csrf" value="')[1].split('"')[0]
    taken = browser.client.post("/timetables/take", data={"csrf": csrf, "unit": COMMUNE, "timetable": hidden})
    assert "Thể dục" in taken.text, taken.text
    with house.database.read() as session:
        assert (session.query(Announcement).count(), session.query(Schedule).count()) == (1, 2)


@pytest.mark.parametrize("content", [b"", b"x", b"BEGIN:VCALENDAR\n" + b"A:1\n" * 30_000, b"\x00" * 600_000])
def test_a_file_that_is_none_is_refused_on_the_page(house: House, content: bytes) -> None:
    browser = house.browser(house.cast.clerk)
    csrf = browser.get("/timetables").text.split('name="csrf" value="')[1].split('"')[0]
    answer = browser.client.post("/timetables", data={"csrf": csrf, "unit": COMMUNE}, files={"file": ("a", content)})
    assert answer.status_code in {413, 422}
    assert 'role="alert"' in answer.text


def test_ten_megabytes_are_not_even_read(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    answer = browser.client.post("/timetables", files={"file": ("a", b"A" * 10_000_000)})
    assert answer.status_code == 413


def test_by_program_first_as_a_dry_run(house: House) -> None:
    program = house.program(house.cast.clerk)
    body = {"unit": COMMUNE, "ics": FILE.decode()}
    dry, real = (
        program.post("/api/v1/timetables", json=body | more, headers={"idempotency-key": uuid.uuid4().hex}).json()
        for more in ({}, {"dry_run": False})
    )
    assert (dry["drafts"], {each["problem"] for each in dry["left"]}) == ([], {"in_the_past", "outside_hours"})
    assert (len(real["drafts"]), {each["problem"] for each in real["left"]}) == (1, {"in_the_past", "outside_hours"})


def test_the_feed_is_made_read_without_an_account_and_ended(house: House) -> None:
    owner, anybody = house.browser(house.cast.owner), house.stranger_to_all()
    page = f"/units/{COMMUNE}/feed"
    made = owner.send(page, page)
    address = made.text.split('id="address" value="')[1].split('"')[0].removeprefix("http://testserver")
    with house.database.transaction() as session:
        approved(session, house.cast)
    told = anybody.get(address)
    assert (told.status_code, told.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert "Xã Yên Châu" in told.text
    owner.send(page, f"{page}/end")
    assert anybody.get(address).status_code == 404


def test_a_guessed_address_is_nothing(house: House) -> None:
    with house.database.transaction() as session:
        name = feeds.renew(session, house.cast.owner, COMMUNE, now=NOW)
    for guess in (name[:-1], f"{name}x", COMMUNE, "%25", "_" * 32):
        assert house.stranger_to_all().get(f"/feeds/{guess}.ics").status_code == 404
