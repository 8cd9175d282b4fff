"""The pages of others' alerts, and the address they are posted to."""

import pytest
from starlette.testclient import TestClient

from broadcaster.domain.cap.message import Area, Status
from broadcaster.domain.cap.writing import to_xml
from broadcaster.services.actor import Actor
from broadcaster.services.alarms import cap_in
from broadcaster.store.tables import CapSource, Unit
from tests.cap.senders import RULE, SEAL, SENDER, Sender, known, storm
from tests.cast import COMMUNE, OTHER_VILLAGE
from tests.web.house import House

pytestmark = pytest.mark.pages

FORM = {
    "name": "Đài khí tượng",
    "unit": COMMUNE,
    "senders": SENDER,
    "trust": "signature",
    "certificate": SEAL.certificate_pem.decode(),
}


def added(house: House) -> str:
    """The source's own page."""
    answer = house.browser(house.cast.owner).send("/cap-sources/new", "/cap-sources/new", FORM)
    assert "Đài khí tượng" in answer.text
    return str(answer.url).removeprefix("http://testserver").partition("?")[0]


def ordered(house: House, page: str, who: Actor, do: str, **more: object) -> str:
    sent = {"do": do, "code": house.code(who), **more}
    return house.browser(who).send(page, f"{page}/order", sent).text


def test_a_source_is_added_changed_and_switched_off(house: House) -> None:
    page, owner = added(house), house.browser(house.cast.owner)
    assert "Mọi cảnh báo đều chờ người xem xét." in owner.get(page).text
    assert "Đài tỉnh" in owner.send(page, page, FORM | {"name": "Đài tỉnh", "do": "save"}).text
    assert "Bật" in owner.send(page, page, {"do": "off"}).text


@pytest.mark.parametrize(
    "changes",
    [
        {"certificate": "x"},
        {"senders": ""},
        {"senders": "a b"},
        {"trust": "pinned"},
        {"url": "file:///etc/passwd"},
        {"trust": "pinned", "url": "http://alerts.example/feed"},
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(house: House, changes: dict[str, str]) -> None:
    browser = house.browser(house.cast.owner)
    answer = browser.send("/cap-sources/new", "/cap-sources/new", FORM | changes)
    assert answer.status_code == 422
    assert "Đài khí tượng" in answer.text


def test_two_people_order_and_one_ends_it(house: House) -> None:
    page, cast = added(house), house.cast
    assert "Phó chủ tịch đề nghị" in ordered(house, page, cast.approver, "ask", **RULE)
    about = house.browser(cast.owner).get(page).text.partition('name="about" value="')[2].partition('"')[0]
    assert "Phó chủ tịch đề nghị, Chủ tịch đồng ý." in ordered(house, page, cast.second_approver, "grant", about=about)
    assert "Có cảnh báo được phát tự động" in house.browser(cast.clerk).get("/cap-sources").text
    house.browser(cast.clerk).send(page, f"{page}/order", {"do": "end"})
    assert "Mọi cảnh báo đều chờ người xem xét." in house.browser(cast.clerk).get(page).text


def test_whoever_asked_does_not_agree(house: House) -> None:
    page, cast = added(house), house.cast
    ordered(house, page, cast.approver, "ask", **RULE)
    about = house.browser(cast.approver).get(page).text.partition('name="about" value="')[2].partition('"')[0]
    assert "mà bạn lại là người đề nghị" in ordered(house, page, cast.approver, "grant", about=about)
    assert "Mọi cảnh báo đều chờ người xem xét." in house.browser(cast.clerk).get(page).text


def test_a_signed_alert_is_posted_and_seen_and_anything_else_is_refused(house: House) -> None:
    with house.database.transaction() as session:
        source = known(session, house.cast).id
    sender, outside = Sender(), house.stranger_to_all().client
    house.clock.at = sender.message().sent
    good = sender.message()
    taken = outside.post(f"/cap/in/{source}", content=sender.signed(good))
    assert (taken.status_code, taken.json()) == (200, {"state": "drafted", "code": ""})
    assert outside.post(f"/cap/in/{source}", content=sender.signed(good)).json()["state"] == "drafted"
    for body in (to_xml(sender.message()), b"", b"<html/>", b"x" * 600_000):
        assert outside.post(f"/cap/in/{source}", content=body).status_code == 422
    assert outside.post("/cap/in/nobody", content=sender.signed(good)).status_code == 404
    assert "Đọc rồi gửi" in house.browser(house.cast.clerk).get("/").text
    seen = house.browser(house.cast.clerk).get("/cap-sources").text
    assert "Tin bão khẩn cấp" in seen
    assert "Chờ người xem xét" in seen


def test_whoever_completes_a_draft_reads_what_its_area_leaves_open(house: House) -> None:
    sender = Sender()
    with house.database.transaction() as session:
        session.get_one(Unit, OTHER_VILLAGE).name = "Bản Nà Pản"
        area = Area("Bản Nà Pản, xã Nào Đó")
        raw = sender.signed(sender.message(infos=(storm(areas=(area,)),)))
        row = cap_in.receive(session, known(session, house.cast), raw, pinned=False, now=house.clock())
        made = row.announcement_id
    for path in (f"/announcements/{made}", f"/emergency/at/{made}/edit"):
        shown = house.browser(house.cast.clerk).get(path).text
        assert "hãy tự chọn:</p>" in shown.replace(" <b>Bản Nà Pản</b>", "")
        assert "<b>xã Nào Đó</b>" in shown


def test_rubbish_of_others_leaves_the_source_its_voice(house: House) -> None:
    with house.database.transaction() as session:
        source = known(session, house.cast).id
    sender = Sender()
    house.clock.at = sender.message().sent
    stranger, weather = (TestClient(house.app, client=(address, 1)) for address in ("192.0.2.7", "192.0.2.8"))
    refused = [stranger.post(f"/cap/in/{source}", content=b"<alert/>") for _ in range(61)]
    assert [answer.status_code for answer in refused] == [422] * 60 + [429]
    assert {answer.json()["code"] for answer in refused} == {"cap_refused", "too_many"}
    for _ in range(61):
        status = weather.post(f"/cap/in/{source}", content=sender.signed(sender.message(status=Status.TEST)))
        assert status.status_code == 200


def test_a_source_that_is_off_takes_nothing(house: House) -> None:
    with house.database.transaction() as session:
        source = known(session, house.cast)
        source.enabled = False
        name = source.id
    sender = Sender()
    answer = house.stranger_to_all().client.post(f"/cap/in/{name}", content=sender.signed(sender.message()))
    assert answer.status_code == 404


def test_words_of_a_stranger_stay_words(house: House) -> None:
    with house.database.transaction() as session:
        source = known(session, house.cast)
        source.name, name = "<script>alert(1)</script>", source.id
    shown = house.browser(house.cast.owner).get("/cap-sources").text
    assert "<script>alert(1)" not in shown
    with house.database.read() as session:
        assert session.get_one(CapSource, name).name.startswith("<script>")
