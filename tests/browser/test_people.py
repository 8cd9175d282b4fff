"""An owner invites one and then fifteen hundred; the invited come in by a password; each of these pages looked at."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.services.actor import SYSTEM
from broadcaster.services.people import passwords
from tests.browser.conftest import listening
from tests.browser.visit import Visit
from tests.databases import Server
from tests.web.house import House, build

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
RIGHT = "sông Đà mùa nước đỏ"
MANY = 1_500


@pytest.fixture(scope="module")
def staffed(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with sqlite_server.database() as database:
        house = build(database, tmp_path_factory.mktemp("staffed"))
        with database.transaction() as session:
            for person in (house.cast.owner, house.cast.clerk):
                passwords.set_password(session, SYSTEM, person.person_id, RIGHT, now=house.clock())
        with listening(house) as url:
            yield house, url


def prove(owner: Visit) -> None:
    owner.page.get_by_label("Mã trên điện thoại (6 chữ số)").first.fill(owner.house.code(owner.house.cast.owner))


def look(visit: Visit, name: str) -> None:
    for size in ("desktop", "phone"):
        visit.resize(size)
        visit.judge(name)
    visit.squeeze(name)


def test_one_is_invited_chooses_a_password_and_signs_in_with_it(chromium: Browser, staffed: Served) -> None:
    house, _ = staffed
    owner = Visit(chromium, staffed, house.cast.owner)
    owner.go("/people")
    look(owner, "people")
    owner.follow("Mời một người")
    owner.page.get_by_label("Họ và tên").fill("Lò Thị Mai")
    owner.page.get_by_label("Vai trò").select_option(label="cán bộ soạn")
    look(owner, "people-invite")
    prove(owner)
    owner.press("Tạo lời mời")
    expect(owner.page.get_by_role("heading", name="Lời mời cho Lò Thị Mai")).to_be_visible()
    look(owner, "people-link")
    path = urlsplit(owner.page.get_by_label("Liên kết").input_value()).path
    owner.close()
    guest = Visit(chromium, staffed, None)
    guest.go(path)
    look(guest, "invitation")
    guest.page.get_by_label("Mật khẩu mới").fill("matkhau2026")
    guest.page.get_by_label("Nhập lại mật khẩu").fill("matkhau2026")
    guest.press("Lưu và đăng nhập")
    expect(guest.page.get_by_role("alert")).to_contain_text("Mật khẩu này quá dễ đoán.")
    guest.judge("invitation-refused")
    guest.page.get_by_label("Mật khẩu mới").fill(RIGHT)
    guest.page.get_by_label("Nhập lại mật khẩu").fill(RIGHT)
    guest.press("Lưu và đăng nhập")
    expect(guest.page.get_by_role("heading", level=1)).to_be_visible()
    guest.go("/me")
    expect(guest.page.get_by_text("tên đăng nhập: lo-thi-mai")).to_be_visible()
    guest.close()
    back = Visit(chromium, staffed, None)
    back.go("/sign-in")
    look(back, "sign-in")
    back.page.get_by_label("Tên đăng nhập").fill("lo-thi-mai")
    back.page.get_by_label("Mật khẩu").fill("không phải đâu")
    back.press("Đăng nhập")
    expect(back.page.get_by_role("alert")).to_contain_text("Tên đăng nhập hoặc mật khẩu không đúng.")
    back.judge("sign-in-refused")
    back.page.get_by_label("Mật khẩu").fill(RIGHT)
    back.press("Đăng nhập")
    back.go("/me")
    expect(back.page.get_by_text("tên đăng nhập: lo-thi-mai")).to_be_visible()
    back.close()


def test_who_has_a_phone_takes_a_second_step(chromium: Browser, staffed: Served) -> None:
    house, _ = staffed
    clerk = Visit(chromium, staffed, None)
    clerk.go("/sign-in")
    clerk.page.get_by_label("Tên đăng nhập").fill("can-bo-van-hoa")
    clerk.page.get_by_label("Mật khẩu").fill(RIGHT)
    clerk.press("Đăng nhập")
    expect(clerk.page.get_by_role("heading", name="Đăng nhập: bước hai")).to_be_visible()
    look(clerk, "sign-in-second")
    clerk.page.get_by_label("Mã trên điện thoại (6 chữ số)").fill(house.code(house.cast.clerk))
    clerk.press("Tiếp tục")
    clerk.go("/me")
    expect(clerk.page.get_by_text("thiết bị này", exact=True)).to_be_visible()
    look(clerk, "me")
    clerk.page.get_by_text("Đổi mật khẩu").click()
    clerk.judge("me-password")
    clerk.close()


def test_somebodys_page(chromium: Browser, staffed: Served) -> None:
    house, _ = staffed
    owner = Visit(chromium, staffed, house.cast.owner)
    owner.go("/people")
    owner.page.get_by_label("Họ tên, tên đăng nhập hoặc điện thoại").fill("truong ban")
    owner.press("Tìm")
    owner.follow("Trưởng bản")
    owner.judge("person-unproved")
    prove(owner)
    owner.press("Xác nhận")
    look(owner, "person")
    owner.page.get_by_text("Giao thêm vai trò").click()
    owner.page.get_by_label("Vai trò").select_option(label="cán bộ soạn")
    owner.press("Giao vai trò")
    expect(owner.page.get_by_text("Đã giao vai trò.")).to_be_visible()
    owner.page.get_by_text("Khóa tài khoản").click()
    owner.judge("person-closing")
    owner.press("Khóa ngay")
    expect(owner.page.get_by_text("Đã khóa tài khoản")).to_be_visible()
    owner.judge("person-closed")
    owner.close()


def test_fifteen_hundred_from_one_file(chromium: Browser, staffed: Served, tmp_path: Path) -> None:
    house, _ = staffed
    rows = ["Họ tên;Đơn vị;Vai trò;Điện thoại", *(f"Người số {n};Bản Khoóng;;0912 {n:06}" for n in range(MANY))]
    (tmp_path / "list.csv").write_text("\n".join([*rows, "Ai đó;Nơi nào;;"]), encoding="utf-8")
    owner = Visit(chromium, staffed, house.cast.owner)
    owner.go("/people/list")
    look(owner, "people-list")
    owner.page.get_by_label("Tệp (.xlsx hoặc .csv)").set_input_files(tmp_path / "list.csv")
    began = time.monotonic()
    owner.press("Xem trước danh sách")
    expect(owner.page.get_by_text("không có đơn vị nào tên như vậy")).to_be_visible()
    looked = time.monotonic()
    look(owner, "people-preview")
    prove(owner)
    pressed = time.monotonic()
    owner.press("Tạo 1.500 tài khoản")
    expect(owner.page.get_by_text("Đã tạo 1.500 tài khoản.")).to_be_visible(timeout=30_000)
    made = time.monotonic()
    look(owner, "people-made")
    pulled = time.monotonic()
    with owner.page.expect_download() as download:
        owner.press("Tải liên kết (CSV)")
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    had = time.monotonic()
    assert len(set(re.findall(r"/sign-in/[\w-]{43}", text))) == MANY
    owner.go("/people?q=nguoi+so+1499")
    expect(owner.page.get_by_text("1 người", exact=True)).to_be_visible()
    began_list = time.monotonic()
    owner.go("/people")
    listed = time.monotonic() - began_list
    owner.judge("people-many")
    print(
        f"\n{MANY} accounts: looked at in {looked - began:.1f} s, made in {made - pressed:.1f} s, "
        f"links in {had - pulled:.1f} s, the list opens in {listed:.2f} s"
    )
    owner.close()
