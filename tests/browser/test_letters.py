"""An office pastes a list of readers; one of them leaves by the link in their mail, on a phone and without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from broadcaster.services.actor import SYSTEM
from broadcaster.store.tables import MailReader
from tests.browser.conftest import listening
from tests.browser.visit import Visit
from tests.cast import COMMUNE
from tests.databases import Server
from tests.web.areas.letters import make
from tests.web.house import House, build

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]


@pytest.fixture(scope="module")
def served(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with sqlite_server.database() as database:
        house = build(database, tmp_path_factory.mktemp("letters"))
        with database.transaction() as session:
            make(session, "mail_list", COMMUNE, SYSTEM, SYSTEM, house.clock())
        with listening(house) as url:
            yield house, url


def look(visit: Visit, name: str) -> None:
    for size in ("dark", "phone"):
        visit.resize(size)
        visit.judge(name)
    visit.squeeze(name)


def secret(house: House) -> str:
    with house.database.read() as session:
        return session.scalars(select(MailReader.secret).where(MailReader.address == "an@dan.example.vn")).one()


def test_a_reader_is_put_on_the_list_and_leaves_it(chromium: Browser, served: Served) -> None:
    house, _ = served
    owner = Visit(chromium, served, house.cast.owner)
    owner.go("/channels")
    owner.follow("Thư báo")
    owner.follow("Người nhận thư")
    owner.page.get_by_label("Thêm địa chỉ vào danh sách").fill("an@dan.example.vn\nbinh@dan.example.vn\nchi dân")
    owner.press("Thêm vào danh sách")
    expect(owner.page.get_by_text("Không phải địa chỉ thư điện tử: chi, dân")).to_be_visible()
    look(owner, "mail-readers")
    reader = Visit(chromium, served, None, scripts=False)
    reader.go(f"/leave/{secret(house)}")
    reader.press("Thôi nhận thư")
    expect(reader.page.get_by_text("Ông/bà đã thôi nhận thư.")).to_be_visible()
    reader.close()
    reader = Visit(chromium, served, None)
    reader.go(f"/leave/{secret(house)}")
    look(reader, "left")
    reader.press("Bấm nhầm: tôi muốn nhận lại")
    look(reader, "leave")
    owner.go("/channels")
    owner.follow("Thư báo")
    owner.follow("Người nhận thư")
    expect(owner.page.get_by_text("2 người đang nhận")).to_be_visible()
    owner.press("Đưa ra: an@dan.example.vn")
    expect(owner.page.get_by_text("Đã đưa ra khỏi danh sách.")).to_be_visible()
    for visit in (owner, reader):
        visit.close()
