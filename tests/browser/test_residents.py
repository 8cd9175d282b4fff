"""A resident looks for what was missed: reads it, searches for it, and sees what was changed and taken back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from broadcaster.services.writing.announcements import DraftVersion
from tests.browser.conftest import listening
from tests.browser.visit import Visit
from tests.databases import Server
from tests.residents.village import VILLAGE, Home, settled
from tests.web.house import House, build

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
MEETING = "Kính mời bà con đến nhà văn hoá lúc 19 giờ tối nay để nghe phổ biến lịch tiêm phòng cho đàn gia súc."
SPRAYING = (
    "Sáng mai phun thuốc diệt muỗi trong toàn xã. Đề nghị bà con đậy kín nguồn nước, thức ăn và đưa vật nuôi đi xa."
)


@pytest.fixture(scope="module")
def village(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A village to which a good deal was said."""
    with sqlite_server.database() as database:
        house = build(database, tmp_path_factory.mktemp("village"))
        tell(settled(house))
        with listening(house) as url:
            yield house, url


def tell(home: Home) -> None:
    for number in range(12):
        home.say(f"Đến hạn đóng tiền điện kỳ {number + 1}.", title=f"Tiền điện kỳ {number + 1}")
    both = [
        DraftVersion("vi", SPRAYING),
        DraftVersion("hmn", "Tag kis yuav txau tshuaj tua yoov."),
        DraftVersion("en", "Spraying."),
    ]
    home.say(title="Phun thuốc diệt muỗi", versions=both)
    meeting = home.say(MEETING, title="Họp bản")
    home.correct(meeting, MEETING.replace("19 giờ", "20 giờ"))
    home.withdraw(home.say("Ngày mai cắt nước cả ngày.", title="Cắt nước"), "Đã sửa xong đường ống sớm hơn dự kiến.")
    home.say("Đây là buổi diễn tập.", title="Diễn tập sơ tán", kind="drill")
    for hours in (4, 8, 24, 28):
        home.air(home.write(title="Bản tin của xã"), hours=hours)
    home.give_sound()
    home.alarm()


def test_a_resident_finds_what_was_missed(chromium: Browser, village: Served) -> None:
    visit = Visit(chromium, village, None)
    visit.go(f"/{VILLAGE}")
    expect(visit.page.get_by_role("alert")).to_contain_text("KHẨN CẤP")
    visit.judge("village")
    visit.squeeze("village")
    visit.resize("dark")
    visit.judge("village")
    visit.resize("phone")
    visit.page.get_by_label("Tìm trong các thông báo").fill("tien dien ky 3")
    visit.press("Tìm")
    expect(visit.page.get_by_role("heading", name="Tiền điện kỳ 3")).to_be_visible()
    visit.judge("village-found")
    visit.follow("Về trang chính")
    visit.follow("Thông báo cũ hơn")
    expect(visit.page.get_by_role("heading", name="Tiền điện kỳ 1", exact=True)).to_be_visible()
    visit.follow("Về trang chính")
    visit.follow("Họp bản")
    visit.page.get_by_text("Nội dung đã thay đổi").click()
    expect(visit.page.get_by_role("deletion")).to_have_text("19")
    visit.judge("permalink")
    visit.squeeze("permalink")
    visit.follow("English")
    expect(visit.page.get_by_role("heading", name="History")).to_be_visible()
    visit.close()


def test_it_all_works_without_scripts(chromium: Browser, village: Served) -> None:
    visit = Visit(chromium, village, None, scripts=False)
    visit.go(f"/{VILLAGE}")
    visit.page.get_by_label("Tìm trong các thông báo").fill("cat nuoc")
    visit.press("Tìm")
    expect(visit.page.get_by_text("Đã sửa xong đường ống")).to_be_visible()
    visit.follow("Cắt nước")
    expect(visit.page.get_by_text("đề nghị bà con không thực hiện theo")).to_be_visible()
    visit.follow("Xã Yên Châu")
    visit.follow("Bản Khoóng")
    expect(visit.page.get_by_role("heading", name="Bản Khoóng")).to_be_visible()
    visit.close()
