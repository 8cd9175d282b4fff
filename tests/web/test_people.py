"""The people somebody looks after: found, invited, given roles and taken them from, let go and let in again."""

import re
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlencode

import openpyxl
import pytest
from httpx import Response
from sqlalchemy import select

from broadcaster.domain.permissions import Role
from broadcaster.store.tables import Grant, Person
from tests.cast import COMMUNE, VILLAGES
from tests.web.house import Browser, House

pytestmark = pytest.mark.pages
RIGHT = "sông Đà mùa nước đỏ"
CHOSEN = {"unit": COMMUNE, "role": "village_head"}


@pytest.fixture
def owner(house: House) -> Browser:
    """The owner, who proved themselves just now."""
    browser = house.browser(house.cast.owner)
    browser.send("/people/" + house.cast.clerk.person_id, "/people/prove", {"code": house.code(house.cast.owner)})
    return browser


def found(browser: Browser, **wanted: str) -> list[str]:
    return re.findall(
        r'class="tile-title" href="/people/[0-9a-f]+">([^<]+)<', browser.get(f"/people?{urlencode(wanted)}").text
    )


def invite(owner: Browser, **typed: str) -> tuple[Response, str]:
    wish = {"name": "Lò Thị Mai", "unit": COMMUNE, "role": "clerk"}
    answer = owner.send("/people/new", "/people", wish | typed)
    link = re.search(r"/sign-in/[\w-]{43}", answer.text)
    return answer, link.group(0) if link else ""


def test_found_without_diacritics_by_place_and_by_role(house: House, owner: Browser) -> None:
    assert found(owner, q="truong ban") == ["Trưởng bản"]
    assert found(owner, q="PHÓ tịch") == ["Phó chủ tịch"]
    assert found(owner, q="phó xã") == []
    assert found(owner, q="pho-chu-tich") == ["Phó chủ tịch"]
    assert found(owner, unit=VILLAGES[0]) == ["Trưởng bản"]
    assert found(owner, role="owner") == ["Quản trị xã"]
    assert "Cán bộ xã khác" not in found(owner)
    assert "Không tìm thấy ai." in owner.get("/people?q=khong-co").text


def test_invited_they_choose_a_password_and_are_in(house: House, owner: Browser) -> None:
    answer, link = invite(owner)
    assert "<svg" in answer.text
    assert link not in owner.get("/people").text
    guest = house.stranger_to_all()
    page = guest.get(link).text
    assert "Xin chào Lò Thị Mai" in page
    assert 'value="lo-thi-mai"' in page
    short = guest.client.post(link, data={"password": "ngắn", "password_again": "ngắn"})
    assert (short.status_code, "ít nhất 10 ký tự" in short.text) == (422, True)
    assert guest.client.post(link, data={"password": RIGHT, "password_again": "khác"}).status_code == 422
    guest.client.post(link, data={"password": RIGHT, "password_again": RIGHT})
    assert guest.get("/announcements/new").status_code == 200
    assert house.stranger_to_all().get(link).status_code == 401


def test_what_was_typed_stays_when_it_is_refused(owner: Browser) -> None:
    answer, link = invite(owner, login="can-bo-van-hoa")
    assert (answer.status_code, link) == (409, "")
    assert 'value="Lò Thị Mai"' in answer.text


def test_a_change_needs_a_second_factor_given_lately(house: House) -> None:
    owner = house.browser(house.cast.owner)
    clerk = f"/people/{house.cast.clerk.person_id}"
    assert "Để thay đổi ở trang này" in owner.get(clerk).text
    assert "/roles" not in owner.get(clerk).text
    assert invite(owner)[0].status_code == 403
    csrf = re.findall(r'name="csrf" value="([^"]+)"', owner.get(clerk).text)[0]
    for action in ("roles", "roles/take", "close", "open", "sessions/end", "factor-reset", "invite"):
        answer = owner.client.post(f"{clerk}/{action}", data={"csrf": csrf, "role": "clerk", "unit": COMMUNE})
        assert answer.status_code == 403, action
    assert invite(owner, code=house.code(house.cast.owner))[0].status_code == 200
    assert invite(owner, name="Người thứ hai")[0].status_code == 200
    house.clock.at += timedelta(minutes=10)
    assert invite(owner, name="Người thứ ba")[0].status_code == 403


def test_an_owner_without_one_is_told_to_get_one(house: House) -> None:
    owner = house.browser(house.cast.owner)
    owner.send(
        "/me",
        re.findall(r"/me/factors/[0-9a-f]+/remove", owner.get("/me").text)[0],
        {"code": house.code(house.cast.owner)},
    )
    assert "Người quản lý tài khoản nên bật" in owner.get("/people").text
    assert invite(owner)[0].status_code == 200


