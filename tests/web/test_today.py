"""The first page: what aired, sounds, comes and went wrong, each failure with one next step; each village in a line."""

import re
from datetime import timedelta

import pytest

from broadcaster.domain.permissions import Role
from broadcaster.services.actor import SYSTEM
from broadcaster.services.airtime import airings, schedules
from broadcaster.services.people import people
from broadcaster.store.tables import Airing, Announcement, Channel, Delivery, MirrorCopy, Speaker
from tests.cast import COMMUNE, NOW, OTHER_COMMUNE, SPEAKERS, VILLAGES, approved
from tests.web.house import House

pytestmark = pytest.mark.pages


def aired(house: House, title: str, state: str, *, hours: int, reason: str = "") -> str:
    with house.database.transaction() as session:
        announcement = approved(session, house.cast, title=title).id
        row = airings.air(session, house.cast.clerk, announcement, at=NOW + timedelta(hours=6), now=NOW)
        row.planned_at, row.state, row.cancel_reason = NOW + timedelta(hours=hours), state, reason
        return row.id


def deliveries(house: House, airing: str, *states: str) -> None:
    with house.database.transaction() as session:
        for speaker, state in zip(SPEAKERS, states, strict=True):
            session.get_one(Delivery, (airing, speaker)).state = state


def steps(page: str) -> dict[str, tuple[str, str]]:
    """Of each line that tells of a failure: title → (what to press, where it leads)."""
    lines = re.findall(r'<a class="line line-bad" href="([^"]+)">(.*?)</a>', page, re.DOTALL)
    found = {}
    for href, inside in lines:
        words = [" ".join(re.sub(r"<[^>]+>", " ", part).split()) for part in inside.split('class="line-step">')]
        found[words[0]] = (words[-1], href)
    return found


def test_each_failure_has_one_next_step(house: House) -> None:
    silent = aired(house, "Tiêm phòng", "done", hours=-2)
    deliveries(house, silent, "heard", "missed", "missed")
    missed = aired(house, "Họp bản", "missed", hours=-3)
    deliveries(house, missed, "missed", "missed", "missed")
    refused = aired(house, "Tin khuya", "refused", hours=9, reason="outside_hours")
    with house.database.transaction() as session:
        row = session.get_one(Airing, silent)
        channel = Channel(id="nhom", unit_id=COMMUNE, kind="webhook", name="Nhóm bản", created_at=NOW)
        session.add(channel)
        session.flush()
        about = {"announcement_id": row.announcement_id, "channel_id": "nhom", "revision": 1, "action": "post"}
        session.add(MirrorCopy(id="c", state="failed", due_at=NOW, created_at=NOW, updated_at=NOW, **about))
    page = house.browser(house.cast.clerk).get("/").text
    found = steps(page)
    said = {next(title for title in found if name in title): name for name in ("Họp bản", "Tin khuya")}
    assert {said[title]: found[title][0] for title in said} == {"Họp bản": "Phát lại", "Tin khuya": "Chọn giờ khác"}
    assert any("2 loa chưa nghe được" in title for title in found)
    assert f"/airings/{silent}?show=unheard" in {href for _, href in found.values()}
    assert f"/airings/{silent}#copies" in page
    with house.database.read() as session:
        assert f"/schedules/{session.get_one(Airing, refused).schedule_id}" in {href for _, href in found.values()}


def test_what_sounds_comes_and_was_heard(house: House) -> None:
    now = aired(house, "Đang phát đây", "on_air", hours=0)
    deliveries(house, now, "started", "heard", "stored")
    done = aired(house, "Phát xong rồi", "done", hours=-1)
    deliveries(house, done, "heard", "heard", "heard")
    with house.database.transaction() as session:
        announcement = approved(session, house.cast, title="Chiều nay").id
        airings.air(session, house.cast.clerk, announcement, at=NOW + timedelta(hours=7), now=NOW)
    page = house.browser(house.cast.clerk).get("/").text
    desk = page.partition('id="now"')[2].partition("Theo từng thôn")[0]
    order = [desk.index(name) for name in ("Đang phát đây", "Chiều nay", "Phát xong rồi")]
    assert order == sorted(order)
    assert "Cần xử lý" not in desk


def test_each_village_has_a_line(house: House) -> None:
    with house.database.transaction() as session:
        announcement = approved(session, house.cast, title="Tin sáng").id
        rule = {"rrule": "FREQ=DAILY", "times": ["17:00"]}
        schedules.add(session, house.cast.clerk, announcement, rule, now=NOW)
        session.get_one(Speaker, SPEAKERS[0]).online = True
    done = aired(house, "Họp bản", "done", hours=-1)
    deliveries(house, done, "heard", "heard", "missed")
    page = house.browser(house.cast.clerk).get("/").text
    lines = dict(re.findall(r'<li><a class="line [^"]*" href="/units/([^"]+)">(.*?)</a></li>', page, re.DOTALL))
    assert set(lines) == set(VILLAGES)
    assert "Đang kết nối" in lines[VILLAGES[0]]
    assert "Mất kết nối" in lines[VILLAGES[1]]
    assert "sắp phát: 17:00" in lines[VILLAGES[0]]
    assert "gần nhất: 09:00" in lines[VILLAGES[0]]
    assert "gần nhất: –" in lines[VILLAGES[2]]


def test_the_big_button_leads_to_the_one_unit_or_to_a_choice(house: House) -> None:
    cast = house.cast
    assert f'href="/units/{COMMUNE}/stop"' in house.browser(cast.clerk).get("/").text
    assert "/stop" not in house.browser(cast.technician).get("/").text.partition("<main")[2]
    with house.database.transaction() as session:
        people.grant(session, SYSTEM, cast.clerk.person_id, Role.CLERK, OTHER_COMMUNE, now=NOW)
    page = house.browser(cast.clerk).get("/").text.partition("<main")[2]
    assert 'href="/airings/stop"' in page
    chooser = house.browser(cast.clerk).get("/airings/stop").text
    assert all(f"/units/{unit}/stop" in chooser for unit in (COMMUNE, OTHER_COMMUNE))


def test_a_loudspeaker_that_pretends_is_counted_nowhere(house: House) -> None:
    done = aired(house, "Họp bản", "done", hours=-1)
    deliveries(house, done, "heard", "heard", "missed")
    with house.database.transaction() as session:
        for speaker in SPEAKERS[1:]:
            session.get_one(Speaker, speaker).pretend = True
        assert session.get_one(Announcement, session.get_one(Airing, done).announcement_id)
    page = house.browser(house.cast.clerk).get("/").text
    assert "1/1 loa" in page
    assert "Cần xử lý" not in page
    board = house.browser(house.cast.clerk).get(f"/airings/{done}").text
    assert board.count("Loa thử, không tính") == 2
    assert "1/1 loa đã ra tiếng" in board


def test_who_sets_it_up_is_led_to_the_first_steps_until_a_loudspeaker_spoke(house: House) -> None:
    owner, clerk = house.browser(house.cast.owner), house.browser(house.cast.clerk)
    assert 'class="line line-busy mb-2" href="/start"' in owner.get("/").text
    assert 'href="/start"><span>' not in clerk.get("/").text
    aired(house, "Họp bản", "on_air", hours=0)
    assert 'class="line line-busy mb-2" href="/start"' not in owner.get("/").text
