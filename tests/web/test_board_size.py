"""The board of an airing on very many loudspeakers: small enough for an old phone, and nothing out of reach."""

import re
from datetime import timedelta
from html import unescape

import pytest

from broadcaster.services.airtime import airings
from broadcaster.store.tables import Delivery, Speaker, Unit
from firmware_config.protocol import write_levels
from tests import cast
from tests.cast import NOW, approved
from tests.web.house import Browser, House

pytestmark = pytest.mark.pages

MANY = 2_000
MOST_BYTES = 150_000
SECONDS = write_levels([-1_500 - 20 * number for number in range(40)])
STATES = ("heard", "partial", "missed", "stored")


def province(house: House, communes: int, villages: int) -> str:
    """An airing on MANY loudspeakers, spread evenly over so many communes of so many villages each."""
    units = [(f"xa-{c}", cast.PROVINCE, f"Xã Mường Phìn Số {c}") for c in range(communes)]
    inside = [(f"xa-{c}-{v}", f"xa-{c}", f"Bản Nà Cù Lao {c}.{v}") for c in range(communes) for v in range(villages)]
    homes = [unit for unit, _, _ in inside] or [unit for unit, _, _ in units]
    with house.database.transaction() as session:
        announcement = approved(session, house.cast).id
        airing = airings.air(session, house.cast.clerk, announcement, at=None, now=NOW).id
        for some in (units, inside):
            session.add_all(
                Unit(id=unit, parent_id=parent, name=name, level="village", created_at=NOW)
                for unit, parent, name in some
            )
            session.flush()
        session.add_all(speaker(number, homes[number % len(homes)]) for number in range(MANY))
        session.flush()
        session.add_all(delivery(airing, number, homes[number % len(homes)]) for number in range(MANY))
    return airing


def speaker(number: int, unit: str) -> Speaker:
    row = cast.speaker(f"loa-{number}", unit)
    row.name = f"Loa cột điện số {number}"
    return row


def delivery(airing: str, number: int, unit: str) -> Delivery:
    state, at = STATES[number % 4 if number % 7 else 0], NOW + timedelta(seconds=4)
    return Delivery(
        airing_id=airing,
        speaker_id=f"loa-{number}",
        unit_id=unit,
        state=state,
        attempt=2,
        expires=NOW + timedelta(hours=1),
        updated_at=at,
        stored_at=at,
        heard_at=at if state == "heard" else None,
        ended_at=at if state in {"partial", "missed"} else None,
        reason="interrupted" if state == "partial" else "",
        level=-1650,
        seconds=SECONDS,
    )


def read(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    assert len(answer.content) <= MOST_BYTES, (path, len(answer.content))
    return answer.text


def names(browser: Browser, start: str) -> set[str]:
    """Every loudspeaker that can be reached by following the board's own links."""
    seen, waiting, found = {start}, [start], set[str]()
    while waiting:
        text = read(browser, waiting.pop())
        found |= set(re.findall(r"Loa cột điện số \d+", text))
        board = text.partition('id="board"')[2].partition("</section>")[0]
        links = {unescape(link) for link in re.findall(r'href="(/airings/[^"/]+\?[^"]*)"', board)}
        links = {link for link in links if ("unheard" in link) is ("unheard" in start)}
        waiting += sorted(links - seen)
        seen |= links
    return found


@pytest.mark.parametrize(("communes", "villages"), [(1, 57), (40, 25), (600, 0), (1, 1)])
def test_every_loudspeaker_is_found_on_pages_that_stay_small(house: House, communes: int, villages: int) -> None:
    airing = province(house, communes, villages)
    monitor = house.browser(house.cast.monitor)
    whole = read(monitor, f"/airings/{airing}")
    assert f"/{MANY + 3} loa đã ra tiếng" in whole
    # Places are opened one by one only where they are few: the others are as large as these.
    if communes * max(villages, 1) <= 60:
        assert len(names(monitor, f"/airings/{airing}")) == MANY
        unheard = names(monitor, f"/airings/{airing}?show=unheard")
        assert len(unheard) == sum(bool(number % 7) and number % 4 != 0 for number in range(MANY))


def test_the_filter_and_the_place_survive_the_refresh(house: House) -> None:
    airing = province(house, 1, 57)
    monitor = house.browser(house.cast.monitor)
    page = read(monitor, f"/airings/{airing}?show=unheard&unit=xa-0-3")
    again = unescape(re.findall(r'hx-get="([^"]+)"', page)[0])
    assert again == f"/airings/{airing}/board?show=unheard&unit=xa-0-3"
    refreshed = read(monitor, again)
    assert set(re.findall(r"Loa cột điện số \d+", refreshed)) == set(re.findall(r"Loa cột điện số \d+", page))
    assert "Đã xác nhận" not in refreshed
