"""A handful of journeys through the console as people make them: by role and visible name, on a phone."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.store.tables import Airing, Delivery, Speaker
from tests.browser.visit import SIZES, Visit
from tests.cast import SPEAKERS
from tests.web.house import House

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
WORDS = "UBND xã mời bà con họp tại nhà văn hoá lúc 19h30 ngày 25/11/2026. ĐT: 0212.385.1234."


TITLE = "Họp bản về đất đai"


def write(visit: Visit, title: str = TITLE) -> None:
    """Fill in the form."""
    visit.follow("Soạn")
    visit.page.get_by_label("Tiêu đề").fill(title)
    visit.page.get_by_label("Nội dung đọc trên loa").fill(WORDS)
    visit.page.get_by_role("checkbox", name=re.compile("Xã Yên Châu")).check()


def test_from_the_clerks_sentence_to_the_village(chromium: Browser, served: Served) -> None:
    house, _ = served
    clerk = Visit(chromium, served, house.cast.clerk)
    clerk.judge("today-empty")
    write(clerk)
    expect(clerk.page.get_by_text("3 thôn, bản · 3 loa")).to_be_visible()
    clerk.press("Máy sẽ đọc thế nào?")
    expect(clerk.page.get_by_title("viết là: UBND")).to_be_visible()
    clerk.press("Nghe thử")
    expect(clerk.page.get_by_label("Đúng âm thanh loa sẽ phát")).to_be_visible(timeout=20_000)
    clerk.judge("write")
    clerk.press("Trình duyệt")
    expect(clerk.page.get_by_text("Đã trình duyệt.")).to_be_visible(timeout=20_000)
    clerk.judge("announcement")

    approver = Visit(chromium, served, house.cast.approver)
    approver.judge("today")
    approver.follow("Phê duyệt")
    approver.judge("approvals")
    approver.follow(TITLE)
    approver.judge("approve")
    approver.press("Phê duyệt")
    expect(approver.page.get_by_text("Đã phê duyệt. Có thể phát ngay.")).to_be_visible()

    clerk.page.reload()
    clerk.follow("Phát trên loa…")
    clerk.judge("air")
    clerk.press("Phát ngay")
    expect(clerk.page.get_by_text("0/3 loa đã ra tiếng")).to_be_visible()
    report(house, clerk.page.url.rpartition("/")[2])
    expect(clerk.page.get_by_text("1/3 loa đã ra tiếng")).to_be_visible(timeout=5_000)
    clerk.page.reload()
    clerk.judge("board")
    monitor = Visit(chromium, served, house.cast.monitor, size="desktop")
    monitor.page.goto(clerk.page.url)
    monitor.judge("board")
    clerk.follow("Chưa nghe được (2)")
    expect(clerk.page.get_by_text("Loa Bản Nà Pản")).to_have_count(0)
    for visit in (clerk, approver, monitor):
        visit.close()


def report(house: House, airing: str) -> None:
    """What three speakers said meanwhile."""
    with house.database.transaction() as session:
        aired = session.get_one(Airing, airing)
        aired.state, began = "on_air", aired.planned_at
        for speaker, state in zip(SPEAKERS, ("heard", "started", "stored"), strict=True):
            row = session.get_one(Delivery, (airing, speaker))
            row.state, row.stored_at, row.attempt = state, house.clock() + timedelta(seconds=2), 1
            if state != "stored":
                row.started_at = began
            if state == "heard":
                row.heard_at, row.level = began + timedelta(seconds=49), -1650
            one = session.get_one(Speaker, speaker)
            one.online, one.last_seen_at = True, began
    house.context.live.nudge(f"airing-{airing}")


def test_the_microphone_fills_the_file_input(chromium: Browser, served: Served) -> None:
    house, _ = served
    clerk = Visit(chromium, served, house.cast.clerk)
    write(clerk)
    clerk.page.get_by_text("Hoặc dùng bản ghi âm người đọc").click()
    clerk.press("Ghi âm ngay")
    clerk.page.wait_for_timeout(1_500)
    clerk.press("Dừng ghi âm")
    expect(clerk.page.get_by_label("Bản bạn vừa ghi")).to_be_visible()
    assert clerk.page.evaluate("document.getElementById('file-vi').files.length") == 1
    clerk.judge("record")
    clerk.press("Lưu bản nháp")
    expect(clerk.page.get_by_text("Đã lưu bản nháp.")).to_be_visible(timeout=20_000)
    clerk.close()


def test_without_scripts_everything_is_done_all_the_same(chromium: Browser, served: Served) -> None:
    house, _ = served
    clerk = Visit(chromium, served, house.cast.clerk, scripts=False)
    write(clerk, "Lịch tiêm phòng")
    clerk.press("Máy sẽ đọc thế nào?")
    expect(clerk.page.get_by_title("viết là: UBND")).to_be_visible()
    expect(clerk.page.get_by_text("3 thôn, bản · 3 loa")).to_be_visible()
    clerk.press("Trình duyệt")
    expect(clerk.page.get_by_text("Đã trình duyệt.")).to_be_visible(timeout=20_000)

    approver = Visit(chromium, served, house.cast.approver, scripts=False)
    approver.follow("Lịch tiêm phòng")
    expect(approver.page.get_by_label("Đúng âm thanh loa sẽ phát")).to_be_visible()
    approver.press("Phê duyệt")
    expect(approver.page.get_by_text("Đã phê duyệt.")).to_be_visible()

    clerk.page.reload()
    clerk.follow("Phát trên loa…")
    clerk.press("Phát ngay")
    expect(clerk.page.get_by_text("0/3 loa đã ra tiếng")).to_be_visible()
    report(house, clerk.page.url.rpartition("/")[2])
    clerk.page.reload()
    expect(clerk.page.get_by_text("1/3 loa đã ra tiếng")).to_be_visible()
    clerk.page.get_by_text("Dừng phát").click()
    clerk.page.get_by_label("Lý do").fill("Nhầm giờ")
    clerk.press("Dừng trên tất cả các loa")
    expect(clerk.page.get_by_text("Đã dừng.")).to_be_visible()
    for visit in (clerk, approver):
        visit.close()


def test_every_other_page_on_every_screen(chromium: Browser, served: Served) -> None:
    house, _ = served
    owner = Visit(chromium, served, house.cast.owner)
    pages = {
        "today-owner": "/",
        "announcements": "/announcements",
        "write-empty": "/announcements/new",
        "approvals": "/approvals",
        "speakers": "/speakers",
        "audit": "/audit",
        "components": "/dev/components",
        "not-found": "/khong-co",
        "sign-in": "/sign-in",
    }
    for name, path in pages.items():
        owner.go(path)
        for size in SIZES:
            owner.resize(size)
            owner.judge(name)
    owner.go("/problems")
    owner.judge("problems")
    owner.close()