def test_roles_are_given_and_taken_back(house: House, owner: Browser) -> None:
    person = house.cast.village_head.person_id
    at = f"/people/{person}"
    owner.send(at, f"{at}/roles", {"role": "clerk", "unit": VILLAGES[1]})
    assert house.browser(house.cast.village_head).get("/announcements/new").status_code == 200
    assert "Đã thu hồi vai trò." in owner.send(at, f"{at}/roles/take", {"role": "clerk", "unit": VILLAGES[1]}).text
    with house.database.read() as session:
        assert session.scalars(select(Grant.role).where(Grant.person_id == person)).all() == ["village_head"]
    gone = owner.send(at, f"{at}/roles/take", {"role": "village_head", "unit": VILLAGES[0]})
    assert gone.url.path == "/people"
    assert owner.get(at).status_code == 404
    me = f"/people/{house.cast.owner.person_id}"
    assert owner.send(me, f"{me}/roles/take", {"role": "owner", "unit": COMMUNE}).status_code == 409


def test_let_go_and_let_in_again(house: House, owner: Browser) -> None:
    head, at = house.browser(house.cast.village_head), f"/people/{house.cast.village_head.person_id}"
    assert "Đã đăng xuất ở đó." in owner.send(at, f"{at}/sessions/end").text
    assert head.get("/").url.path == "/sign-in"
    head = house.browser(house.cast.village_head)
    assert "Đã khóa" in owner.send(at, f"{at}/close").text
    assert head.get("/").url.path == "/sign-in"
    assert "Đã mở lại tài khoản." in owner.send(at, f"{at}/open").text
    assert house.browser(house.cast.village_head).get("/").url.path == "/"
    me = f"/people/{house.cast.owner.person_id}"
    assert "Khóa tài khoản" not in owner.get(me).text
    csrf = re.findall(r'name="csrf" value="([^"]+)"', owner.get(me).text)[0]
    assert owner.client.post(f"{me}/close", data={"csrf": csrf}).status_code == 409


def test_name_telephone_and_languages(house: House, owner: Browser) -> None:
    at = f"/people/{house.cast.village_head.person_id}"
    owner.send(at, at, {"name": "Trưởng bản Nà Pản", "phone": "0912 345 678", "speak": ["hmn", "vi"]})
    with house.database.read() as session:
        row = session.get_one(Person, house.cast.village_head.person_id)
        assert (row.name, row.phone) == ("Trưởng bản Nà Pản", "0912 345 678")
    assert "0912 345 678" in owner.get(at).text


def workbook(rows: list[list[str]]) -> bytes:
    book, out = openpyxl.Workbook(), BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_looked_at_then_made_and_its_links_are_taken_along_once(house: House, owner: Browser) -> None:
    rows = [["Họ tên", "Đơn vị", "Vai trò"], ["@Lò Văn An", "Bản Nà Pản", ""], ["Quàng Thị Hoa", "", "Người duyệt"]]
    rows += [["Ai đó", "Bản nào đấy", ""]]
    page = owner.send("/people/list", "/people/list", CHOSEN, file=workbook(rows)).text
    assert "không có đơn vị nào tên như vậy" in page
    fields = dict(re.findall(r'name="(csrf|unit|role)" value="([^"]*)"', page.partition("/people/list/take")[2]))
    text = re.search(r'<textarea name="rows" hidden>(.*?)</textarea>', page, re.DOTALL)
    assert text
    made = owner.client.post("/people/list/take", data=fields | {"rows": text.group(1)})
    assert "Đã tạo 2 tài khoản." in made.text
    form = dict(re.findall(r'name="(csrf|ids)" value="([^"]*)"', made.text.partition("/people/list/links")[2]))
    links = owner.client.post("/people/list/links", data=form)
    assert links.headers["content-disposition"].startswith("attachment")
    assert "'@Lò Văn An" in links.text
    assert len(secrets := re.findall(r"/sign-in/[\w-]{43}", links.text)) == 2
    assert all("Xin chào" in house.stranger_to_all().get(secret).text for secret in secrets)
    again = owner.client.post("/people/list/take", data=fields | {"rows": text.group(1)})
    assert "Đã tạo 0 tài khoản." in again.text
    with house.database.read() as session:
        assert session.scalar(select(Grant.role).join(Person).where(Person.name == "Quàng Thị Hoa")) == Role.APPROVER


@pytest.mark.parametrize(
    ("sent", "said"),
    [(b"", "Danh sách không có ai."), (b"PK\x03\x04xx", "list"), (b"\xff\xff\xff", "list"), (b"\n" * 9, "Danh sách")],
)
def test_a_file_that_is_no_list_is_refused(owner: Browser, sent: bytes, said: str) -> None:
    files = {"file": sent} if sent else {}
    answer = owner.send("/people/list", "/people/list", CHOSEN | {"text": ""}, **files)
    assert answer.status_code == 422
    assert said in answer.text or "tệp" in answer.text.lower()
