"""What cannot be is refused with a sentence and a code, by program and by form, and nothing of it is kept."""

import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from broadcaster.domain.errors import UnitCycle
from broadcaster.domain.errors.base import ERRORS
from broadcaster.services.actor import SYSTEM
from broadcaster.services.places import units
from broadcaster.store.tables import Announcement, RuleSet, Schedule, Unit
from broadcaster.web.api import PREFIX
from broadcaster.web.problems import MEDIA_TYPE
from tests import cast
from tests.cast import COMMUNE, VILLAGES
from tests.web.alarms import FORM, SLOTS
from tests.web.house import House, hidden_fields, new_announcement

pytestmark = pytest.mark.pages

NEVER = {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "times": ["05:30"]}
EVERY_SECOND = {"rrule": "FREQ=SECONDLY", "times": ["05:30"]}
LEAP = {"lunar": ["6n-15"], "times": ["05:30"]}
DAILY = {"rrule": "FREQ=DAILY", "times": ["05:30"]}
PAST = {"rule": DAILY, "starts": "2026-12-02T00:00:00+07:00", "until": "2026-12-01T00:00:00+07:00"}
CLOSED: dict[str, Any] = {"rules": {"hours": []}}
NO_ACTION = {"vi": SLOTS | {"action": ""}}
WHERE = {"unit": COMMUNE, "audience": [{"kind": "unit", "ref": COMMUNE}]}
ALERT = {"hazard": "storm", "level": 3, "slots": NO_ACTION} | WHERE
DRILL = {"key": "fire", "slots": NO_ACTION} | WHERE
UNKNOWN = new_announcement(versions=[{"language": "tlh", "text": "nuqneH"}])

BY_PROGRAM: list[tuple[str, str, Mapping[str, Any]]] = [
    ("schedule_never", "/schedules", {"rule": NEVER}),
    ("schedule_too_often", "/schedules", {"rule": EVERY_SECOND}),
    ("end_before_start", "/schedules", PAST),
    ("lunar_leap_month", "/schedules", {"rule": LEAP}),
    ("rules_leave_nothing", f"/units/{VILLAGES[0]}/rules", CLOSED),
    ("unknown_language", "/announcements", UNKNOWN),
    ("slot_empty", "/emergencies", ALERT),
    ("slot_empty", "/drills", DRILL),
]
ON_DAYS = {"pattern": "weekly", "times": "05:30", "days": "0"}
BY_FORM: list[tuple[str, str, Mapping[str, str]]] = [
    ("end_before_start", "/announcements/{}/schedule", ON_DAYS | {"begins": "2026-12-02", "ends": "2026-12-01"}),
    ("slot_empty", "/emergency/storm", FORM | {"action-vi": ""}),
    ("slot_empty", "/drill/fire", FORM | {"action-vi": ""}),
]


def kept(house: House) -> list[int]:
    with house.database.read() as session:
        return [
            session.scalar(select(func.count()).select_from(table)) or 0 for table in (Announcement, Schedule, RuleSet)
        ]


@pytest.mark.parametrize(("code", "path", "sent"), BY_PROGRAM)
def test_a_program_is_told(house: House, code: str, path: str, sent: Mapping[str, Any]) -> None:
    with house.database.transaction() as session:
        one = cast.approved(session, house.cast).id
    before, said = kept(house), set()
    for language in ("vi", "en", "fr"):
        program = house.program(house.cast.owner, **{"accept-language": language})
        body = dict(sent) | ({"announcement": one} if path == "/schedules" else {})
        answer = program.post(PREFIX + path, json=body, headers={"idempotency-key": uuid.uuid4().hex})
        problem = answer.json()
        assert (answer.status_code, problem.get("code")) == (422, code), problem
        assert answer.headers["content-type"] == MEDIA_TYPE
        assert problem["title"]
        assert problem["todo"]
        said.add(problem["title"])
    assert len(said) == 3
    assert kept(house) == before


@pytest.mark.parametrize(("code", "path", "typed"), BY_FORM)
def test_a_person_reads_it_above_what_they_typed(house: House, code: str, path: str, typed: Mapping[str, str]) -> None:
    with house.database.transaction() as session:
        one = cast.approved(session, house.cast).id
    before, browser = kept(house), house.browser(house.cast.owner)
    browser.client.post("/language", data={"language": "en", "back": "/"})
    page = path.format(one)
    data = hidden_fields(browser.get(page).text, page) | {"unit": COMMUNE, "audience": f"u:{COMMUNE}"} | dict(typed)
    answer = browser.client.post(page, data=data, follow_redirects=False)
    assert answer.status_code == 422
    assert ERRORS[code].todo in answer.text
    assert kept(house) == before


def test_no_unit_lies_below_itself(house: House) -> None:
    """Made from the command line alone; a table that came to hold such a ring all the same is refused by each route."""
    with house.database.transaction() as session, pytest.raises(UnitCycle):
        units.change(session, SYSTEM, COMMUNE, parent=VILLAGES[0], now=house.clock())
    with house.database.transaction() as session:
        session.get_one(Unit, cast.PROVINCE).parent_id = VILLAGES[0]
    program = house.program(house.cast.owner)
    answer = program.post(
        f"{PREFIX}/announcements", json=new_announcement(), headers={"idempotency-key": uuid.uuid4().hex}
    )
    assert (answer.status_code, answer.json()["code"]) == (UnitCycle.status, "unit_cycle")
