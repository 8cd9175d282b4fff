"""The village head forwards by hand: from Today to the page, the picture, *Forwarded*, and the board that counts it."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from broadcaster.services.writing import announcements
from broadcaster.store.tables import Airing, Announcement, Channel, MirrorCopy
from tests.cast import COMMUNE, VILLAGES
from tests.web.areas.copies import waiting
from tests.web.house import House, hidden_fields

pytestmark = pytest.mark.pages


@pytest.fixture
def pack(house: House) -> dict[str, str]:
    with house.database.transaction() as session:
        people = house.cast
        return waiting(session, "", COMMUNE, people.clerk, people.second_approver, house.clock())


def test_the_head_finds_it_on_today_forwards_it_and_the_board_says_who_did(house: House, pack: dict[str, str]) -> None:
    head, path = house.browser(house.cast.village_head), f"/share/{pack['copy_id']}"
    for here in ("/", "/share"):
        assert path in head.get(here).text
    shown = head.get(path).text
    assert "📢" in shown
    assert f"{path}/card.png" in shown
    done = head.send(path, f"{path}/forwarded", {})
    assert house.cast.village_head.name in done.text
    assert path not in head.get("/").text
    board = house.browser(house.cast.clerk).get(f"/airings/{pack['airing_id']}").text
    assert "Đã chuyển tiếp" in board
    assert house.cast.village_head.name in board


def test_the_board_and_the_announcement_lead_there(house: House, pack: dict[str, str]) -> None:
    clerk = house.browser(house.cast.clerk)
    with house.database.read() as session:
        announcement = session.get_one(MirrorCopy, pack["copy_id"]).announcement_id
    for page in (f"/airings/{pack['airing_id']}", f"/announcements/{announcement}"):
        assert f"/share/{pack['copy_id']}" in clerk.get(page).text


def test_the_picture_is_one(house: House, pack: dict[str, str]) -> None:
    answer = house.browser(house.cast.village_head).get(f"/share/{pack['copy_id']}/card.png")
    with Image.open(BytesIO(answer.content)) as picture:
        assert (picture.format, picture.width) == ("PNG", 1080)


def test_twice_is_said_and_changes_nothing(house: House, pack: dict[str, str]) -> None:
    head, path = house.browser(house.cast.village_head), f"/share/{pack['copy_id']}"
    clerk = house.browser(house.cast.clerk)
    opened = hidden_fields(clerk.get(path).text, f"{path}/forwarded")
    head.send(path, f"{path}/forwarded", {})
    assert clerk.client.post(f"{path}/forwarded", data=opened).status_code == 409
    with house.database.read() as session:
        assert session.get_one(MirrorCopy, pack["copy_id"]).person_id == house.cast.village_head.person_id


def test_what_was_taken_back_is_not_offered_for_copying(house: House, pack: dict[str, str]) -> None:
    with house.database.transaction() as session:
        about = session.get_one(MirrorCopy, pack["copy_id"]).announcement_id
        announcements.withdraw(session, house.cast.clerk, about, reason="Nhầm ngày.", now=house.clock())
        assert session.get_one(Announcement, about).state == "withdrawn"
    head, path = house.browser(house.cast.village_head), f"/share/{pack['copy_id']}"
    shown = head.get(path).text
    assert "<textarea" not in shown
    head.send(path, f"{path}/forwarded", {})
    assert "Thu hồi" in head.get("/share").text


def test_what_is_not_heard_yet_is_not_offered(house: House, pack: dict[str, str]) -> None:
    with house.database.transaction() as session:
        session.get_one(Airing, pack["airing_id"]).planned_at = house.clock() + timedelta(hours=1)
    board = house.browser(house.cast.clerk).get(f"/airings/{pack['airing_id']}").text
    assert "Sẽ gửi khi loa phát" in board
    assert "/share/" not in board.replace('href="/share"', "")


def test_the_board_says_what_a_copy_waits_for(house: House, pack: dict[str, str]) -> None:
    with house.database.transaction() as session:
        copy = session.get_one(MirrorCopy, pack["copy_id"])
        channel = session.get_one(Channel, copy.channel_id)
        channel.kind, channel.quiet_from, channel.quiet_until = "webhook", "00:00", "23:59"
        assert channel.unit_id == VILLAGES[0]
    board = house.browser(house.cast.clerk).get(f"/airings/{pack['airing_id']}").text
    assert "giờ yên tĩnh" in board
