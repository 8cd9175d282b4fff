"""T29: drill against live, the wrong place, a double click, the back button, two tabs, words edited after approval."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Error, expect
from sqlalchemy import func, select, update

from broadcaster.services.alarms import emergencies
from broadcaster.services.writing import announcements
from broadcaster.store.tables import Airing, Announcement, Delivery, Speaker
from tests.browser.visit import SIZES, Visit
from tests.cast import COMMUNE, SPEAKERS
from tests.web.alarms import SLOTS
from tests.web.house import House

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
SLOW = 60_000


def judge(visit: Visit, name: str) -> None:
    for size in SIZES:
        visit.resize(size)
        visit.judge(name)
    visit.resize("phone")


def write(visit: Visit) -> None:
    """From the tile over the slots to the draft."""
    visit.go("/emergency")
    visit.page.get_by_role("link", name=re.compile("Lũ quét.*cấp 4")).click()
    visit.page.get_by_label("Địa điểm, đọc trên loa").fill("xã Yên Châu")
    visit.page.get_by_label("Thời gian, đọc trên loa").fill("từ bây giờ đến sáng mai")
    visit.page.get_by_role("checkbox", name=re.compile("Xã Yên Châu")).check()


def prove(visit: Visit, button: str) -> None:
    """The code of this person's phone, then the button beside it."""
    who = {actor.name: actor for actor in (visit.house.cast.clerk, visit.house.cast.approver)}
    name = (visit.page.locator(".who-name").text_content() or "").strip()
    visit.page.get_by_label("Mã trên điện thoại").fill(visit.house.code(who[name]))
    visit.press(button)


def ready(house: House) -> None:
    """Every loudspeaker is connected and holds what stands by."""
    with house.database.transaction() as session:
        parts = select(Airing.id).where(Airing.standby)
        session.execute(update(Speaker).where(Speaker.id.in_(SPEAKERS)).values(online=True))
        session.execute(
            update(Delivery).where(Delivery.airing_id.in_(parts)).values(state="stored", stored_at=house.clock())
        )


def sounded(house: House, path: str) -> int:
    with house.database.read() as session:
        mine = (Airing.announcement_id == path.rpartition("/")[2], Airing.planned_at <= house.clock())
        return session.scalar(select(func.count()).select_from(Airing).where(*mine)) or 0


def test_an_alert_from_its_tile_to_its_correction(chromium: Browser, served: Served) -> None:
    house, _ = served
    clerk = Visit(chromium, served, house.cast.clerk)
    clerk.go("/emergency")
    judge(clerk, "emergency-choose")
    write(clerk)
    judge(clerk, "emergency-write")
    clerk.page.get_by_role("button", name="Lưu và tiếp tục").click(timeout=SLOW)
    expect(clerk.page.get_by_text("Tiếp theo: trình người thứ hai duyệt")).to_be_visible(timeout=SLOW)
    path = re.sub(r"^https?://[^/]+|\?.*$", "", clerk.page.url)
    clerk.judge("emergency-draft")
    prove(clerk, "Tôi chịu trách nhiệm")
    expect(clerk.page.get_by_text("Bạn là người soạn")).to_be_visible()

    approver = Visit(chromium, served, house.cast.approver)
    approver.go(f"/announcements/{path.rpartition('/')[2]}/approve")
    prove(approver, "Phê duyệt")
    expect(approver.page.get_by_role("heading", level=1)).to_be_visible()
    ready(house)
    approver.go(path)
    expect(approver.page.get_by_text("đã nằm sẵn trên 3/3 loa")).to_be_visible()
    judge(approver, "emergency-send")
    # Where scripts run, the other tab sees by itself that the alert has left.
    another = Visit(chromium, served, house.cast.approver, scripts=False)
    another.go(path)

    approver.page.get_by_label("Gõ tên nơi phát").fill("Bản Nà Pản")
    approver.press("Phát tin khẩn cấp ngay")
    expect(approver.page.get_by_text("không phải tên nơi sẽ nghe")).to_be_visible()
    assert sounded(house, path) == 0
    approver.page.get_by_label("Gõ tên nơi phát").fill("xa yen chau")
    approver.page.get_by_role("button", name="Phát tin khẩn cấp ngay").dblclick()
    expect(approver.page.get_by_text("Đính chính: phát nhầm")).to_be_visible()
    assert sounded(house, path) == 1
    another.page.get_by_label("Gõ tên nơi phát").fill("xa yen chau")
    another.press("Phát tin khẩn cấp ngay")
    expect(another.page.get_by_text("không phát lần thứ hai")).to_be_visible()
    # The browser refuses to send a form again without asking, and shows nothing.
    with suppress(Error):
        approver.page.go_back()
    assert sounded(house, path) == 1

    clerk.go(path)
    judge(clerk, "emergency-live")
    house.clock.at += timedelta(seconds=20)
    clerk.press("Đính chính: phát nhầm")
    expect(clerk.page.locator(".note-ok", has_text="Đính chính")).to_be_visible()
    judge(clerk, "emergency-corrected")
    for visit in (clerk, approver, another):
        visit.close()


