"""A technician sets a loudspeaker from afar, on a phone: sees what it comes to, saves it, and sets it back."""

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.store.tables import Speaker
from tests import cast
from tests.browser.visit import Visit
from tests.web.house import House

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_technician_sets_a_loudspeaker_and_sets_it_back(chromium: Browser, served: tuple[House, str]) -> None:
    house, speaker = served[0], cast.SPEAKERS[0]
    visit = Visit(chromium, served, house.cast.technician)
    visit.go(f"/speakers/{speaker}")
    visit.follow("Cài đặt loa")
    visit.page.get_by_label("Âm lượng cao nhất, từ 0 đến 100").fill("70")
    visit.page.get_by_label("Thông thường", exact=True).fill("40")
    visit.page.get_by_label("Thông thường", exact=True).blur()
    loud = visit.page.locator("#loudness")
    expect(loud).to_contain_text("40 / 100")
    visit.page.get_by_label("Dung lượng mỗi tháng").fill("500")
    visit.page.get_by_label("Ngôn ngữ thứ 1").select_option("hmn")
    visit.page.get_by_text("Dành cho cán bộ kỹ thuật").click()
    visit.judge("tending")
    visit.resize("desktop")
    visit.judge("tending")
    visit.press("Lưu và gửi đến loa")
    expect(visit.page.get_by_text("Đã lưu và gửi đến loa.")).to_be_visible()
    with house.database.read() as session:
        row = session.get_one(Speaker, speaker)
        assert (row.volume_max, row.volumes, row.month_bytes) == (70, {"normal": 40}, 500_000_000)
        assert row.languages == ["hmn"]
    visit.page.get_by_text("Thay đổi gần nhất").click()
    visit.judge("tending-changed")
    visit.press("Trả lại như cũ")
    with house.database.read() as session:
        row = session.get_one(Speaker, speaker)
        assert (row.volume_max, row.month_bytes, row.languages) == (100, 0, [])
    visit.close()


def test_wrong_values_stay_on_the_page_with_what_to_do(chromium: Browser, served: tuple[House, str]) -> None:
    visit = Visit(chromium, served, served[0].cast.technician, scripts=False)
    visit.go(f"/speakers/{cast.SPEAKERS[0]}/settings")
    visit.page.get_by_text("Dành cho cán bộ kỹ thuật").click()
    visit.page.get_by_label("Đường ra âm thanh").fill("wav:/tmp")
    visit.press("Lưu và gửi đến loa")
    expect(visit.page.get_by_role("alert")).to_contain_text("wav:/tmp")
    expect(visit.page.get_by_label("Đường ra âm thanh")).to_have_value("wav:/tmp")
    visit.close()
