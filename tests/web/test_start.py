"""The first steps without a script: left and resumed, refused and kept; chat groups; the pretend loudspeaker."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import func, select

from broadcaster import app, settings
from broadcaster.demo.stand_in_chat import TOKEN, Desk, StandInChat
from broadcaster.home import Home
from broadcaster.services.airtime import airings
from broadcaster.services.places import beginning
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.store.database import Database
from broadcaster.store.tables import Announcement, Channel, Delivery, Person, Speaker, Unit
from broadcaster.web.application import create_app
from broadcaster.web.shown.places import connected
from broadcaster.web.shown.sight import sight
from broadcaster.web.shown.tree import forest
from tests.cast import COMMUNE, SPEAKERS, VILLAGES, Cast, approved
from tests.services.test_village_lists import LIST, workbook
from tests.web.house import Browser, Clock, House, furnish

pytestmark = pytest.mark.pages

OWNER = {"name": "Quản trị xã", "login": "quan-tri", "password": "tiếng loa buổi sớm"}


@pytest.fixture
def empty(database: Database, tmp_path: Path) -> House:
    """A house nobody has moved into."""
    clock = Clock()
    context = furnish(database, tmp_path, clock)
    return House(create_app(context), context, cast("Cast", None), clock)


@pytest.fixture
def chat() -> Iterator[StandInChat]:
    with StandInChat(Desk(groups={"g1": "Nhóm đóng thế"})) as running:
        yield running


def door(house: House) -> str:
    with house.database.transaction() as session:
        return f"/start/{beginning.open_door(session)}"


def csrf_of(browser: Browser, path: str) -> str:
    return browser.get(path).text.partition('name="csrf" value="')[2].partition('"')[0]


def moved_in(house: House) -> Browser:
    browser = house.stranger_to_all()
    answer = browser.client.post(door(house), data=OWNER, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/start")
    return browser


def test_the_owner_is_made_once_and_is_in(empty: House) -> None:
    address, browser = door(empty), empty.stranger_to_all()
    weak = browser.client.post(address, data=OWNER | {"password": "ngắn"})
    assert (weak.status_code, OWNER["name"] in weak.text) == (422, True)
    assert browser.client.post(address, data=OWNER, follow_redirects=False).headers["location"] == "/start"
    assert "Bước đầu" in browser.get("/start").text
    assert browser.get("/", accept="text/html").url.path == "/start"
    for again in (browser.get(address), browser.client.post(address, data=OWNER)):
        assert again.status_code == 401
    with empty.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_a_form_from_elsewhere_makes_nobody(empty: House) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    assert empty.stranger_to_all().client.post(door(empty), data=OWNER, headers=headers).status_code == 403


def test_before_the_commune_is_named_every_step_leads_there(empty: House) -> None:
    browser = moved_in(empty)
    for step in ("villages", "speaker", "sentence"):
        assert browser.get(f"/start/{step}").url.path == "/start/commune"
    refused = browser.send("/start/commune", "/start/commune", {"name": "Xã Yên Châu", "zone": "Asia/Nowhere"})
    assert (refused.status_code, "Xã Yên Châu" in refused.text) == (422, True)
    assert browser.send("/start/commune", "/start/commune", {"name": "Xã Yên Châu", "zone": "Asia/Bangkok"}).is_success
    tested = browser.client.post("/start/test/commune", data={"csrf": csrf_of(browser, "/start")})
    assert "Ở Xã Yên Châu bây giờ là 10:00." in tested.text


def test_a_start_says_the_address_only_while_nobody_is_there(
    empty: House, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = settings.load({}, data=tmp_path)
    ground = app.Ground(found, empty.database, Home(tmp_path), empty.context.signing)
    app.invite(ground)
    said = capsys.readouterr().out
    path = said[said.index("/start/") :].strip()
    browser = empty.stranger_to_all()
    assert browser.get(path).status_code == 200
    assert browser.client.post(path, data=OWNER, follow_redirects=False).status_code == 303
    app.invite(ground)
    assert capsys.readouterr().out == ""


def test_a_workbook_is_shown_and_then_written_once(house: House) -> None:
    browser = house.browser(house.cast.owner)
    csrf = csrf_of(browser, "/start/villages")
    files = {"file": ("thon.xlsx", workbook(LIST))}
    shown = browser.client.post("/start/villages", data={"csrf": csrf, "do": "preview"}, files=files)
    for words in ("Bản Mường Vạt", "Mới", "Đã có", "Bổ sung", "Tên này có hai lần", "Tên cũ còn là đơn vị riêng"):
        assert words in shown.text
    with house.database.read() as session:
        assert session.get(Unit, "ban-muong-vat") is None
    text = shown.text.partition('<textarea name="list" hidden>\n')[2].partition("</textarea>")[0]
    kept = {"csrf": csrf, "once": "0" * 32, "list": text}
    assert text.rstrip() in browser.client.post("/start/villages", data=kept | {"do": "back"}).text
    for _ in range(2):
        assert browser.client.post("/start/villages", data=kept | {"do": "write"}).is_success
    with house.database.read() as session:
        assert session.get_one(Unit, "ban-muong-vat").former_names == ["Bản Tà Làng", "Bản Lắc Kén"]


def test_a_file_that_is_no_list_is_refused_and_what_was_typed_stays(house: House) -> None:
    browser = house.browser(house.cast.owner)
    csrf = csrf_of(browser, "/start/villages")
    files = {"file": ("anh.png", b"\x89PNG\r\n\x1a\n\x00")}
    refused = browser.client.post("/start/villages", data={"csrf": csrf, "list": "Bản mới"}, files=files)
    assert (refused.status_code, "Bản mới" in refused.text) == (422, True)


def test_each_step_has_a_test_and_nothing_else_is_one(house: House) -> None:
    browser = house.browser(house.cast.owner)
    sent = {"csrf": csrf_of(browser, "/start")}
    browser.client.post("/start/pretend", data=sent | {"unit": VILLAGES[0]})
    with house.database.transaction() as session:
        session.get_one(Speaker, SPEAKERS[0]).revoked_at = house.clock()
    for step, said in (
        ("villages", "3 thôn, bản; trong đó 1 nơi chưa có loa."),
        ("speaker", "chưa có tín hiệu"),
        ("group", "Chưa có nhóm"),
    ):
        assert said in browser.client.post(f"/start/test/{step}", data=sent).text
    assert browser.client.post("/start/test/none", data=sent).status_code == 404


def test_a_sentence_is_a_draft_for_the_pretend_loudspeaker_alone(house: House) -> None:
    browser = house.browser(house.cast.owner)
    browser.send("/start/speaker", "/start/pretend", {"unit": VILLAGES[0]})
    assert browser.send("/start/sentence", "/start/sentence", {"text": " "}).status_code == 422
    shown = browser.send("/start/sentence", "/start/sentence", {"text": "Mời bà con nghe thử. " * 6})
    assert "<audio" in shown.text
    with house.database.read() as session:
        row = session.scalars(select(Announcement)).one()
        assert (row.title, row.state) == ("Mời bà con nghe thử. Mời bà con nghe thử. Mời bà con nghe …", "draft")
        assert [(one.kind, session.get_one(Speaker, one.ref).pretend) for one in row.audience] == [("speaker", True)]


def test_a_group_is_added_tried_and_its_secret_shown_to_nobody(house: House, chat: StandInChat) -> None:
    browser = house.browser(house.cast.owner)
    typed = {"name": "Nhóm đóng thế", "unit": COMMUNE, "secret": TOKEN}
    typed |= {"setting-chat_id": "g1", "setting-base_url": chat.url}
    lacking = browser.send("/channels/new", "/channels/new", typed | {"secret": ""})
    assert (lacking.status_code, "Mã bot" in lacking.text, "Nhóm đóng thế" in lacking.text) == (422, True, True)
    made = browser.send("/channels/new", "/channels/new", typed)
    path = made.url.path
    assert "Chưa thử" in made.text
    assert "được phép vào nhóm" in browser.send(path, path, {"do": "test"}).text
    assert "đã nhận tin thử" in browser.send(path, path, {"do": "post"}).text
    assert len(chat.received) == 1
    assert "Đã tắt" in browser.send(path, path, {"do": "off"}).text
    assert "Nhận tin tốt" in browser.send(path, path, {"do": "on"}).text
    gone = browser.send(path, path, typed | {"setting-chat_id": "g2", "do": "save", "secret": ""})
    assert TOKEN not in gone.text + browser.get("/channels").text + browser.get("/audit").text
    assert "Không có nhóm này" in browser.send(path, path, {"do": "post"}).text
    with house.database.read() as session:
        assert session.scalars(select(Channel.secret)).one() == TOKEN


def test_what_the_pretend_page_says_is_signed_and_nudges_the_board(house: House) -> None:
    browser = house.browser(house.cast.owner)
    here = browser.send("/start/speaker", "/start/pretend", {"unit": VILLAGES[0]}).url.path
    speaker = here.rpartition("/")[2]
    with house.database.transaction() as session:
        row = approved(session, house.cast, audience=[AudienceChoice("speaker", speaker)])
        airing = airings.air(session, house.cast.clerk, row.id, at=None, now=house.clock()).id
    assert f'data-due="{airing}"' in browser.get(f"{here}/now").text
    csrf = browser.get(here).text.partition('data-csrf="')[2].partition('"')[0]
    told = {"csrf": csrf, "airing": airing, "event": "started"}
    assert browser.client.post(f"{here}/said", data=told).json() == {"airings": [airing]}
    assert browser.client.post(f"{here}/said", data=told).status_code == 409
    assert browser.client.post(f"{here}/said", data=told | {"csrf": "x"}).status_code == 403
    assert f'data-playing="{airing}"' in browser.get(f"{here}/now").text
    assert "Loa thử, không tính" in browser.get(f"/airings/{airing}").text
    assert f'href="{here}"' in browser.get(f"/speakers/{speaker}").text
    assert "Loa thử, không tính" in browser.get("/speakers").text
    assert browser.get(f"/pretend/{SPEAKERS[0]}").status_code == 404
    with house.database.read() as session:
        assert session.get_one(Delivery, (airing, speaker)).state == "started"


def test_a_pretend_loudspeaker_is_in_no_count(house: House) -> None:
    with house.database.read() as session:
        seen = sight(session, house.cast.owner)
        before = connected(session, seen), forest(session, seen)
    house.browser(house.cast.owner).send("/start/speaker", "/start/pretend", {"unit": VILLAGES[0]})
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Speaker).where(Speaker.pretend)) == 1
        assert (connected(session, seen), forest(session, seen)) == before
