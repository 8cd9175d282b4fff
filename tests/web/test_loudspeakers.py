"""A loudspeaker's page, airings that meet, and the button that stops everything, in a browser without scripts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.domain.where import where
from broadcaster.services.airtime import airings
from broadcaster.services.places import speakers
from broadcaster.store.tables import Airing, Delivery, Silence, Speaker
from broadcaster.web.shown import stagger
from tests import cast
from tests.web import loudspeakers
from tests.web.house import House, hidden_fields

pytestmark = pytest.mark.pages

MINE, NEXT = cast.SPEAKERS[:2]
KEY = {"idempotency-key": "k-1"}


def hang(house: House, speaker: str, east_m: float) -> None:
    with house.database.transaction() as session:
        place = where(21.05, 104.3 + east_m / 103_778)
        speakers.hang(session, house.cast.owner, speaker, place, now=house.clock())


def meeting(house: House) -> list[str]:
    """Two priority airings and a normal one in the same minute."""
    people = house.cast.clerk, house.cast.approver
    with house.database.transaction() as session:
        made = [
            loudspeakers.airing(session, cast.COMMUNE, *people, now=house.clock(), klass=klass, title=title)
            for klass, title in (("priority", "Cắt điện"), ("priority", "Tiêm chủng"), ("normal", "Họp bản"))
        ]
    return sorted(made[:2]) + made[2:]


def test_its_place_is_entered_and_shown_with_what_follows(house: House) -> None:
    hang(house, MINE, 0)
    browser = house.browser(house.cast.technician)
    answer = browser.send(
        f"/speakers/{NEXT}", f"/speakers/{NEXT}/place", {"place": "21.05, 104.302891", "post": "Cột 2"}
    )
    assert answer.status_code == 200
    assert "Cột 2" in answer.text
    assert "875 ms" in answer.text
    assert "300 m" in answer.text
    assert "<svg" in answer.text


def test_a_place_nobody_can_find_is_refused_and_stays_on_the_page(house: House) -> None:
    browser = house.browser(house.cast.technician)
    answer = browser.send(f"/speakers/{MINE}", f"/speakers/{MINE}/place", {"place": "trước nhà văn hoá"})
    assert answer.status_code == 422
    assert 'value="trước nhà văn hoá"' in answer.text


def test_the_drawing_says_where_nobody_has_entered_a_place(house: House) -> None:
    hang(house, MINE, 0)
    hang(house, NEXT, 300)
    with house.database.read() as session:
        drawn = stagger.drawing(session, cast.COMMUNE)
        other = stagger.drawing(session, cast.OTHER_COMMUNE)
    assert [row.ms for row in drawn.rows] == [0, pytest.approx(875, abs=3)]
    assert [dot.kind for dot in drawn.dots] == ["first", "ours"]
    assert [name for name, _ in drawn.unknown] == [cast.SPEAKERS[2]]
    assert (other.dots, len(other.unknown)) == ((), 1)
    page = house.browser(house.cast.owner).get(f"/units/{cast.COMMUNE}").text
    assert "875 ms" in page


def test_the_playing_list_says_what_will_sound_and_what_will_not(house: House) -> None:
    first, second, third = meeting(house)
    with house.database.transaction() as session:
        refused = session.get_one(Delivery, (third, MINE))
        refused.state, refused.reason = "refused", "outside_hours"
    page = house.browser(house.cast.village_head).get(f"/speakers/{MINE}").text
    assert page.index("Sẽ phát") < page.index("Sẽ phát sau tin khác")
    assert "ngoài khung giờ" in page[page.index("Sẽ không phát") :]
    answer = house.program(house.cast.monitor).get(f"/api/v1/speakers/{MINE}/playing-list")
    told = [(one["airing"], one["fate"], one["waits"], one["reason"]) for one in answer.json()["items"]]
    assert sorted(told) == sorted(
        [(first, "plays", False, ""), (second, "plays", True, ""), (third, "barred", False, "outside_hours")]
    )


def test_the_list_of_a_day_ends_with_the_day(house: House) -> None:
    program = house.program(house.cast.clerk)
    meeting(house)
    house.clock.at -= timedelta(hours=30)
    path = f"/api/v1/speakers/{MINE}/playing-list"
    assert program.get(path).json()["items"] == []
    assert len(program.get(path, params={"hours": 72}).json()["items"]) == 3
    assert program.get(path, params={"hours": 73}).status_code == 422


def test_two_that_meet_are_put_in_order_by_a_button(house: House) -> None:
    first, second, _ = meeting(house)
    browser = house.browser(house.cast.clerk)
    page = browser.get("/collisions").text
    assert page.index(first) < page.index(second)
    answer = browser.send("/collisions", "/collisions/order", {"order": f"{second},{first}"})
    assert answer.status_code == 200
    assert answer.text.index(f"/airings/{second}") < answer.text.index(f"/airings/{first}")
    with house.database.read() as session:
        assert session.get_one(Airing, second).order < session.get_one(Airing, first).order
    listed = house.program(house.cast.monitor).get("/api/v1/collisions").json()["items"]
    assert [one["airing"] for one in listed[0]["airings"]] == [second, first]
    assert listed[0]["ordered"] is True


def test_only_who_may_air_them_sees_the_buttons(house: House) -> None:
    meeting(house)
    page = house.browser(house.cast.village_head).get("/collisions").text
    assert "Cắt điện" in page
    assert "/collisions/order" not in page


def sounding(house: House) -> str:
    with house.database.transaction() as session:
        words = cast.approved(session, house.cast, now=house.clock())
        airing = airings.air(session, house.cast.clerk, words.id, at=None, now=house.clock()).id
        session.flush()
        delivery = session.get_one(Delivery, (airing, MINE))
        delivery.state, delivery.started_at = "started", house.clock()
        session.get_one(Speaker, MINE).online = True
    return airing


def test_everything_is_stopped_by_one_step_and_the_page_says_who_has_answered(house: House) -> None:
    airing = sounding(house)
    browser = house.browser(house.cast.clerk)
    path = f"/units/{cast.COMMUNE}/stop"
    assert "Họp bản" in browser.get(path).text
    answer = browser.send(path, path, {"reason": "Phát nhầm", "until": "12:00"})
    assert answer.status_code == 200
    assert "0 trong 1 loa" in answer.text
    assert "2 loa không có kết nối" in answer.text
    with house.database.read() as session:
        order = session.scalars(select(Silence)).one()
        assert session.get_one(Airing, airing).state == "cancelled"
        assert order.until is not None
        assert order.until - house.clock() == timedelta(hours=2)
    told = house.program(house.cast.monitor).get(f"/api/v1/silences/{order.id}").json()
    assert (told["counts"]["waiting"], told["counts"]["unreachable"], told["due"]) == (1, 2, [airing])


def test_a_button_pressed_twice_is_one_order(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    path = f"/units/{cast.COMMUNE}/stop"
    page = browser.get(path)
    data = hidden_fields(page.text, path) | {"reason": "Phát nhầm"}
    for _ in range(2):
        assert browser.client.post(path, data=data).status_code == 200
    with house.database.read() as session:
        assert len(session.scalars(select(Silence)).all()) == 1


def test_an_order_without_a_reason_or_with_a_strange_hour_is_refused(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    path = f"/units/{cast.COMMUNE}/stop"
    for typed in ({"reason": ""}, {"reason": "Nhầm", "until": "25:00"}):
        assert browser.send(path, path, typed).status_code == 422
    with house.database.read() as session:
        assert session.scalars(select(Silence)).all() == []


def test_a_program_stops_everything_once_for_one_key(house: House) -> None:
    airing = sounding(house)
    program = house.program(house.cast.approver)
    path = f"/api/v1/units/{cast.VILLAGES[0]}/stop"
    first, again = (program.post(path, json={"reason": "Nhầm"}, headers=KEY) for _ in range(2))
    assert (first.status_code, first.json()["due"]) == (201, [airing])
    assert again.json()["id"] == first.json()["id"]
