"""An office connects its Official Account and takes its groups over, on a phone; Zalo is a stand-in."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.services.actor import SYSTEM
from broadcaster.services.outlets import official_accounts
from tests.browser.conftest import listening
from tests.browser.visit import Visit
from tests.cast import COMMUNE
from tests.databases import Server
from tests.mirrors.accounts import typed
from tests.mirrors.stand_ins.zalo_oa import Desk, served
from tests.web.house import House, build

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
GROUPS = {"g-1": "Loa bản Nà Pản", "g-2": "Bản Khoóng – thông báo", "g-3": "Đội bóng chuyền"}


@pytest.fixture(scope="module")
def office(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, str]]:
    with sqlite_server.database() as database, served(Desk(groups=GROUPS)) as zalo:
        house = build(database, tmp_path_factory.mktemp("zalo"))
        with database.transaction() as session:
            official_accounts.add(session, SYSTEM, COMMUNE, typed(zalo.url), now=house.clock())
        with listening(house) as url:
            yield house, url


def look(visit: Visit, name: str) -> None:
    for size in ("dark", "phone"):
        visit.resize(size)
        visit.judge(name)
    visit.squeeze(name)


def test_an_account_is_connected_and_its_groups_are_taken_over(chromium: Browser, office: tuple[House, str]) -> None:
    visit = Visit(chromium, office, office[0].cast.owner)
    visit.go("/")
    look(visit, "zalo-today")
    visit.follow("Cần người đồng ý trên Zalo")
    look(visit, "zalo-account-new")
    visit.page.get_by_label("Refresh token").fill("refresh-0")
    visit.press("Dùng mã này")
    expect(visit.page.get_by_text("Zalo đã cấp mã truy cập")).to_be_visible()
    look(visit, "zalo-account")
    visit.follow("Xem các nhóm")
    look(visit, "zalo-groups")
    visit.press("Nhận cả 2 nhóm đã khớp")
    expect(visit.page.get_by_role("link", name="Loa bản Nà Pản")).to_be_visible()
    look(visit, "zalo-channels")
    visit.go("/official-accounts")
    look(visit, "zalo-accounts")
    visit.close()
