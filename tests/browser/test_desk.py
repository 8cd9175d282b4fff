"""The desk on a phone: correct and withdraw, who was not heard, a copy sent again, the paper, the calendar."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.services.airtime import airings, schedules
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.store.tables import Airing, Channel, Delivery, MirrorCopy, Speaker, StoredReceipt
from tests.browser.conftest import listening
from tests.browser.visit import Visit
from tests.cast import COMMUNE, NAMES, SPEAKERS, VILLAGES, approved
from tests.databases import Server
from tests.web.house import House, build
from tests.web.test_evidence import receipt

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
TITLE, WRONG, RIGHT = "Tiêm phòng cho trẻ", "7h30", "8h00"
WORDS = "Mời bà con đưa trẻ đến trạm y tế lúc {} sáng thứ Sáu để tiêm phòng."


@pytest.fixture(scope="module")
def desk(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with sqlite_server.database() as database:
        house = build(database, tmp_path_factory.mktemp("desk"))
        with database.transaction() as session:
            for speaker, village in zip(SPEAKERS, VILLAGES, strict=True):
                row = session.get_one(Speaker, speaker)
                row.name, row.online, row.last_seen_at = f"Loa {NAMES[village]}", True, house.clock()
            session.add(
                Channel(id="nhom", unit_id=COMMUNE, kind="zalo_bot", name="Nhóm Zalo xã", created_at=house.clock())
            )
        programme(house)
        with listening(house) as url:
            yield house, url


def programme(house: House) -> None:
    """A day as it is at ten in the morning."""
    now, cast = house.clock(), house.cast
    with house.database.transaction() as session:
        daily = approved(session, cast, title="Bản tin địa phương").id
        rule = {"rrule": "FREQ=DAILY", "times": ["05:30", "17:00"]}
        schedules.add(session, cast.clerk, daily, rule, until=now + timedelta(days=40), now=now)
        for title, hours, state in (("Chương trình sáng", -4, "done"), ("Họp chi bộ", -2, "missed")):
            row = approved(session, cast, title=title, audience=[AudienceChoice("unit", COMMUNE)])
            aired = airings.air(session, cast.clerk, row.id, at=now + timedelta(hours=6), now=now)
            aired.planned_at, aired.state = now + timedelta(hours=hours), state
            for speaker in SPEAKERS:
                session.get_one(Delivery, (aired.id, speaker)).state = "heard" if state == "done" else "missed"


def report(house: House, airing: str) -> None:
    """Two loudspeakers were heard and signed so, one was silent; the chat group did not take the copy."""
    now = house.clock()
    with house.database.transaction() as session:
        row = session.get_one(Airing, airing)
        row.state = "on_air"
        for speaker, state in zip(SPEAKERS, ("heard", "heard", "missed"), strict=True):
            delivery = session.get_one(Delivery, (airing, speaker))
            delivery.state, delivery.attempt, delivery.started_at = state, 1, now + timedelta(seconds=2)
            delivery.ended_at = now if state == "missed" else None
            if state == "heard":
                delivery.heard_at, delivery.level, delivery.proof = now + timedelta(seconds=40), -1650, "frames"
                last = session.query(StoredReceipt).filter_by(speaker_id=speaker).count()
                events = enumerate(("stored", "started", "heard"), last + 1)
                session.add_all(receipt(airing, speaker, number, event) for number, event in events)
        copies = session.query(MirrorCopy).filter_by(announcement_id=row.announcement_id)
        for copy in copies:
            copy.state, copy.error = "failed", "Nhóm chưa mời bot"
    house.context.live.nudge(f"airing-{airing}")


def write(clerk: Visit) -> None:
    clerk.go("/announcements/new")
    clerk.page.get_by_label("Tiêu đề").fill(TITLE)
    clerk.page.get_by_label("Nội dung đọc trên loa").fill(WORDS.format(WRONG))
    clerk.page.get_by_role("checkbox", name=re.compile(NAMES[COMMUNE])).check()
    clerk.press("Trình duyệt")
    expect(clerk.page.get_by_text("Đã trình duyệt.")).to_be_visible(timeout=20_000)


def test_the_first_page_and_the_calendar_on_every_screen(chromium: Browser, desk: Served) -> None:
    clerk = Visit(chromium, desk, desk[0].cast.clerk)
    expect(clerk.page.get_by_role("link", name="Khẩn cấp").first).to_be_visible()
    failed = clerk.page.get_by_role("link", name="Họp chi bộ không loa nào phát Phát lại")
    expect(failed).to_be_visible()
    for name, path in (("desk-today", "/"), ("calendar", "/calendar"), ("calendar-month", "/calendar?span=month")):
        clerk.go(path)
        for size in ("desktop", "dark", "phone"):
            clerk.resize(size)
            clerk.judge(name)
    # All that matters stands above the bar at the foot of one screen.
    clerk.go("/")
    bottom = clerk.page.locator("#now").bounding_box()
    assert bottom
    assert bottom["y"] + bottom["height"] <= 844 - 60
    clerk.follow("Dừng loa")
    expect(clerk.page.get_by_role("button", name="Im lặng ngay")).to_be_visible()
    clerk.go("/airings/stop")
    clerk.judge("stop-where")
    clerk.close()


def test_a_wrong_announcement_is_corrected_and_withdrawn(chromium: Browser, desk: Served) -> None:
    house, _ = desk
    clerk = Visit(chromium, desk, house.cast.clerk)
    write(clerk)
    approver = Visit(chromium, desk, house.cast.approver)
    approver.follow("Phê duyệt")
    approver.follow(TITLE)
    approver.page.get_by_text("Trả lại").first.click()
    approver.page.get_by_label("Cần sửa những gì?").fill("Sai giờ, sửa thành 8 giờ")
    approver.page.get_by_role("button", name="Trả lại").last.click()
    expect(approver.page.get_by_text("Đã trả lại")).to_be_visible()

    clerk.page.reload()
    expect(clerk.page.get_by_text("Sai giờ, sửa thành 8 giờ").first).to_be_visible()
    clerk.follow("Sửa")
    clerk.page.get_by_label("Nội dung đọc trên loa").fill(WORDS.format(RIGHT))
    clerk.press("Trình duyệt")
    expect(clerk.page.get_by_text("Đã trình duyệt.")).to_be_visible(timeout=20_000)

    approver.go("/approvals")
    approver.follow(TITLE)
    expect(approver.page.get_by_role("deletion").get_by_text(WRONG)).to_be_visible()
    expect(approver.page.get_by_role("insertion").get_by_text(RIGHT)).to_be_visible()
    for size in ("desktop", "dark", "phone"):
        approver.resize(size)
        approver.judge("approve-changed")
    approver.press("Phê duyệt")
    expect(approver.page.get_by_text("Đã phê duyệt.")).to_be_visible()

    clerk.page.reload()
    clerk.page.get_by_text("Thu hồi thông báo này").click()
    clerk.page.get_by_label("Lý do").fill("Hoãn lịch tiêm")
    clerk.page.get_by_role("button", name="Thu hồi", exact=True).click()
    expect(clerk.page.get_by_text("Đã thu hồi", exact=False).first).to_be_visible()
    for visit in (clerk, approver):
        visit.close()


def test_who_was_not_heard_a_copy_again_and_the_paper(chromium: Browser, desk: Served) -> None:
    house, url = desk
    with house.database.transaction() as session:
        row = approved(session, house.cast, title="Lịch cắt điện")
        airing = airings.air(session, house.cast.clerk, row.id, at=None, now=house.clock()).id
    clerk = Visit(chromium, desk, house.cast.clerk)
    clerk.go(f"/airings/{airing}")
    clerk.follow("Chưa nghe được (3)")
    report(house, airing)
    # The stream nudges, the board asks again, and the filter is still the same.
    expect(clerk.page.get_by_role("link", name="Chưa nghe được (1)")).to_be_visible(timeout=5_000)
    expect(clerk.page.get_by_text("Loa Bản Nà Pản")).to_have_count(0)
    expect(clerk.page.get_by_text("Loa Bản Huổi Hốc")).to_be_visible()
    for size in ("desktop", "dark", "phone"):
        clerk.resize(size)
        clerk.judge("board-unheard")
    expect(clerk.page.get_by_text("Nhóm chưa mời bot")).to_be_visible()
    clerk.press("Thử lại: Nhóm Zalo xã")
    expect(clerk.page.get_by_text("Đang gửi lại tin vào nhóm.")).to_be_visible()
    expect(clerk.page.get_by_role("button", name="Thử lại: Nhóm Zalo xã")).to_have_count(0)

    clerk.follow("Phiếu ký số của loa")
    for size in ("desktop", "phone"):
        clerk.resize(size)
        clerk.judge("receipts")
    clerk.follow("Bản báo cáo để in")
    for size in ("desktop", "phone"):
        clerk.resize(size)
        clerk.judge("airing-report")
    clerk.page.emulate_media(media="print")
    expect(clerk.page.get_by_role("link", name="Tải tệp đã ký số")).to_be_hidden()
    assert clerk.page.pdf(format="A4").startswith(b"%PDF")
    clerk.page.emulate_media(media="screen")
    with clerk.page.expect_download() as waiting:
        clerk.follow("Tải tệp đã ký số")
    assert waiting.value.suggested_filename == f"loa-{airing}.dsse.json"
    assert url
    clerk.close()
