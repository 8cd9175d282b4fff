"""Lists of readers: kept on a page, left with one click from a mail, and who left stays away."""

import pytest
from sqlalchemy import select

from broadcaster.services.actor import SYSTEM
from broadcaster.store.tables import AuditEntry, MailReader
from tests.cast import COMMUNE
from tests.web.areas.letters import make
from tests.web.house import Browser, House

pytestmark = pytest.mark.pages


@pytest.fixture
def path(house: House) -> str:
    """The page of a list of the commune."""
    with house.database.transaction() as session:
        made = make(session, "mail_list", COMMUNE, SYSTEM, SYSTEM, house.clock())
    return f"/channels/{made['channel_id']}/readers"


@pytest.fixture
def owner(house: House) -> Browser:
    return house.browser(house.cast.owner)


def readers(house: House) -> dict[str, bool]:
    """Every address there ever was, and whether it is on the list."""
    with house.database.read() as session:
        return {row.address: row.left_at is None for row in session.scalars(select(MailReader))}


def link(house: House) -> str:
    """What stands in the mails of the only reader."""
    with house.database.read() as session:
        return f"/leave/{session.scalars(select(MailReader.secret)).one()}"


def test_addresses_are_pasted_and_taken_off_again(house: House, owner: Browser, path: str) -> None:
    assert "Chưa có ai trong danh sách" in owner.get(path).text
    page = owner.send(path, path, {"addresses": "an@dan.example.vn\nBình <binh@dan.example.vn>"})
    assert "2 người đang nhận" in page.text
    with house.database.read() as session:
        an = session.scalars(select(MailReader.id).where(MailReader.address == "an@dan.example.vn")).one()
    page = owner.send(path, path, {"remove": an})
    assert "Đã đưa ra khỏi danh sách." in page.text
    assert readers(house) == {"an@dan.example.vn": False, "binh@dan.example.vn": True}


def test_what_is_no_address_stays_in_the_field(house: House, owner: Browser, path: str) -> None:
    page = owner.send(path, path, {"addresses": "an@dan.example.vn\nchi-dan\n<b>x</b>"})
    assert "Không phải địa chỉ thư điện tử: chi-dan, &lt;b&gt;x&lt;/b&gt;" in page.text
    assert ">chi-dan\n&lt;b&gt;x&lt;/b&gt;</textarea>" in page.text
    assert readers(house) == {"an@dan.example.vn": True}


def test_one_click_of_a_mail_program_leaves_at_once(house: House, owner: Browser, path: str) -> None:
    owner.send(path, path, {"addresses": "an@dan.example.vn"})
    nobody = house.stranger_to_all().client
    click = {"data": {"List-Unsubscribe": "One-Click"}, "headers": {"sec-fetch-site": "cross-site"}}
    assert nobody.get(link(house)).status_code == 200
    assert readers(house) == {"an@dan.example.vn": True}
    for _ in range(2):
        answer = nobody.post(link(house), **click)
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
        assert "Ông/bà đã thôi nhận thư." in answer.text
        assert "an@dan" not in answer.text
    assert readers(house) == {"an@dan.example.vn": False}


def test_who_left_stays_away_until_they_ask(house: House, owner: Browser, path: str) -> None:
    owner.send(path, path, {"addresses": "an@dan.example.vn"})
    nobody = house.stranger_to_all().client
    nobody.post(link(house))
    page = owner.send(path, path, {"addresses": "an@dan.example.vn binh@dan.example.vn"})
    assert "không được thêm lại" in page.text
    assert readers(house) == {"an@dan.example.vn": False, "binh@dan.example.vn": True}
    owner.send(path, path, {"addresses": "an@dan.example.vn", "asked_again": "yes"})
    assert readers(house) == {"an@dan.example.vn": True, "binh@dan.example.vn": True}


def test_who_left_by_mistake_comes_back_by_the_same_link(house: House, owner: Browser, path: str) -> None:
    owner.send(path, path, {"addresses": "an@dan.example.vn"})
    nobody = house.stranger_to_all().client
    nobody.post(link(house))
    cross = {"headers": {"sec-fetch-site": "cross-site"}}
    assert nobody.post(link(house), data={"do": "back"}, **cross).status_code == 403
    assert nobody.post(link(house), data={"do": "back"}).status_code == 200
    assert readers(house) == {"an@dan.example.vn": True}


def test_the_log_book_tells_how_many_and_not_who(house: House, owner: Browser, path: str) -> None:
    owner.send(path, path, {"addresses": "an@dan.example.vn"})
    house.stranger_to_all().client.post(link(house))
    with house.database.read() as session:
        entries = list(session.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "channel")))
    assert [(entry.action, entry.details) for entry in entries][-2:] == [("readers", {"count": 1}), ("reader_left", {})]
    assert "dan.example.vn" not in "".join(str(vars(entry)) for entry in entries)
    book = owner.get("/audit").text
    assert "Một người đã rời danh sách thư “Thư báo”." in book
    assert "dan.example.vn" not in book


def test_a_long_list_comes_in_pages(owner: Browser, path: str) -> None:
    many = "\n".join(f"nguoi{number}@dan.example.vn" for number in range(60))
    page = owner.send(path, path, {"addresses": many}).text
    assert page.count("@dan.example.vn</span>") == 50
    older = page.partition(f'href="{path}?after=')[2].partition('"')[0]
    assert owner.get(f"{path}?after={older}").text.count("@dan.example.vn</span>") == 10


def test_links_that_lead_nowhere_cannot_be_tried_for_ever(house: House) -> None:
    nobody = house.stranger_to_all().client
    answers = [nobody.get(f"/leave/{number}").status_code for number in range(31)]
    assert answers == [404] * 30 + [429]


def test_nobody_fills_the_book_by_leaving_and_coming_back(house: House, owner: Browser, path: str) -> None:
    owner.send(path, path, {"addresses": "an@dan.example.vn"})
    mail = link(house)
    reader = house.stranger_to_all().client
    comings = []
    for _ in range(11):
        assert reader.post(mail).status_code == 200
        comings.append(reader.post(mail, data={"do": "back"}).status_code)
    assert comings == [200] * 10 + [429]
    # Leaving is never refused.
    assert reader.post(mail).status_code == 200
