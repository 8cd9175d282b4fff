"""The page of a village: what was said, what comes, and what must not be seen there."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.domain.errors import AlreadyExists
from broadcaster.domain.land import ADDRESSES, fresh_id
from broadcaster.domain.wishes import Kind, Wish
from broadcaster.services.actor import SYSTEM
from broadcaster.services.places import reorganising, units
from broadcaster.services.writing.announcements import AudienceChoice, DraftVersion
from broadcaster.store.tables import Airing
from firmware_config.protocol import valid_id
from tests import cast
from tests.residents.village import SECOND, VILLAGE, Home

pytestmark = pytest.mark.pages


def titles(page: str) -> list[str]:
    return re.findall(r"<h3><a [^>]*>(?:<s>)?([^<]*)", page)


def test_what_was_said_is_read_and_heard_again_in_every_language(any_home: Home) -> None:
    both = [DraftVersion("vi", "Mai phun thuốc."), DraftVersion("en", "Spraying tomorrow.")]
    any_home.say(title="Phun thuốc", versions=both)
    page = any_home.page()
    assert titles(page) == ["Phun thuốc"]
    assert "Mai phun thuốc." in page
    assert "Spraying tomorrow." in page
    assert 'lang="en"' in page
    assert page.count("<audio") == 2
    assert "10:00 hôm nay" in page


def test_what_waits_for_another_is_still_to_come_and_nobody_reads_it_yet(home: Home) -> None:
    home.air(home.write("Nội dung còn chờ.", title="Chờ lượt"), minutes=10)
    with home.house.database.transaction() as session:
        session.scalars(select(Airing)).one().hold_until = home.house.clock() + timedelta(minutes=20)
    home.wait(minutes=12)
    page = home.page()
    assert "Nội dung còn chờ." not in page
    assert titles(page) == []
    assert "Chờ lượt" in page
    assert "10:20 hôm nay" in page
    home.wait(minutes=8)
    assert titles(home.page()) == ["Chờ lượt"]


def test_only_what_was_approved_and_aired_is_shown(home: Home) -> None:
    home.write(title="Chưa phát")
    with home.house.database.transaction() as session:
        cast.submitted(session, home.house.cast, title="Chưa duyệt")
    spoken = home.say(title="Đã phát")
    home.correct(spoken, "Nội dung chưa ai duyệt.", approve=False)
    page = home.page()
    assert "Chưa duyệt" not in page
    assert "chưa ai duyệt" not in page
    assert "Chưa phát" not in page


def test_a_village_reads_what_was_said_to_it_and_no_more(home: Home) -> None:
    home.say(title="Cả xã")
    home.say(title="Một bản", audience=[AudienceChoice("unit", VILLAGE)])
    home.say(title="Một loa", audience=[AudienceChoice("speaker", cast.SPEAKERS[0])])
    without = [AudienceChoice("unit", cast.COMMUNE), AudienceChoice("unit", VILLAGE, include=False)]
    home.say(title="Các bản khác", audience=without)
    assert titles(home.page(VILLAGE)) == ["Một loa", "Một bản", "Cả xã"]
    assert titles(home.page(SECOND)) == ["Các bản khác", "Cả xã"]
    assert titles(home.page(cast.OTHER_VILLAGE)) == []
    assert "Chưa có thông báo nào" in home.page(cast.OTHER_VILLAGE)


def test_whom_a_draft_is_for_changes_nothing_before_it_is_approved(home: Home) -> None:
    public_id = home.say(title="Một bản", audience=[AudienceChoice("unit", VILLAGE)])
    moved = [AudienceChoice("unit", SECOND)]
    home.correct(public_id, "Nội dung khác.", approve=False, audience=moved)
    assert (titles(home.page(VILLAGE)), titles(home.page(SECOND))) == (["Một bản"], [])
    home.correct(public_id, "Nội dung khác.", audience=moved)
    assert (titles(home.page(VILLAGE)), titles(home.page(SECOND))) == ([], ["Một bản"])


def test_a_commune_shows_what_all_hear_and_leads_to_its_villages(home: Home) -> None:
    home.say(title="Cả xã")
    home.say(title="Một bản", audience=[AudienceChoice("unit", VILLAGE)])
    page = home.page(cast.COMMUNE)
    assert titles(page) == ["Cả xã"]
    assert all(f'href="/{village}?lang=vi"' in page for village in cast.VILLAGES)
    assert f'href="/{cast.COMMUNE}?lang=vi"' in home.page(VILLAGE)


def test_a_withdrawn_one_is_struck_out_and_not_heard(home: Home) -> None:
    public_id = home.say("Ngày mai cắt nước.", title="Cắt nước")
    sound = re.findall(r"/n/[^\"]*\.ogg", home.page())[0]
    home.withdraw(public_id, "Đã có lịch mới")
    page = home.page()
    assert "<s>Cắt nước</s>" in page
    assert "<s>Ngày mai cắt nước.</s>" in page
    assert "Đã có lịch mới" in page
    assert "<audio" not in page
    assert home.get(sound).status_code == 404


def test_a_drill_and_a_test_are_marked(home: Home) -> None:
    home.say(title="Báo cháy", kind="drill")
    home.say(title="Thử loa bản", kind="test")
    assert re.findall(r'badge">([^<]+)<', home.page()) == ["THỬ LOA", "DIỄN TẬP"]


def test_what_comes_within_two_days_is_named_with_its_time_alone(home: Home) -> None:
    for hours, title in ((4, "Chiều nay"), (28, "Chiều mai"), (70, "Ba ngày nữa")):
        home.air(home.write("Không đọc trước được.", title=title), hours=hours)
    page = home.page()
    assert "14:00 hôm nay: Chiều nay" in page
    assert "14:00 ngày mai: Chiều mai" in page
    assert "Ba ngày nữa" not in page
    assert "Không đọc trước" not in page
    home.wait(hours=4, minutes=1)
    assert titles(home.page()) == ["Chiều nay"]


def test_of_a_text_that_was_changed_nothing_comes_until_it_is_approved(home: Home) -> None:
    public_id = home.write(title="Chiều nay")
    home.air(public_id, hours=4)
    home.correct(public_id, "Đổi giờ.", approve=False, title="Đổi giờ")
    page = home.page()
    assert "Chiều nay" not in page
    assert "Đổi giờ" not in page


def test_search_needs_no_marks_and_finds_all_words(home: Home) -> None:
    home.say("Tiêm phòng dại cho chó.", title="Thú y")
    home.say("Đóng tiền điện.", title="Điện lực")
    assert titles(home.page(more="?q=dong tien")) == ["Điện lực"]
    assert titles(home.page(more="?q=CHÓ tiem")) == ["Thú y"]
    page = home.page(more='?q="><script>x')
    assert titles(page) == []
    assert "Không tìm thấy" in page
    assert "<script>x" not in page


def test_nobody_searches_without_end(home: Home) -> None:
    answers = [home.get(f"/{VILLAGE}?q={number}").status_code for number in range(121)]
    assert answers == [200] * 120 + [429]
    assert home.get(f"/{VILLAGE}").status_code == 200


def test_words_that_are_markup_are_words(home: Home) -> None:
    home.withdraw(home.say("<script>alert(1)</script>", title='"><img src=x onerror=alert(1)>'), "<b>x</b>")
    home.air(home.write(title="<script>alert(2)</script>"), hours=2)
    home.correct(home.say("<script>alert(3)</script>", title="Họp"), "<script>alert(4)</script>", title="<i>Họp</i>")
    pages = [
        home.page(),
        home.page(more="?q=alert"),
        home.get(f"/n/{re.findall('/n/([a-z0-9]+)', home.page())[0]}").text,
    ]
    for page in pages:
        assert not re.search(r"<script>|<img|<b>|<i>", page)


def test_search_reads_no_draft(home: Home) -> None:
    public_id = home.say("Họp lúc tám giờ.")
    home.correct(public_id, "Bí mật.", approve=False)
    assert titles(home.page(more="?q=bi mat")) == []


def test_older_ones_are_a_page_away_and_none_is_lost(home: Home) -> None:
    for number in range(23):
        home.say(title=f"Tin {number}")
    found, more = list[str](), ""
    while True:
        page = home.page(more=more)
        found += titles(page)
        link = re.search(r'href="/ban-na-pan(\?[^"]*after[^"]*)"', page)
        if not link:
            break
        more = link[1].replace("&amp;", "&")
    assert found == [f"Tin {number}" for number in reversed(range(23))]


def test_what_is_said_every_day_stands_once_at_its_last_time(home: Home) -> None:
    daily = home.say(title="Hằng ngày")
    home.say(title="Một lần")
    home.air(daily)
    assert titles(home.page()) == ["Hằng ngày", "Một lần"]


@pytest.mark.parametrize(("language", "word"), [("vi", "Tin đã phát"), ("en", "What was said"), ("fr", "annoncé")])
def test_the_page_speaks_three_languages(home: Home, language: str, word: str) -> None:
    page = home.page(more=f"?lang={language}")
    assert f'<html lang="{language}">' in page
    assert word in page


def test_what_a_closed_village_heard_is_found_where_its_people_are(home: Home) -> None:
    home.say(title="Trước khi nhập", audience=[AudienceChoice("unit", VILLAGE)])
    wish = Wish(Kind.MERGE, units=(VILLAGE, SECOND), into=SECOND)
    with home.house.database.transaction() as session:
        reorganising.decide(session, home.house.cast.owner, wish, now=home.house.clock())
    answer = home.resident.client.get(f"/{VILLAGE}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, f"/{SECOND}")
    assert titles(home.page(SECOND)) == ["Trước khi nhập"]


def test_an_address_of_nothing_is_none(home: Home) -> None:
    assert home.get("/khong-co-ban-nay").status_code == 404
    assert home.get("/khong-co-ban-nay?q=x").status_code == 404


def test_no_unit_is_called_like_another_address(home: Home) -> None:
    first = {str(getattr(route, "path", "")).split("/")[1] for route in home.house.app.routes}
    assert {word for word in first if valid_id(word)} <= ADDRESSES
    with home.house.database.transaction() as session:
        for name in ("reports", "sign-in"):
            with pytest.raises(AlreadyExists):
                units.create(session, SYSTEM, id=name, name="Bản", level="village", parent=None, now=cast.NOW)
    assert fresh_id((), "Help") == "help-2"
