"""A technician adds a loudspeaker, hangs it elsewhere, replaces its box, and looks at the map."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from broadcaster.services.airtime import airings
from broadcaster.services.places import boxes
from broadcaster.store.tables import Speaker
from firmware_config.protocol.enrolment import Label
from tests.browser.conftest import listening
from tests.browser.visit import Visit
from tests.cast import COMMUNE, NAMES, SPEAKERS, VILLAGES, approved
from tests.databases import Server
from tests.speakers.box import Box
from tests.web.house import House, build

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
PLACES = ((21.0501, 104.3001), (21.0472, 104.3049), (21.0530, 104.3065))
BORDER = [[104.295, 21.042], [104.311, 21.041], [104.313, 21.058], [104.297, 21.059], [104.295, 21.042]]
NEW = "Loa chợ Yên Châu"


@pytest.fixture(scope="module")
def hung(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with sqlite_server.database() as database:
        house = build(database, tmp_path_factory.mktemp("hung"))
        hang(house)
        with listening(house) as url:
            yield house, url


def hang(house: House) -> None:
    """Three loudspeakers with places, two of them connected, and something planned for all."""
    with house.database.transaction() as session:
        for number, (speaker, village) in enumerate(zip(SPEAKERS, VILLAGES, strict=True)):
            row = session.get_one(Speaker, speaker)
            row.name, row.last_seen_at, row.online = f"Loa {NAMES[village]}", house.clock(), number < 2
            row.latitude, row.longitude = PLACES[number]
        airings.air(session, house.cast.clerk, approved(session, house.cast).id, at=None, now=house.clock())


def judge(visit: Visit, name: str, *sizes: str) -> None:
    for size in (*sizes, "phone"):
        visit.resize(size)
        visit.judge(name)
    visit.page.set_viewport_size({"width": 320, "height": 700})
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 320, name
    visit.resize("phone")


def box_reads(visit: Visit, url: str) -> str:
    """A box in which somebody types what the page shows; its id."""
    line = visit.page.get_by_text("sudo loa-agent enrol").inner_text()
    found = re.fullmatch(r"sudo loa-agent enrol (\S+) (\S+) (\d{6})", line.strip())
    assert found is not None, line
    asked = Box().asks(Label.parse(found[2]).id, found[3])
    answer = httpx.post(f"{url}/device/v1/enrol", content=asked.to_bytes())
    assert answer.status_code == 200, answer.text
    return str(answer.json()["device"])


def test_a_new_loudspeaker_by_its_label(chromium: Browser, hung: Served) -> None:
    house, url = hung
    visit = Visit(chromium, hung, house.cast.technician)
    visit.go("/speakers")
    judge(visit, "speakers", "desktop")
    visit.follow("Thêm loa")
    visit.page.get_by_label("Bà con gọi loa này là gì").fill(NEW)
    visit.page.get_by_label("Treo ở thôn, bản nào").select_option(label="– Bản Nà Pản")
    judge(visit, "speaker-new")
    visit.press("Làm nhãn")
    expect(visit.page.get_by_role("article", name="Nhãn")).to_contain_text(NEW)
    judge(visit, "speaker-label", "desktop", "dark")
    device = box_reads(visit, url)
    expect(visit.page.get_by_text("Máy đã hoạt động.")).to_be_visible(timeout=15_000)
    expect(visit.page.get_by_text("sudo loa-agent enrol")).to_be_hidden()
    visit.follow("Mở trang của loa")
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text(NEW)
    visit.go("/speakers?text=cho yen chau")
    expect(visit.page.get_by_role("link", name=NEW)).to_be_visible()
    with house.database.read() as session:
        assert session.get_one(Speaker, device).unit_id == VILLAGES[0]
    visit.close()


def test_a_loudspeaker_hung_elsewhere_keeps_what_is_its_own(chromium: Browser, hung: Served) -> None:
    house, _ = hung
    visit = Visit(chromium, hung, house.cast.technician)
    visit.go(f"/speakers/{SPEAKERS[0]}")
    judge(visit, "speaker-tended", "desktop")
    visit.page.get_by_text("Chuyển, thay máy, ngừng sử dụng").click()
    visit.follow("Chuyển sang nơi khác")
    visit.page.get_by_label("Chuyển đến đâu").select_option(label="– Bản Khoóng")
    visit.press("Xem những gì thay đổi")
    expect(visit.page.get_by_text("Vẫn phát như cũ: 1 tin.")).to_be_visible()
    judge(visit, "speaker-move", "desktop")
    visit.page.get_by_role("button", name="Chuyển", exact=True).click()
    expect(visit.page.get_by_role("status").filter(has_text="Đã chuyển.")).to_be_visible()
    expect(visit.page.get_by_role("heading", level=1)).to_contain_text("Bản Khoóng")
    visit.close()


def test_a_broken_box_is_replaced_and_its_history_goes_on(chromium: Browser, hung: Served) -> None:
    house, url = hung
    visit = Visit(chromium, hung, house.cast.technician)
    visit.go(f"/speakers/{SPEAKERS[1]}")
    visit.page.get_by_text("Chuyển, thay máy, ngừng sử dụng").click()
    visit.follow("Thay máy mới")
    expect(visit.page.get_by_text("hiện có 1 lần phát")).to_be_visible()
    judge(visit, "speaker-replace")
    visit.press("Làm nhãn")
    device = box_reads(visit, url)
    expect(visit.page.get_by_text("Máy đã hoạt động.")).to_be_visible(timeout=15_000)
    visit.follow("Mở trang của loa")
    before = visit.page.get_by_role("region", name="Các máy đã treo ở đây trước")
    expect(before.get_by_role("link")).to_contain_text(SPEAKERS[1])
    visit.go(f"/speakers/{SPEAKERS[1]}")
    expect(visit.page.get_by_role("link", name="Mở trang máy mới")).to_be_visible()
    judge(visit, "speaker-replaced")
    with house.database.read() as session:
        assert boxes.successor(session, SPEAKERS[1]) == device
    visit.close()


def test_a_loudspeaker_is_taken_down_by_typing_its_name(chromium: Browser, hung: Served) -> None:
    visit = Visit(chromium, hung, hung[0].cast.technician)
    visit.go(f"/speakers/{SPEAKERS[2]}/retire")
    visit.page.get_by_label("Lý do").fill("Sét đánh")
    visit.page.get_by_label("Để xác nhận").fill("Loa khác")
    visit.press("Ngừng sử dụng")
    expect(visit.page.get_by_role("alert")).to_contain_text("Tên vừa gõ không phải")
    judge(visit, "speaker-retire")
    visit.page.get_by_label("Để xác nhận").fill("loa ban huoi hoc")
    visit.press("Ngừng sử dụng")
    expect(visit.page.get_by_text("Đã ngừng sử dụng. Những gì")).to_be_visible()
    visit.close()


def test_the_map_shows_borders_and_states_and_is_walked_by_keys(
    chromium: Browser, hung: Served, tmp_path: Path
) -> None:
    house, _ = hung
    visit = Visit(chromium, hung, house.cast.owner)
    visit.go(f"/units/{COMMUNE}/border")
    file = tmp_path / "xa.geojson"
    file.write_text(json.dumps({"type": "Polygon", "coordinates": [BORDER]}), encoding="utf-8")
    visit.page.get_by_label("Tệp GeoJSON").set_input_files(file)
    visit.press("Nộp ranh giới")
    expect(visit.page.get_by_text("Đã có ranh giới, 5 điểm.")).to_be_visible()
    judge(visit, "border")
    visit.follow("Xem bản đồ")
    area = visit.page.get_by_role("region", name="Bản đồ loa")
    pin = area.get_by_role("button", name=re.compile(r"Loa Bản Nà Pản – "))
    expect(pin).to_be_visible()
    pin.focus()
    visit.page.keyboard.press("Enter")
    expect(area.get_by_role("link", name="Loa Bản Nà Pản")).to_be_visible()
    expect(visit.page.locator(".border-line")).to_be_visible()
    judge(visit, "speakers-map", "desktop", "dark")
    visit.close()
    bare = Visit(chromium, hung, house.cast.technician, scripts=False)
    bare.go("/speakers/map")
    expect(bare.page.get_by_role("link", name="Loa Bản Nà Pản")).to_be_visible()
    expect(bare.page.get_by_role("region", name="Bản đồ loa")).to_be_hidden()
    bare.close()
