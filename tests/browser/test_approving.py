"""T29: approving what one has read and nothing else; passkeys in a real browser with an authenticator of its own."""

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.services.actor import SYSTEM
from broadcaster.services.people import passwords
from broadcaster.services.writing import announcements
from broadcaster.store.tables import Announcement, Factor, Person
from tests import cast
from tests.browser.conftest import listening
from tests.browser.visit import SIZES, Visit
from tests.databases import Server
from tests.web.house import House, build

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
PASSWORD = "suối trong đá trắng"
APPROVE, APPROVED = "Phê duyệt Xã", "Đã phê duyệt. Có thể phát ngay."


@pytest.fixture(scope="module")
def named(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A house that knows its own name: passkeys are bound to it, and an address of numbers is none."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    url = f"http://localhost:{port}"
    with sqlite_server.database() as database:
        house = build(database, tmp_path_factory.mktemp("named"), url=url)
        with listening(house, port):
            yield house, url


def submitted(house: House, title: str, klass: str = "normal") -> str:
    with house.database.transaction() as session:
        return cast.submitted(session, house.cast, now=house.clock(), title=title, klass=klass).id


def approvals(house: House, announcement_id: str) -> tuple[str, int]:
    with house.database.read() as session:
        row = session.get_one(Announcement, announcement_id)
        return row.state, len(row.approvals)


def test_a_passkey_is_made_and_answers_for_an_emergency(chromium: Browser, named: Served) -> None:
    house, _ = named
    approver = Visit(chromium, named, house.cast.approver)
    wire = approver.page.context.new_cdp_session(approver.page)
    wire.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    ready = {"isUserVerified": True, "automaticPresenceSimulation": True}
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": options | ready})
    approver.go("/me")
    approver.page.get_by_text("Thêm khóa bảo mật").click()
    form = approver.page.locator("form[action='/me/passkeys']")
    form.get_by_label("Tên").fill("Máy của phòng")
    form.get_by_label("Mã trên điện thoại (6 chữ số)").fill(house.code(house.cast.approver))
    form.get_by_role("button", name="Tạo khóa bảo mật trên máy này").click()
    expect(approver.page.get_by_text("Máy của phòng")).to_be_visible()
    alert = submitted(house, "Lũ quét trên suối", "emergency")
    approver.go("/approvals")
    for size in SIZES:
        approver.resize(size)
        approver.judge("approvals-emergency")
    approver.resize("phone")
    approver.follow("Lũ quét trên suối")
    approver.judge("approve-emergency")
    approver.press("Dùng khóa bảo mật của tôi")
    expect(approver.page.get_by_text(APPROVED)).to_be_visible()
    with house.database.read() as session:
        row = session.get_one(Announcement, alert)
        assert [(each.person_name, each.method) for each in row.assertions][-1] == ("Phó chủ tịch", "passkey")
        counted = session.query(Factor).filter_by(name="Máy của phòng").one().sign_count
        assert counted > 0
    with house.database.transaction() as session:
        passwords.set_password(session, SYSTEM, house.cast.approver.person_id, PASSWORD, now=house.clock())
        login = session.get_one(Person, house.cast.approver.person_id).login
    approver.page.context.clear_cookies()
    approver.go("/sign-in")
    approver.page.get_by_label("Tên đăng nhập").fill(login)
    approver.page.get_by_label("Mật khẩu").fill(PASSWORD)
    approver.press("Đăng nhập")
    expect(approver.page.get_by_role("heading", name="Đăng nhập: bước hai")).to_be_visible()
    approver.judge("sign-in-second")
    approver.press("Dùng khóa bảo mật của tôi")
    expect(approver.page.get_by_role("heading", name="Hôm nay Thứ")).to_be_visible()
    with house.database.read() as session:
        assert session.query(Factor).filter_by(name="Máy của phòng").one().sign_count > counted
    approver.close()


def test_codes_of_a_phone_are_added_by_scanning_and_typing(chromium: Browser, named: Served) -> None:
    house, _ = named
    technician = Visit(chromium, named, house.cast.technician)
    technician.go("/me")
    technician.press("Bắt đầu")
    expect(technician.page.locator(".qr svg")).to_be_visible()
    for size in SIZES:
        technician.resize(size)
        technician.judge("me")
    key = "".join(technician.page.locator(".key code").all_inner_texts())
    technician.page.get_by_label("Mã trên điện thoại (6 chữ số)").last.fill(cast.code_of(key, house.clock()))
    technician.press("Xác nhận")
    expect(technician.page.get_by_text("Đã xong, có thể dùng xác thực hai lớp.")).to_be_visible()
    technician.close()


def test_words_that_changed_after_they_were_read_are_not_approved(chromium: Browser, named: Served) -> None:
    house, _ = named
    notice = submitted(house, "Họp thôn")
    approver = Visit(chromium, named, house.cast.approver)
    approver.go(f"/announcements/{notice}/approve")
    with house.database.transaction() as session:
        changed = cast.draft(title="Họp thôn", repeat=3)
        row = announcements.edit(session, house.cast.clerk, notice, changed, revision=1, now=house.clock())
        cast.give_clips(session, row)
        cast.submit(session, house.cast.clerk, notice, now=house.clock())
    approver.press(APPROVE)
    expect(approver.page.get_by_role("alert")).to_contain_text("đã được sửa")
    assert approvals(house, notice) == ("submitted", 0)
    # The page shows the words as they are now, so that pressing again approves what was read.
    approver.press(APPROVE)
    expect(approver.page.get_by_text(APPROVED)).to_be_visible()
    with house.database.transaction() as session:
        changed = cast.draft(title="Họp thôn, đổi giờ")
        announcements.edit(session, house.cast.clerk, notice, changed, revision=2, now=house.clock())
    approver.page.reload()
    expect(approver.page.get_by_text("Bản nháp").first).to_be_visible()
    approver.close()


def test_a_double_click_and_the_back_button_approve_once(chromium: Browser, named: Served) -> None:
    house, _ = named
    notice = submitted(house, "Tiêm phòng")
    approver = Visit(chromium, named, house.cast.approver)
    approver.go(f"/announcements/{notice}/approve")
    approver.page.get_by_role("button", name=APPROVE).dblclick()
    expect(approver.page.get_by_text(APPROVED)).to_be_visible()
    approver.page.go_back()
    if approver.page.get_by_role("button", name=APPROVE).count():
        approver.press(APPROVE)
        expect(approver.page.get_by_text(APPROVED)).to_be_visible()
    assert approvals(house, notice) == ("approved", 1)
    approver.close()


def test_of_two_tabs_the_second_is_told_what_the_first_did(chromium: Browser, named: Served) -> None:
    house, _ = named
    notice = submitted(house, "Vệ sinh đường làng")
    approver = Visit(chromium, named, house.cast.approver)
    approver.go(f"/announcements/{notice}/approve")
    other = approver.page.context.new_page()
    other.goto(f"{approver.url}/announcements/{notice}/approve")
    other.get_by_text("Trả lại").first.click()
    other.get_by_label("Cần sửa những gì?").fill("Thiếu giờ")
    other.get_by_role("button", name="Trả lại").last.click()
    expect(other.get_by_text("Đã trả lại")).to_be_visible()
    approver.press(APPROVE)
    expect(approver.page.get_by_role("alert")).to_be_visible()
    assert approvals(house, notice) == ("rejected", 1)
    approver.close()


def test_the_pages_of_those_who_decide(chromium: Browser, named: Served) -> None:
    house, _ = named
    owner = Visit(chromium, named, house.cast.owner)
    for name, path in (("policy", "policy"), ("deputies", "deputies")):
        owner.go(f"/units/{cast.COMMUNE}/{path}")
        owner.page.evaluate("document.querySelectorAll('details.ask').forEach((d) => { d.open = true; })")
        for size in SIZES:
            owner.resize(size)
            owner.judge(name)
    owner.close()
