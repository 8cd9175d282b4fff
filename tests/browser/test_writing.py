"""Writing as a clerk does it: what, where, when; and what may come between: another clerk, a lost connection."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from broadcaster.services.writing import announcements
from broadcaster.store.tables import Airing, Announcement, Channel, Speaker, Unit
from tests.browser.conftest import listening
from tests.browser.visit import SIZES, Visit
from tests.cast import COMMUNE, NAMES, SPEAKERS, VILLAGES, approved, draft
from tests.databases import Server
from tests.web.house import House, build

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
TEXT = "UBND xã mời bà con cài Zalo để nhận tin. Họp lúc 19h30 ngày 27/11/2026."


@pytest.fixture(scope="module")
def writing(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with sqlite_server.database() as database:
        house = build(database, tmp_path_factory.mktemp("writing"))
        with house.database.transaction() as session:
            for speaker, village in zip(SPEAKERS, VILLAGES, strict=True):
                session.get_one(Speaker, speaker).name = f"Loa {NAMES[village]}"
                session.get_one(Unit, village).people = 1_610
            chat = Channel(id="zalo", unit_id=COMMUNE, kind="webhook", name="Nhóm Zalo xã", created_at=house.clock())
            session.add(chat)
        with listening(house) as url:
            yield house, url


def begin(visit: Visit, title: str, text: str = TEXT) -> Page:
    """The first two steps."""
    visit.follow("Soạn")
    visit.page.get_by_label("Tiêu đề").fill(title)
    visit.page.get_by_label("Nội dung đọc trên loa").fill(text)
    visit.page.get_by_role("checkbox", name=re.compile("Xã Yên Châu")).check()
    return visit.page


def everywhere(visit: Visit, name: str) -> None:
    for size in SIZES:
        visit.resize(size)
        visit.page.evaluate("scrollTo(0, 0)")
        visit.judge(name)
    visit.resize("phone")


def test_villages_are_chosen_on_the_map(chromium: Browser, writing: Served) -> None:
    house, _ = writing
    with house.database.transaction() as session:
        for number, speaker in enumerate(SPEAKERS[:2]):
            row = session.get_one(Speaker, speaker)
            row.latitude, row.longitude = 21.05 + number / 200, 104.3
    clerk = Visit(chromium, writing, house.cast.clerk)
    clerk.follow("Soạn")
    clerk.page.get_by_text("Chọn trên bản đồ").click()
    place = NAMES[VILLAGES[0]]
    village = clerk.page.get_by_role("checkbox", name=re.compile(place))
    pin = clerk.page.get_by_role("region", name="Bản đồ loa").get_by_role("button", name=re.compile(place))
    pin.click()
    expect(village).to_be_checked()
    expect(clerk.page.get_by_role("status").filter(has_text="1 thôn, bản · 1 loa · khoảng 1.600 người")).to_be_visible()
    clerk.judge("choosing")
    pin.press("Enter")
    expect(village).not_to_be_checked()
    clerk.close()


def test_written_approved_and_heard_by_its_schedule(chromium: Browser, writing: Served) -> None:
    house, _ = writing
    clerk = Visit(chromium, writing, house.cast.clerk)
    page = begin(clerk, "Cài Zalo")
    expect(page.get_by_text("3 thôn, bản · 3 loa · khoảng 4.800 người")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Phát khoảng 0:\d\d"))).to_be_visible()
    clerk.press("Máy sẽ đọc thế nào?")
    page.get_by_text("Đọc một từ cách khác").click()
    page.get_by_label("Từ khác, viết là").fill("Zalo")
    page.get_by_label("Đọc là", exact=True).fill("da lô")
    clerk.press("Lưu từ này")
    expect(page.get_by_title("viết là: Zalo")).to_have_text(re.compile("da lô"))
    page.get_by_text("Giọng đọc, vùng miền, tốc độ").click()
    page.get_by_label("Giọng đọc", exact=True).select_option(label="Giọng máy, miền Nam")
    page.get_by_label("Tốc độ", exact=True).select_option(label="Hơi chậm")
    clerk.press("Nghe thử")
    expect(page.get_by_label("Đúng âm thanh loa sẽ phát")).to_be_visible(timeout=20_000)
    page.get_by_label("Thứ Hai đến thứ Sáu").check()
    expect(page.get_by_text("Các lần phát sắp tới:")).to_be_visible()
    page.get_by_text("bà con sẽ đọc như thế này").click()
    expect(page.get_by_text("Nhóm Zalo xã")).to_be_visible()
    expect(page.get_by_text("📢 Cài Zalo")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Đã lưu lúc 10:00"))).to_be_visible(timeout=10_000)
    everywhere(clerk, "writing")
    clerk.press("Trình duyệt")
    expect(page.get_by_text("Đã trình duyệt.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("05:30").first).to_be_visible()
    clerk.judge("written")
    approver = Visit(chromium, writing, house.cast.approver)
    approver.follow("Cài Zalo")
    approver.press("Phê duyệt")
    expect(approver.page.get_by_text("Đã phê duyệt.")).to_be_visible()
    clerk.page.reload()
    expect(page.get_by_text("05:30 ngày mai").first).to_be_visible()
    with house.database.read() as session:
        row = session.get_one(Announcement, page.url.partition("?")[0].rpartition("/")[2])
        assert (row.versions[0].voice, row.versions[0].speed) == ("espeak-south", 90)
        assert row.versions[0].read_with == {"Zalo": "da lô"}
    for visit in (clerk, approver):
        visit.close()


def test_two_who_change_one_see_both_texts(chromium: Browser, writing: Served) -> None:
    house, _ = writing
    with house.database.transaction() as session:
        made = announcements.write(session, house.cast.clerk, draft(title="Lịch tiêm"), now=house.clock()).id
    first, second = (Visit(chromium, writing, who) for who in (house.cast.clerk, house.cast.approver))
    for visit in (first, second):
        visit.go(f"/announcements/{made}/edit")
        expect(visit.page.get_by_label("Tiêu đề")).to_have_value("Lịch tiêm")
    first.page.get_by_label("Nội dung đọc trên loa").fill("Tiêm lúc bảy giờ.")
    expect(first.page.get_by_text("Đã lưu lúc")).to_be_visible(timeout=10_000)
    second.page.get_by_label("Nội dung đọc trên loa").fill("Tiêm lúc tám giờ.")
    expect(second.page.get_by_text("Người khác vừa lưu bài này.")).to_be_visible(timeout=10_000)
    second.press("Xem cả hai bài")
    expect(second.page.get_by_role("heading", name="Có hai bài: hãy chọn bài giữ lại")).to_be_visible()
    for text in ("Tiêm lúc bảy giờ.", "Tiêm lúc tám giờ."):
        expect(second.page.get_by_text(text).first).to_be_visible()
    everywhere(second, "writing-both")
    second.press("Giữ bài của tôi")
    expect(second.page.get_by_text("Đã lưu bản nháp.")).to_be_visible()
    expect(second.page.get_by_text("Tiêm lúc tám giờ.").first).to_be_visible()
    for visit in (first, second):
        visit.close()


def test_a_lost_connection_loses_nothing(chromium: Browser, writing: Served) -> None:
    house, _ = writing
    clerk = Visit(chromium, writing, house.cast.clerk)
    page = begin(clerk, "Dọn vệ sinh")
    expect(page.get_by_text("Đã lưu lúc")).to_be_visible(timeout=10_000)
    page.context.set_offline(True)
    page.get_by_label("Nội dung đọc trên loa").fill("Sáng mai bà con dọn đường làng.")
    expect(page.get_by_text("Mất kết nối")).to_be_visible(timeout=10_000)
    clerk.press("Trình duyệt")
    expect(page.get_by_label("Nội dung đọc trên loa")).to_have_value("Sáng mai bà con dọn đường làng.")
    clerk.judge("writing-offline")
    page.context.set_offline(False)
    expect(page.get_by_text("Mất kết nối")).to_be_hidden(timeout=10_000)
    clerk.press("Trình duyệt")
    expect(page.get_by_text("Đã trình duyệt.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Sáng mai bà con dọn đường làng.").first).to_be_visible()
    with house.database.read() as session:
        assert session.query(Announcement).filter_by(title="Dọn vệ sinh").count() == 1
    clerk.close()


def test_a_recording_shows_how_loud_it_is(chromium: Browser, writing: Served) -> None:
    clerk = Visit(chromium, writing, writing[0].cast.clerk)
    page = begin(clerk, "Lời chúc")
    page.get_by_text("Hoặc dùng bản ghi âm người đọc").click()
    clerk.press("Ghi âm ngay")
    level = page.get_by_role("meter", name="Độ to khi ghi âm")
    expect(level).to_be_visible()
    # The microphone of the tests beeps once a second.
    levels = []
    for _ in range(30):
        page.wait_for_timeout(60)
        levels.append(float(level.evaluate("meter => meter.value")))
    assert max(levels) > 20 > min(levels)
    clerk.press("Dừng ghi âm")
    expect(level).to_be_hidden()
    expect(page.get_by_label("Bản bạn vừa ghi")).to_be_visible()
    clerk.press("Lưu bản nháp")
    expect(page.get_by_text("Đã lưu bản nháp.")).to_be_visible(timeout=20_000)
    clerk.close()


def test_a_template_asks_for_what_changes(chromium: Browser, writing: Served) -> None:
    clerk = Visit(chromium, writing, writing[0].cast.clerk)
    page = clerk.page
    clerk.go("/templates")
    clerk.judge("templates-empty")
    clerk.follow("Soạn bài mẫu")
    page.get_by_label("Tiêu đề").fill("Họp {việc}")
    page.get_by_label("Nội dung (Tiếng Việt)").fill("Mời bà con họp bàn về {việc} lúc {giờ}.")
    everywhere(clerk, "template")
    clerk.press("Lưu bài mẫu")
    everywhere(clerk, "templates")
    clerk.follow("Viết từ mẫu này “Họp {việc}”")
    page.get_by_label("việc").fill("làm đường")
    clerk.judge("template-start")
    clerk.press("Viết từ mẫu này")
    expect(page.get_by_label("Tiêu đề")).to_have_value("Họp làm đường")
    expect(page.get_by_label("Nội dung đọc trên loa")).to_have_value("Mời bà con họp bàn về làm đường lúc {giờ}.")
    clerk.go("/dictionary")
    page.get_by_label("Viết là").fill("TDP")
    page.get_by_label("Đọc là").fill("tổ dân phố")
    clerk.press("Lưu từ này")
    expect(page.get_by_text("TDP → tổ dân phố")).to_be_visible()
    everywhere(clerk, "dictionary")
    clerk.close()


def test_what_is_put_on_the_air_now_can_be_called_back_for_a_minute(chromium: Browser, writing: Served) -> None:
    house, _ = writing
    with house.database.transaction() as session:
        made = approved(session, house.cast, title="Nhầm bài").id
    clerk = Visit(chromium, writing, house.cast.clerk)
    clerk.go(f"/announcements/{made}/air")
    clerk.judge("air-undo")
    clerk.press("Phát ngay")
    expect(clerk.page.get_by_text(re.compile(r"Sẽ phát sau (60|5\d) giây"))).to_be_visible()
    everywhere(clerk, "undo")
    clerk.press("Hủy, không phát")
    expect(clerk.page.get_by_text("Đã hủy trước khi phát.")).to_be_visible()
    with house.database.read() as session:
        airing = session.query(Airing).filter_by(announcement_id=made).one()
        assert (airing.state, airing.planned_at) == ("cancelled", house.clock() + timedelta(minutes=1))
    clerk.close()
