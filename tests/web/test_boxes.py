"""Loudspeakers are found in the list, added by a label, and hung within a border, without any script."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from broadcaster.store.tables import Speaker, Unit
from broadcaster.web.application import create_app
from broadcaster.web.pages import speakers
from firmware_config.protocol.enrolment import Label
from tests import cast
from tests.cast import COMMUNE, SPEAKERS, VILLAGES
from tests.speakers.box import Box
from tests.web.client import TestClient
from tests.web.house import Browser, House

pytestmark = pytest.mark.pages

LINK = re.compile(r'href="/speakers/(loa-[a-z0-9-]+)"')
SQUARE = [[104.30, 21.05], [104.31, 21.05], [104.31, 21.06], [104.30, 21.05]]


@pytest.fixture
def technician(house: House) -> Browser:
    return house.browser(house.cast.technician)


def listed(browser: Browser, query: str) -> list[str]:
    return LINK.findall(browser.get(f"/speakers?{query}").text)


def label_of(browser: Browser, **typed: str) -> tuple[str, str, str]:
    """The address of a new label's page, its id and its code."""
    usual = {"name": "Loa chợ", "unit": VILLAGES[0]}
    answer = browser.send("/speakers/new", "/speakers/new", usual | typed)
    found = re.search(r"sudo loa-agent enrol \S+ (\S+) (\d{6})", answer.text)
    assert found is not None
    return str(answer.url), Label.parse(found[1]).id, found[2]


def enrol(house: House, label: str, code: str, box: Box) -> int:
    answer = TestClient(house.app).post("/device/v1/enrol", content=box.asks(label, code).to_bytes())
    return int(answer.status_code)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("text=khoong", [SPEAKERS[1]]),
        (f"unit={VILLAGES[2]}", [SPEAKERS[2]]),
        (f"unit={COMMUNE}&text=Bản Nà Pản", [SPEAKERS[0]]),
        ("show=online", [SPEAKERS[1]]),
        ("show=offline", []),
        ("text=không có", []),
    ],
)
def test_loudspeakers_are_found_however_they_are_typed(
    house: House, technician: Browser, query: str, found: list[str]
) -> None:
    with house.database.transaction() as session:
        session.execute(
            update(Speaker).where(Speaker.id == SPEAKERS[1]).values(online=True, last_seen_at=house.clock())
        )
    assert listed(technician, query) == found


def test_a_long_list_is_turned_page_by_page_and_stays_filtered(
    house: House, technician: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speakers, "PAGE", 2)
    page = technician.get("/speakers?text=loa").text
    assert len(LINK.findall(page)) == 2
    following = re.search(r'href="(/speakers\?[^"]*skip=2)"', page)
    assert following is not None
    assert "text=loa" in following[1]
    assert len(LINK.findall(technician.get(following[1].replace("&amp;", "&")).text)) == 1


def test_the_code_is_shown_to_the_browser_that_made_it_alone(house: House, technician: Browser) -> None:
    path, _, code = label_of(technician)
    assert f"{code[:3]} {code[3:]}" in technician.get(path).text
    owner = house.browser(house.cast.owner)
    assert code[:3] + " " + code[3:] not in owner.get(path).text
    renewed = owner.send(path, path.replace("/label", "/again").partition("testserver")[2])
    assert "sudo loa-agent enrol" in renewed.text
    assert "sudo loa-agent enrol" not in technician.get(path).text


def test_a_label_takes_one_box_into_service(house: House, technician: Browser) -> None:
    path, label, code = label_of(technician, place="21.05, 104.30", post="Cột chợ", groups=f"g:{cast.GROUP}")
    box = Box()
    assert enrol(house, label, "000000" if code != "000000" else "111111", box) == 403
    assert enrol(house, label, code, box) == 200
    assert enrol(house, label, code, Box()) == 409
    page = technician.get(path).text
    assert "Máy đã hoạt động." in page
    assert "sudo loa-agent enrol" not in page
    device = LINK.findall(page)[0]
    with house.database.read() as session:
        row = session.get_one(Speaker, device)
        assert (row.name, row.post, row.latitude) == ("Loa chợ", "Cột chợ", 21.05)
    moved = technician.send(f"/speakers/{device}/move?unit={VILLAGES[1]}", f"/speakers/{device}/move")
    assert "Đã chuyển." in moved.text


def test_a_cancelled_label_takes_none(house: House, technician: Browser) -> None:
    path, label, code = label_of(technician)
    assert "Loa chợ" in technician.get("/speakers").text
    answer = technician.send(path, f"/enrolments/{label}/cancel")
    assert "Đã hủy nhãn" in answer.text
    assert "Loa chợ" not in answer.text
    assert enrol(house, label, code, Box()) == 410


def test_what_was_typed_stays_when_a_place_is_none(technician: Browser) -> None:
    typed = {"name": "Loa chợ", "unit": VILLAGES[0], "place": "ngã ba"}
    answer = technician.send("/speakers/new", "/speakers/new", typed)
    assert answer.status_code == 422
    assert 'value="Loa chợ"' in answer.text
    assert 'value="ngã ba"' in answer.text


def test_an_address_is_not_asked_more_than_it_may(house: House) -> None:
    client, asked = TestClient(house.app), Box().asks("aaaaaaaa", "000000").to_bytes()
    found = [client.post("/device/v1/enrol", content=asked).status_code for _ in range(22)]
    assert (found[0], found[-1]) == (404, 429)
    assert client.post("/device/v1/enrol", content=b"{" * 20_000).status_code == 413


def test_a_border_is_kept_drawn_and_taken_away(house: House) -> None:
    owner, path = house.browser(house.cast.owner), f"/units/{COMMUNE}/border"
    good = json.dumps({"type": "Polygon", "coordinates": [SQUARE]}).encode()
    assert "không phải đường ranh giới" in owner.send(path, path, border=b"no map").text
    assert "Đã có ranh giới, 4 điểm." in owner.send(path, path, border=good).text
    [feature] = owner.get("/speakers/map/borders").json()["features"]
    assert feature["geometry"]["coordinates"] == [[SQUARE]]
    assert house.browser(house.cast.stranger).get("/speakers/map/borders").json()["features"] == []
    assert "Chưa có ranh giới" in owner.send(path, f"{path}/end").text
    with house.database.read() as session:
        assert session.get_one(Unit, COMMUNE).boundary is None


def test_tiles_come_from_a_folder_and_only_where_one_is_named(house: House, tmp_path: Path) -> None:
    assert "data-tiles" not in house.browser(house.cast.owner).get("/speakers/map").text
    (tmp_path / "7/100").mkdir(parents=True)
    (tmp_path / "7/100/55.png").write_bytes(b"picture")
    settings = replace(house.context.settings, map_tiles=tmp_path)
    tiled = TestClient(create_app(replace(house.context, settings=settings)))
    assert tiled.get("/map-tiles/7/100/55.png").content == b"picture"
    assert tiled.get("/map-tiles/7/100/56.png").status_code == 404
    assert house.stranger_to_all().get("/map-tiles/7/100/55.png").status_code == 404
