"""Corrections, withdrawals and the end of an alert: what residents read of them, and when."""

import re

import pytest

from broadcaster.domain.residents import ENDED
from broadcaster.services.writing import policies
from broadcaster.store.tables import Announcement
from tests import cast
from tests.residents.test_village_page import titles
from tests.residents.village import VILLAGE, Home

pytestmark = pytest.mark.pages


def on_top(page: str) -> str:
    found = re.search(r'<section class="alerts".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def test_a_correction_says_what_changed_and_when(any_home: Home) -> None:
    public_id = any_home.say("Họp lúc 19 giờ tại nhà văn hoá.", title="Họp bản")
    any_home.wait(hours=1)
    any_home.correct(public_id, "Họp lúc 20 giờ tại nhà văn hoá.")
    page = any_home.get(f"/n/{public_id}").text
    assert "<del>19 </del>" in page
    assert "<ins>20 </ins>" in page
    assert [word for word in ("Phê duyệt", "Đính chính") if f"<li>{word}: " in page] == ["Phê duyệt", "Đính chính"]
    assert "Họp lúc 20 giờ" in any_home.page()
    assert "19 giờ" not in any_home.page()
    assert "Đính chính</span>" in any_home.page()


def test_a_title_and_a_language_may_change_too(home: Home) -> None:
    public_id = home.say("Mai.", title="Phun thuốc")
    home.correct(public_id, "Mai.", title="Phun thuốc muỗi")
    page = home.get(f"/n/{public_id}?lang=en").text
    assert "Title:" in page
    assert "<ins>" in page
    assert "muỗi" in page


def test_the_first_of_two_approvals_publishes_nothing(home: Home) -> None:
    people, now = home.house.cast, home.house.clock()
    with home.house.database.transaction() as session:
        policies.change(session, people.owner, cast.COMMUNE, [{"approvals": 2}], now=now)
        made = cast.approve(session, people.approver, cast.submitted(session, people), now=now)
        public_id = made.public_id
    assert home.get(f"/n/{public_id}").status_code == 404
    with home.house.database.transaction() as session:
        cast.approve(session, people.second_approver, session.get_one(Announcement, made.id), now=now)
    page = home.get(f"/n/{public_id}").text
    assert page.count("Phê duyệt:") == 1
    assert "Đính chính" not in page


@pytest.mark.parametrize("aired", [True, False])
def test_a_draft_leaves_what_was_approved_last(home: Home, aired: bool) -> None:
    public_id = home.say("Lời đầu.") if aired else home.write("Lời đầu.")
    home.correct(public_id, "Lời hai.")
    home.correct(public_id, "Lời chưa duyệt.", approve=False, title="Khác")
    page = home.get(f"/n/{public_id}").text
    assert "<h1>Họp bản</h1>" in page
    assert '<p class="text">Lời hai.</p>' in page
    assert "chưa duyệt" not in page
    assert page.count("<audio") == 1


def test_an_emergency_stands_on_top_of_every_village_it_concerns(home: Home) -> None:
    home.say(title="Thường ngày")
    home.alarm(unit=VILLAGE)
    for unit in (VILLAGE, cast.COMMUNE, cast.PROVINCE):
        assert "KHẨN CẤP" in on_top(home.page(unit)), unit
    assert not on_top(home.page(cast.VILLAGES[1]))
    page = home.page()
    assert page.index('class="alerts"') < page.index("Tin đã phát</h2>")
    assert titles(page)[1:] == ["Thường ngày"]


@pytest.mark.parametrize(
    ("part", "words"), [("correction", "là phát nhầm. Bà con không phải"), ("all_clear", "đã kết thúc")]
)
def test_its_end_is_said_beside_it_for_some_hours(home: Home, part: str, words: str) -> None:
    alert = home.alarm()
    assert words not in on_top(home.page())
    assert "Đang có tình huống khẩn cấp" in on_top(home.page())
    home.call_up(alert, part)
    assert words in on_top(home.page())
    assert "Đang có" not in on_top(home.page())
    home.wait(seconds=ENDED.total_seconds())
    page = home.page()
    assert not on_top(page)
    assert len(titles(page)) == 2
    assert words in page


def test_what_was_not_called_up_is_never_seen(home: Home) -> None:
    home.alarm()
    page = home.page()
    assert "phát nhầm" not in page
    assert "Hết khẩn cấp" not in page


def test_an_emergency_goes_down_when_its_time_is_over(home: Home) -> None:
    home.alarm()
    home.wait(hours=25)
    assert not on_top(home.page())
    assert len(titles(home.page())) == 1


def test_a_drill_is_never_on_top(home: Home) -> None:
    home.alarm("drill approved")
    assert not on_top(home.page())
