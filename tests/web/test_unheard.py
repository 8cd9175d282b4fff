"""The board says which languages were not heard, why an airing was refused, and what only stands by."""

import pytest
from sqlalchemy import update

from broadcaster.services.airtime import airings
from broadcaster.services.hours import rules
from broadcaster.services.writing.announcements import DraftVersion
from broadcaster.store.tables import Airing, Delivery, Unit
from tests.cast import COMMUNE, NOW, SPEAKERS, VILLAGES, approved
from tests.services.planned import EVERY_DAY, repeat
from tests.web.house import House

pytestmark = pytest.mark.pages

VERSIONS = [DraftVersion("vi", "Họp bản."), DraftVersion("en", "A meeting."), DraftVersion("fr", "Réunion.")]


@pytest.fixture
def airing(house: House) -> str:
    """Played everywhere; the first village wants two languages and heard one of them, the others want one."""
    with house.database.transaction() as session:
        session.execute(update(Unit).where(Unit.id == COMMUNE).values(languages=["vi"]))
        session.execute(update(Unit).where(Unit.id == VILLAGES[0]).values(languages=["vi", "fr"]))
        first = approved(session, house.cast, versions=VERSIONS)
        name = airings.air(session, house.cast.clerk, first.id, at=None, now=NOW).id
        session.execute(update(Delivery).values(state="heard", languages=["vi"], reason=""))
        return name


def test_the_board_names_the_language_a_village_did_not_hear(house: House, airing: str) -> None:
    text = house.browser(house.cast.clerk).get(f"/airings/{airing}/board").text
    # Once in the filter, and once on the row of that village.
    assert text.count("Chưa nghe được") == 2
    assert "Tiếng Pháp" in text or "tiếng Pháp" in text


def test_the_api_names_it_too(house: House, airing: str) -> None:
    found = house.program(house.cast.clerk).get(f"/api/v1/airings/{airing}/deliveries").json()["items"]
    missing = {each["speaker_id"]: each["languages_missing"] for each in found}
    assert missing == {SPEAKERS[0]: ["fr"], SPEAKERS[1]: [], SPEAKERS[2]: []}


def test_what_the_rules_refused_says_why(house: House) -> None:
    evening = {"version": 1, "zone": "Asia/Ho_Chi_Minh", "hours": [{"days": EVERY_DAY, "start": 960, "end": 1200}]}
    with house.database.transaction() as session:
        rules.set(session, house.cast.owner, COMMUNE, evening, now=NOW)
        repeat(session, approved(session, house.cast), {"days": EVERY_DAY, "times": ["06:00"]})
        name = session.query(Airing.id).order_by(Airing.planned_at).first()
    assert name is not None
    text = house.browser(house.cast.clerk).get(f"/airings/{name[0]}").text
    assert "Không được phát vào giờ đó" in text
    assert "ngoài khung giờ được phát" in text
    found = house.program(house.cast.clerk).get(f"/api/v1/airings/{name[0]}").json()
    assert (found["state"], found["reason"], found["standby"]) == ("refused", "outside_hours", False)


def test_what_stands_by_says_so(house: House, airing: str) -> None:
    with house.database.transaction() as session:
        session.execute(update(Airing).values(standby=True))
    text = house.browser(house.cast.clerk).get(f"/airings/{airing}/board").text
    assert "chỉ phát khi có lệnh" in text
