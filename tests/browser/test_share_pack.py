"""The head of a village forwards by hand what no interface can post."""

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.store.tables import MirrorCopy
from tests.browser.visit import Visit
from tests.cast import COMMUNE
from tests.web.areas.copies import waiting
from tests.web.house import House

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_from_today_to_forwarded(chromium: Browser, served: tuple[House, str]) -> None:
    house, _ = served
    cast = house.cast
    with house.database.transaction() as session:
        made = waiting(session, "", COMMUNE, cast.clerk, cast.second_approver, house.clock())
    head = Visit(chromium, served, cast.village_head)
    expect(head.page.get_by_role("heading", name="Cần chuyển tiếp")).to_be_visible()
    head.judge("share-today")
    head.follow("Họp")
    card = head.page.get_by_role("img", name="Họp")
    expect(card).to_be_visible()
    assert card.evaluate("it => it.decode().then(() => it.naturalWidth)") == 1080
    head.press("Chép lời này")
    expect(head.page.get_by_role("status")).to_contain_text("Đã chép")
    written = head.page.get_by_role("textbox").input_value()
    assert head.page.evaluate("getSelection().toString()") == written
    head.judge("share-pack")
    head.press("Đã chuyển tiếp")
    expect(head.page.get_by_text(f"bởi {cast.village_head.name}")).to_be_visible()
    with house.database.read() as session:
        copy = session.get_one(MirrorCopy, made["copy_id"])
        assert (copy.state, copy.person_id) == ("delivered", cast.village_head.person_id)
    head.close()