def test_words_edited_after_approval_are_not_sent(chromium: Browser, served: Served) -> None:
    house, _ = served
    clerk = Visit(chromium, served, house.cast.clerk, scripts=False)
    write(clerk)
    clerk.page.get_by_role("button", name="Lưu và tiếp tục").click(timeout=SLOW)
    expect(clerk.page.get_by_text("Tiếp theo: trình người thứ hai duyệt")).to_be_visible(timeout=SLOW)
    path = re.sub(r"^https?://[^/]+|\?.*$", "", clerk.page.url)
    alert = path.rpartition("/")[2]
    prove(clerk, "Tôi chịu trách nhiệm")
    approver = Visit(chromium, served, house.cast.approver, scripts=False)
    approver.go(f"/announcements/{alert}/approve")
    prove(approver, "Phê duyệt")
    approver.go(path)
    with house.database.transaction() as session:
        row = session.get_one(Announcement, alert)
        where = [announcements.AudienceChoice("unit", COMMUNE)]
        changed = emergencies.Alert("storm", 5, COMMUNE, where, {"vi": SLOTS})
        emergencies.change(session, house.cast.clerk, alert, changed, revision=row.revision, now=house.clock())
    approver.page.get_by_label("Gõ tên nơi phát").fill("xa yen chau")
    approver.press("Phát tin khẩn cấp ngay")
    expect(approver.page.locator("#problem")).to_be_visible()
    assert sounded(house, path) == 0
    clerk.close()
    approver.close()


def test_a_drill_is_another_place(chromium: Browser, served: Served) -> None:
    house, _ = served
    clerk = Visit(chromium, served, house.cast.clerk)
    clerk.go("/drill")
    judge(clerk, "drill-choose")
    clerk.follow("Diễn tập phòng chống lũ quét")
    clerk.page.get_by_label("Địa điểm, đọc trên loa").fill("xã Yên Châu")
    clerk.page.get_by_label("Thời gian, đọc trên loa").fill("8 giờ sáng nay")
    clerk.page.get_by_role("checkbox", name=re.compile("Xã Yên Châu")).check()
    judge(clerk, "drill-write")
    clerk.page.get_by_role("button", name="Trình duyệt diễn tập").click(timeout=SLOW)
    expect(clerk.page.get_by_text("Bạn là người soạn")).to_be_visible(timeout=SLOW)
    path = re.sub(r"^https?://[^/]+|\?.*$", "", clerk.page.url)
    approver = Visit(chromium, served, house.cast.approver)
    approver.go(f"/announcements/{path.rpartition('/')[2]}/approve")
    approver.press("Phê duyệt")
    approver.go(path)
    judge(approver, "drill-start")
    assert approver.page.get_by_text("Phát tin khẩn cấp ngay").count() == 0
    approver.press("Bắt đầu diễn tập")
    approver.go("/drills")
    expect(approver.page.get_by_text("0/3 loa đã ra tiếng")).to_be_visible()
    judge(approver, "drills")
    clerk.close()
    approver.close()
