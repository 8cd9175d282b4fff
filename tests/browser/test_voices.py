"""A voice bank from its first click to an announcement that speaks H'Mông, by three people on their phones."""

import re

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.services.actor import SYSTEM
from broadcaster.services.people import native_speakers
from broadcaster.services.sound import takes, voice_bank
from tests.bank import TAG
from tests.browser.visit import Visit
from tests.cast import NOW
from tests.web.house import House

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
STORM = ("attention", "storm", "follow-officials")


def speak(house: House) -> None:
    with house.database.transaction() as session:
        for actor in (house.cast.village_head, house.cast.approver):
            native_speakers.declare(session, SYSTEM, actor.person_id, TAG, able=True, now=NOW)


def record(visit: Visit) -> None:
    """Two seconds of whatever the microphone hears."""
    visit.press("Ghi âm ngay")
    visit.page.wait_for_timeout(1_800)
    visit.press("Dừng ghi âm")
    expect(visit.page.get_by_label("Bản bạn vừa ghi")).to_be_visible()
    visit.press("Lưu và sang mục sau")


def test_a_village_teaches_the_loudspeaker_its_language(chromium: Browser, served: Served) -> None:
    house, _ = served
    speak(house)
    clerk = Visit(chromium, served, house.cast.clerk)
    begin(clerk)
    head = Visit(chromium, served, house.cast.village_head)
    with house.database.read() as session:
        pieces = {row.key: row.id for row in voice_bank.phrases(session, TAG) if row.kind == "phrase"}
    for key in STORM:
        head.go(f"/voices/{TAG}/record/{pieces[key]}")
        record(head)
        expect(head.page.get_by_text("Đã lưu. Một người khác biết tiếng này")).to_be_visible(timeout=20_000)
    head.judge("voice-record")
    listen(house, Visit(chromium, served, house.cast.approver))
    fill_in(clerk)
    put_together(clerk)


def begin(clerk: Visit) -> None:
    """One click puts the usual phrases on the list."""
    clerk.go("/voices")
    clerk.judge("voices")
    clerk.go(f"/voices/{TAG}")
    clerk.judge("voice-empty")
    clerk.press("Bắt đầu với các câu thường dùng")
    expect(clerk.page.get_by_text("Danh mục đã sẵn sàng")).to_be_visible()


def listen(house: House, approver: Visit) -> None:
    """The second person accepts what was recorded."""
    approver.go(f"/voices/{TAG}")
    approver.judge("voice-listen")
    for _ in STORM:
        approver.page.get_by_role("button", name="Được phép phát").first.click()
        expect(approver.page.get_by_text("Đã lưu, có ghi tên")).to_be_visible()
    with house.database.read() as session:
        assert takes.waiting(session, TAG) == []
        assert len(voice_bank.accepted(session, TAG)) == len(STORM)


def fill_in(clerk: Visit) -> None:
    """One sentence lacks pieces, another is heard."""
    clerk.go(f"/voices/{TAG}/sentences/power-cut")
    clerk.page.get_by_label("Thôn, bản", exact=True).select_option(index=2)
    clerk.page.get_by_label("Từ").fill("08:00")
    clerk.page.get_by_label("Đến").fill("11:30")
    clerk.page.get_by_label("Ngày, tháng").fill("2026-11-26")
    clerk.press("Nghe thử")
    expect(clerk.page.get_by_text("Phần này chưa được thu âm và nghe duyệt:")).to_be_visible()
    clerk.judge("voice-missing")
    clerk.go(f"/voices/{TAG}/sentences/storm")
    clerk.press("Nghe thử")
    expect(clerk.page.get_by_label("Âm thanh loa sẽ phát")).to_be_visible(timeout=20_000)
    clerk.judge("voice-sentence")
    clerk.resize("desktop")
    clerk.judge("voice-sentence")
    clerk.go(f"/voices/{TAG}")
    clerk.judge("voice")
    clerk.resize("phone")


def put_together(clerk: Visit) -> None:
    """An announcement in two languages, one of them from the bank."""
    clerk.follow("Soạn")
    clerk.page.get_by_label("Tiêu đề").fill("Tin bão")
    clerk.page.get_by_label("Nội dung đọc trên loa").fill("Bão sắp đến.")
    clerk.page.get_by_role("checkbox", name=re.compile("Xã Yên Châu")).check()
    clerk.page.get_by_label("Thêm ngôn ngữ").select_option(TAG)
    clerk.press("Thêm")
    clerk.page.get_by_label("Ghép từ kho giọng nói").select_option("storm")
    clerk.press("Chọn")
    clerk.judge("write-from-the-bank")
    clerk.press("Trình duyệt")
    expect(clerk.page.get_by_text("Đã trình duyệt.")).to_be_visible(timeout=30_000)
    expect(clerk.page.get_by_label("Chuông hiệu, phát một lần")).to_have_count(1)
    expect(clerk.page.get_by_label("Đúng âm thanh loa sẽ phát")).to_have_count(2)
    clerk.judge("announcement-two-languages")
