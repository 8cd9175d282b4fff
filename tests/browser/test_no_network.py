"""The network goes: the last board is shown and marked, what was typed stays, and nothing leaves by itself."""

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.services.airtime import airings
from tests.browser.visit import Visit
from tests.cast import approved
from tests.web.house import House

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
WORDS = "Mời bà con họp bản lúc 19 giờ 30."


def test_the_network_is_lost_and_comes_back(chromium: Browser, served: Served) -> None:
    house, _ = served
    with house.database.transaction() as session:
        known = approved(session, house.cast, title="Tin địa phương")
        airing = airings.air(session, house.cast.clerk, known.id, at=None, now=house.clock()).id
    clerk = Visit(chromium, served, house.cast.clerk, worker=True)
    clerk.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    clerk.go(f"/airings/{airing}")
    expect(clerk.page.get_by_text("Không có mạng. Đây là thông tin")).to_be_hidden()
    clerk.go("/announcements/new")
    clerk.page.get_by_label("Tiêu đề").fill("Họp bản")

    sent: list[str] = []
    clerk.page.on("request", lambda request: sent.append(request.method) if request.method != "GET" else None)
    clerk.offline(lost=True)
    clerk.page.get_by_label("Nội dung đọc trên loa").fill(WORDS)
    clerk.go(f"/airings/{airing}")
    expect(clerk.page.get_by_text("Không có mạng. Đây là thông tin lúc")).to_be_visible()
    expect(clerk.page.get_by_role("heading", name="Tin địa phương")).to_be_visible()
    clerk.go("/announcements")
    expect(clerk.page.get_by_role("heading", name="Không có mạng")).to_be_visible()
    expect(clerk.page.get_by_label("Nội dung đọc trên loa")).to_have_value(WORDS)
    clerk.judge("offline")
    clerk.follow("Bảng theo dõi xem lần cuối")
    expect(clerk.page.get_by_role("heading", name="Tin địa phương")).to_be_visible()

    clerk.offline(lost=False)
    clerk.page.wait_for_timeout(300)
    assert sent == []
    clerk.go("/announcements/new")
    clerk.press("Lấy lại lời đã gõ")
    expect(clerk.page.get_by_label("Nội dung đọc trên loa")).to_have_value(WORDS)
    expect(clerk.page.get_by_label("Tiêu đề")).to_have_value("Họp bản")
    assert sent == []
    clerk.go("/announcements")
    clerk.go("/announcements/new")
    expect(clerk.page.get_by_role("button", name="Lấy lại lời đã gõ")).to_be_hidden()

    clerk.page.get_by_text("Menu", exact=True).click()
    clerk.press("Đăng xuất")
    clerk.offline(lost=True)
    clerk.go(f"/airings/{airing}")
    expect(clerk.page.get_by_role("heading", name="Không có mạng")).to_be_visible()
    clerk.close()
