"""Schedules by program: listed, added, foreseen, changed and ended."""

import uuid
from typing import Any

import pytest

from broadcaster.web.api import PREFIX
from tests.cast import approved
from tests.web.client import TestClient
from tests.web.house import House

pytestmark = pytest.mark.pages

DAILY = {"rrule": "FREQ=DAILY", "times": ["05:30", "17:00"]}
PATH = f"{PREFIX}/schedules"


def scene(house: House) -> tuple[TestClient, str]:
    with house.database.transaction() as session:
        return house.program(house.cast.clerk), approved(session, house.cast).id


def send(program: TestClient, path: str, body: Any = None, *, method: str = "POST") -> Any:
    return program.request(method, path, json=body, headers={"idempotency-key": uuid.uuid4().hex})


def test_added_listed_changed_and_ended(house: House) -> None:
    program, one = scene(house)
    made = send(program, PATH, {"announcement": one, "rule": DAILY, "until": "2026-12-31T00:00:00+07:00"})
    assert (made.status_code, made.json()["zone"], made.json()["kind"]) == (201, "Asia/Ho_Chi_Minh", "recurring")
    changed = send(
        program, f"{PATH}/{made.json()['id']}", {"rule": {"lunar": ["15"], "times": ["05:30"]}}, method="PUT"
    )
    assert changed.status_code == 200
    ended = send(program, f"{PATH}/{changed.json()['id']}/end")
    assert ended.json()["ended_at"] is not None
    listed = program.get(f"{PATH}?announcement={one}").json()["items"]
    assert {row["id"] for row in listed} == {made.json()["id"], changed.json()["id"]}


def test_the_same_key_adds_one(house: House) -> None:
    program, one = scene(house)
    body, headers = {"announcement": one, "rule": DAILY}, {"idempotency-key": "k" * 12}
    first, second = (program.post(PATH, json=body, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert len(program.get(PATH).json()["items"]) == 1


def test_a_preview_is_a_dry_run_in_three_languages(house: House) -> None:
    program, one = scene(house)
    rule = {"rrule": "FREQ=DAILY", "times": ["03:15", "05:30"]}
    shown = program.post(f"{PATH}/preview", json={"announcement": one, "rule": rule}).json()
    assert shown["words"]["vi"] == "Hằng ngày lúc 03:15 và 05:30"
    assert shown["words"]["fr"] == "Chaque jour à 3 h 15 et 5 h 30"
    night, morning, *_ = shown["next"]
    assert (night["wall"], night["barred"]) == ("2026-11-26T03:15", "outside_hours")
    assert night["next_free"] is not None
    assert (morning["wall"], morning["barred"]) == ("2026-11-26T05:30", None)
    assert morning["lunar"]["vi"] == "ngày 18 tháng 10"
    assert program.get(PATH).json()["items"] == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "times": ["05:30"]}, "schedule_never"),
        ({"rrule": "FREQ=SECONDLY", "times": ["05:30"]}, "schedule_too_often"),
        ({"lunar": ["6n-15"], "times": ["05:30"]}, "lunar_leap_month"),
        ({"cron": "* * * * *"}, "malformed"),
        ({"rrule": "FREQ=DAILY"}, "schedule_empty"),
        ({}, "schedule_empty"),
    ],
)
def test_what_cannot_be_is_refused_with_a_code(house: House, rule: dict[str, Any], code: str) -> None:
    program, one = scene(house)
    for path in (PATH, f"{PATH}/preview"):
        answer = send(program, path, {"announcement": one, "rule": rule})
        assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_an_end_before_the_start_is_refused(house: House) -> None:
    program, one = scene(house)
    body = {"announcement": one, "rule": DAILY, "starts": "2027-01-02T00:00:00Z", "until": "2027-01-01T00:00:00Z"}
    assert send(program, PATH, body).json()["code"] == "end_before_start"
