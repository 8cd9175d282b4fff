"""Five communes become one with 57 villages: chosen, looked at, decided for a day, carried out, found by old names."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.services.places import reorganising
from broadcaster.store.tables import Unit
from tests.browser.conftest import listening
from tests.browser.visit import Visit
from tests.cast import PROVINCE
from tests.databases import Server
from tests.five_communes import COMMUNES, Five, daily, settle
from tests.web.house import House, build

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str, Five]
NAME = "Xã Yên Sơn"


@pytest.fixture(scope="module")
def five(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with sqlite_server.database() as database:
        house = build(database, tmp_path_factory.mktemp("five"))
        with database.transaction() as session:
            people = settle(session)
            daily(session, people)
        with listening(house) as url:
            yield house, url, people


def judge(visit: Visit, name: str) -> None:
    for size in ("desktop", "phone"):
        visit.resize(size)
        visit.judge(name)


def choose(governor: Visit) -> None:
    """The five communes ticked, and the name they are to have."""
    governor.go("/units")
    judge(governor, "units-tree")
    governor.follow("Sáp nhập các đơn vị")
    for name in COMMUNES.values():
        governor.page.get_by_role("checkbox", name=name).check()
    governor.page.get_by_label("Tên đơn vị sau khi sáp nhập").fill(NAME)
    judge(governor, "units-merge")
    governor.press("Xem trước thay đổi")


def answer(governor: Visit) -> None:
    """What becomes of those who decided in the five communes."""
    for name in COMMUNES.values():
        owner = governor.page.get_by_label(f"Chủ tịch {name}")
        owner.select_option(
            "từ nay cho toàn đơn vị mới" if name == "Xã Chiềng Pằn" else "như trước, ở các thôn, bản cũ"
        )
    governor.page.get_by_label("Phó chủ tịch Chiềng Pằn").select_option("từ nay cho toàn đơn vị mới")


def test_five_communes_become_one(chromium: Browser, five: Served) -> None:
    house, url, people = five
    governor = Visit(chromium, (house, url), people.governor)
    choose(governor)
    expect(governor.page.get_by_text("57 trong 57 loa được báo tự động")).to_be_visible()
    expect(governor.page.get_by_text("vẫn phát trên đúng 12 loa như cũ")).to_be_visible()
    judge(governor, "units-preview")
    answer(governor)
    governor.page.get_by_label("Ngày", exact=True).fill("2026-12-01")
    governor.page.get_by_label("Số quyết định").fill("1672/NQ-UBTVQH15")
    governor.press("Quyết định như trên")
    expect(governor.page.get_by_text("Chờ đến ngày")).to_be_visible()
    judge(governor, "units-change")
    governor.go("/units")
    expect(governor.page.get_by_text(NAME)).to_have_count(0)
    assert reorganising.carry_out_due(house.database, now=house.clock() + timedelta(days=6)) == 1
    governor.go("/units/changes")
    expect(governor.page.get_by_text("Đã thực hiện", exact=True)).to_be_visible()
    judge(governor, "units-changes")
    governor.go("/units")
    governor.page.get_by_label("Tìm đơn vị theo tên hiện nay hoặc tên cũ").fill("vieng lan")
    governor.page.keyboard.press("Enter")
    expect(governor.page.get_by_text("tên cũ: Xã Viêng Lán")).to_be_visible()
    judge(governor, "units-found")
    governor.follow(NAME)
    expect(governor.page.get_by_text("đã sáp nhập thành “Xã Yên Sơn”")).to_be_visible()
    judge(governor, "units-whole")
    governor.go("/units/lan")
    expect(governor.page.get_by_text("Đã thôi hoạt động từ")).to_be_visible()
    judge(governor, "units-closed")
    governor.close()


def test_a_change_is_called_off_and_villages_are_dealt_out(chromium: Browser, five: Served) -> None:
    house, url, people = five
    owner = Visit(chromium, (house, url), people.owners["dong"], scripts=False)
    with house.database.read() as session:
        assert session.get_one(Unit, PROVINCE).closed_at is None
    owner.go("/units/changes/new?change=split&unit=ban-dong-0")
    expect(owner.page.get_by_text("Ở đây chưa có đủ hai đơn vị.")).to_be_visible()
    owner.go("/units/changes/new?change=rename&unit=ban-dong-0")
    owner.page.get_by_label("Tên mới").fill("Bản Đông Khùa Mới")
    owner.press("Xem trước thay đổi")
    expect(owner.page.get_by_text("Không loa nào bị ảnh hưởng.")).to_be_visible()
    owner.page.get_by_label("Ngày", exact=True).fill("2026-12-24")
    owner.press("Quyết định như trên")
    owner.press("Hủy thay đổi này")
    expect(owner.page.get_by_text("Đã hủy. Mọi việc giữ nguyên.")).to_be_visible()
    owner.close()


def test_a_group_is_formed_of_villages(chromium: Browser, five: Served) -> None:
    house, url, people = five
    owner = Visit(chromium, (house, url), people.owners["sang"])
    owner.go("/groups")
    judge(owner, "groups")
    owner.follow("Lập nhóm loa")
    owner.page.get_by_label("Tên", exact=True).fill("Ven suối Sập")
    owner.page.get_by_label("Tìm thôn, bản").fill("dong khua")
    owner.page.get_by_role("checkbox", name="Bản Đông Khùa").first.check()
    judge(owner, "group-new")
    owner.press("Lưu")
    expect(owner.page.get_by_role("checkbox", name="Bản Đông Khùa").first).to_be_checked()
    judge(owner, "group")
    owner.close()
