"""Alerts of the weather service: added, ordered by two, and seen as they come in."""

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.services.alarms import cap_in
from broadcaster.services.outlets import cap_sources
from tests.browser.visit import Visit
from tests.cap.senders import SEAL, SENDER, Sender
from tests.cast import COMMUNE
from tests.web.house import House

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_from_a_source_to_an_order_of_two(chromium: Browser, served: tuple[House, str]) -> None:
    house, _ = served
    cast, sender = house.cast, Sender()
    owner = Visit(chromium, served, cast.owner)
    owner.go("/cap-sources/new")
    owner.page.get_by_label("Tên").fill("Đài khí tượng thủy văn")
    owner.page.get_by_label("Dùng cho đơn vị nào").select_option(COMMUNE)
    owner.page.get_by_label("Các nơi gửi được tin cậy").fill(SENDER)
    owner.page.get_by_label("Chứng thư số (PEM)").fill(SEAL.certificate_pem.decode())
    owner.judge("cap-new")
    owner.squeeze("cap-new")
    owner.press("Lưu")
    expect(owner.page.get_by_text("Mọi cảnh báo đều chờ người xem xét.")).to_be_visible()
    with house.database.transaction() as session:
        (source,) = cap_sources.of_units(session, frozenset({COMMUNE}))
        message = sender.message()
        cap_in.receive(session, source, sender.signed(message), pinned=False, now=message.sent)
    page = owner.page.url.partition("?")[0].removeprefix(owner.url)
    asks = Visit(chromium, served, cast.approver)
    asks.go(page)
    asks.page.get_by_text("Đề nghị cho phát cảnh báo tự động").click()
    for each in (SENDER, "đặc biệt nghiêm trọng", "đã xảy ra"):
        asks.page.get_by_label(each, exact=True).check()
    asks.page.get_by_label("Mã trên điện thoại").fill(house.code(cast.approver))
    asks.press("Đề nghị")
    expect(asks.page.get_by_text("Phó chủ tịch đề nghị cho phát tự động")).to_be_visible()
    grants = Visit(chromium, served, cast.second_approver)
    grants.go(page)
    grants.judge("cap-asked")
    grants.squeeze("cap-asked")
    grants.page.get_by_label("Mã trên điện thoại").first.fill(house.code(cast.second_approver))
    grants.press("Tôi đồng ý")
    expect(grants.page.get_by_text("Phó chủ tịch đề nghị, Chủ tịch đồng ý.")).to_be_visible()
    grants.resize("dark")
    grants.judge("cap-ordered")
    grants.resize("phone")
    grants.go("/cap-sources")
    expect(grants.page.get_by_text("Có cảnh báo được phát tự động")).to_be_visible()
    grants.judge("cap-sources")
    grants.squeeze("cap-sources")
    owner.go("/announcements")
    expect(owner.page.locator(".tile").get_by_text("Đài khí tượng thủy văn").first).to_be_visible()
    owner.squeeze("announcements-of-sources")
    for visit in (owner, asks, grants):
        visit.close()
