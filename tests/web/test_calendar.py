"""The calendar: what aired, what is planned, what was refused, and what schedules mean on days to come."""

import re
from datetime import timedelta

import pytest

from broadcaster.services.airtime import airings, schedules
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.store.tables import Airing
from tests.cast import COMMUNE, NOW, OTHER_SPEAKER, OTHER_VILLAGE, SPEAKERS, VILLAGES, approved
from tests.web.house import House

pytestmark = pytest.mark.pages


def day(page: str, name: str) -> str:
    """The piece of one day, by "25/11"."""
    pieces = re.split(r"<li class=\"cal-day", page)
    return next(piece for piece in pieces if re.search(rf"[> ]{name}[<\s]", piece))


def programme(house: House) -> None:
    with house.database.transaction() as session:
        daily = approved(session, house.cast, title="Tin sáng").id
        rule = {"rrule": "FREQ=DAILY", "times": ["06:00"]}
        schedules.add(session, house.cast.clerk, daily, rule, until=NOW + timedelta(days=20), now=NOW)
        one = [AudienceChoice("unit", VILLAGES[0])]
        market = approved(session, house.cast, title="Chợ phiên", audience=one).id
        airings.air(session, house.cast.clerk, market, at=NOW + timedelta(hours=7), now=NOW)
        late = approved(session, house.cast, title="Phát muộn").id
        row = airings.air(session, house.cast.clerk, late, at=NOW + timedelta(hours=8), now=NOW)
        row.state, row.cancel_reason = "refused", "outside_hours"


def test_a_week_shows_the_planned_the_refused_and_the_moon(house: House) -> None:
    programme(house)
    page = house.browser(house.cast.clerk).get("/calendar?day=2026-11-25").text
    today = day(page, "25/11")
    assert "cal-today" in today
    assert "17/10" in today
    assert re.search(r"<b>17:00</b> Chợ phiên", today)
    assert "ngoài khung giờ được phát" in today
    assert "Ngày Văn hóa Việt Nam" in day(page, "24/11")
    assert "06:00" in day(page, "26/11")
    assert re.search(r'href="/schedules/\w+" aria-label="[^"]*Tin sáng', day(page, "26/11"))


def test_days_beyond_the_planner_are_reckoned_from_the_schedules(house: House) -> None:
    programme(house)
    clerk = house.browser(house.cast.clerk)
    page = clerk.get("/calendar?span=month&day=2026-12-01").text
    assert "Sẽ xếp lịch" in day(page, "10/12")
    assert "Tin sáng" not in day(page, "20/12")
    assert page.count("Tin sáng") == len({*range(30, 31)} | {*range(1, 16)})
    with house.database.read() as session:
        planned = session.query(Airing).filter(Airing.planned_at > NOW + timedelta(days=4)).count()
    assert planned == 0


def test_one_village_and_one_loudspeaker(house: House) -> None:
    programme(house)
    clerk = house.browser(house.cast.clerk)
    there = clerk.get(f"/calendar?day=2026-11-25&unit={VILLAGES[1]}").text
    assert ("Tin sáng" in there, "Chợ phiên" in there) == (True, False)
    assert "Tin sáng" in day(clerk.get(f"/calendar?day=2026-12-09&unit={VILLAGES[1]}").text, "9/12")
    here = clerk.get(f"/calendar?day=2026-11-25&speaker={SPEAKERS[0]}").text
    assert ("Tin sáng" in here, "Chợ phiên" in here) == (True, True)
    for away in (f"unit={OTHER_VILLAGE}", f"speaker={OTHER_SPEAKER}", "unit=none", "speaker=none"):
        assert clerk.get(f"/calendar?{away}").status_code == 404


def test_who_may_not_air_gets_no_way_to_move_it(house: House) -> None:
    programme(house)
    technician = house.browser(house.cast.technician).get("/calendar?day=2026-12-01").text
    assert "Tin sáng" in technician
    assert "/schedules/" not in technician
    assert "Tin sáng" not in house.browser(house.cast.stranger).get("/calendar?day=2026-11-26").text


@pytest.mark.parametrize("odd", ["day=x", "day=0001-01-01", "day=9999-12-31", "span=year", "unit=&speaker="])
def test_an_odd_address_shows_this_week(house: House, odd: str) -> None:
    page = house.browser(house.cast.clerk).get(f"/calendar?{odd}")
    assert page.status_code == 200
    assert "cal-today" in page.text


def test_where_to_stop_lists_what_one_may_silence(house: House) -> None:
    page = house.browser(house.cast.clerk).get("/airings/stop").text
    for unit in (COMMUNE, *VILLAGES):
        assert f'href="/units/{unit}/stop"' in page
    assert OTHER_VILLAGE not in page
    assert house.browser(house.cast.technician).get("/airings/stop").status_code == 403
