"""A resident is told on their telephone, says how it was, and reads what the commune answered."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from broadcaster.mirrors.push_worker import PushWorker
from broadcaster.services.airtime import airings
from broadcaster.services.outlets.vapid import Vapid, new_pem
from broadcaster.web.application import create_app
from tests import cast
from tests.browser.conftest import listening
from tests.browser.visit import Visit
from tests.databases import Server
from tests.mirrors.stand_ins.push_service import Browser as Subscribed
from tests.mirrors.stand_ins.push_service import PushService
from tests.web.house import House, build

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
Served = tuple[House, str]
VAPID = Vapid(new_pem(), "https://loa.example", private=True)

# The browser of a test has no maker's service behind it: this stands in for it, and keeps what it was asked.
SUBSCRIBE = """({endpoint, keys}) => {
  const kept = () => JSON.parse(sessionStorage.getItem("kept") || "null");
  const made = () => ({ endpoint, toJSON: () => ({ endpoint, keys }),
    unsubscribe: async () => sessionStorage.removeItem("kept") });
  PushManager.prototype.getSubscription = async () => kept() && made();
  PushManager.prototype.subscribe = async (wish) => {
    sessionStorage.setItem("kept", JSON.stringify([...wish.applicationServerKey]));
    return made();
  };
}"""


@pytest.fixture(scope="module")
def village(sqlite_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A house that has a key for push services."""
    with sqlite_server.database() as database:
        plain = build(database, tmp_path_factory.mktemp("village"))
        house = replace(plain, app=create_app(replace(plain.context, vapid=VAPID)))
        with listening(house) as url:
            yield house, url


def delivered(page: Page, url: str, shown: dict[str, Any]) -> None:
    """What the maker's service does last: wake the script of the page with what was decrypted."""
    session = page.context.new_cdp_session(page)
    found: list[str] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda it: found.extend(_ids(it, "/n/")))
    session.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(20)
    wanted = {"origin": url, "registrationId": found[0], "data": json.dumps(shown)}
    session.send("ServiceWorker.deliverPushMessage", wanted)


def _ids(event: dict[str, Any], path: str) -> list[str]:
    return [one["registrationId"] for one in event["registrations"] if path in one["scopeURL"]]


def test_from_the_notice_on_the_telephone_to_the_answer(chromium: Browser, village: Served) -> None:
    house, url = village
    with PushService(VAPID.public, house.clock()).open() as service:
        browser = service.browser()
        resident = Visit(chromium, village, None, worker=True)
        resident.page.context.grant_permissions(["notifications"], origin=url)
        keys = {"p256dh": browser.p256dh, "auth": browser.auth}
        resident.page.add_init_script(f"({SUBSCRIBE})({json.dumps({'endpoint': browser.endpoint, 'keys': keys})})")
        subscribe(resident)
        public_id = aired(house)
        shown = told(house, service, browser)
        delivered(resident.page, url, shown)
        there = "navigator.serviceWorker.getRegistration('/n/ban-na-pan/').then((it) => it.getNotifications())"
        resident.page.wait_for_function(f"{there}.then((all) => all.length === 1)")
        assert resident.page.evaluate(f"{there}.then((all) => [all[0].title, all[0].data])") == [
            "Họp bản",
            f"{house.context.settings.public_url}/n/{public_id}",
        ]
        leave(resident)
    answered(chromium, village, resident, public_id)
    resident.close()


def subscribe(resident: Visit) -> None:
    resident.go("/ban-na-pan")
    expect(resident.page.get_by_role("heading", name="Báo trên máy này")).to_be_visible()
    resident.judge("resident-village")
    resident.squeeze("resident-village")
    resident.press("Nhận báo trên máy này")
    expect(resident.page.get_by_text("Máy này đang nhận báo.")).to_be_visible()


def aired(house: House) -> str:
    with house.database.transaction() as session:
        row = cast.approved(session, house.cast)
        airing = airings.air(session, house.cast.clerk, row.id, at=None, now=house.clock())
        # Until it begins nobody is told.
        house.clock.at = airing.begins
        return row.public_id


def told(house: House, service: PushService, browser: Subscribed) -> dict[str, Any]:
    """Our own worker tells the service, and the browser opens it."""
    worker = PushWorker(
        house.database,
        VAPID,
        public_url=house.context.settings.public_url,
        now=house.clock,
        on_fatal=lambda _name, error: pytest.fail(str(error)),
    )
    worker.start()
    until = time.monotonic() + 10
    while not service.taken and time.monotonic() < until:
        time.sleep(0.02)
    assert worker.stop()
    (taken,) = service.taken
    return browser.opened(taken.body)


def leave(resident: Visit) -> None:
    resident.go("/ban-na-pan")
    resident.press("Thôi nhận báo")
    expect(resident.page.get_by_text("Máy này đang nhận báo.")).to_be_hidden()


def answered(chromium: Browser, village: Served, resident: Visit, public_id: str) -> None:
    resident.go(f"/n/{public_id}")
    resident.judge("resident-announcement")
    resident.page.get_by_text("Nói thêm").click()
    resident.page.get_by_label("Lời nhắn gửi xã").fill("Đầu bản nghe không rõ")
    resident.press("Loa nhỏ quá")
    expect(resident.page.get_by_role("heading", name="Cảm ơn bà con đã góp ý.")).to_be_visible()
    resident.judge("resident-thanks")

    clerk = Visit(chromium, village, village[0].cast.clerk)
    clerk.go("/")
    clerk.page.get_by_text("Menu", exact=True).click()
    clerk.follow("Bà con góp ý")
    expect(clerk.page.get_by_text("Đầu bản nghe không rõ")).to_be_visible()
    clerk.judge("feedback")
    clerk.page.locator("summary", has_text="Trả lời").click()
    clerk.page.get_by_label("Trả lời", exact=True).fill("Xã sẽ chỉnh loa đầu bản.")
    clerk.page.get_by_label("Đăng câu trả lời ở trang của thông báo").check()
    clerk.press("Lưu câu trả lời")
    expect(clerk.page.get_by_text("Bà con đọc được câu trả lời")).to_be_visible()
    clerk.close()

    resident.follow("Quay lại")
    expect(resident.page.get_by_text("Xã sẽ chỉnh loa đầu bản.")).to_be_visible()
    resident.judge("resident-answered")
