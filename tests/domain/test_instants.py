"""Fault T13: clock changes, leap days, year ends and midnight, in a table of instants worked out without our code."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from broadcaster.domain.schedule import Recurrence

pytestmark = pytest.mark.pure

CASES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("instants.toml").read_text("utf-8"))["case"]


def midnight(day: str, zone: ZoneInfo, days: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(days=days), time(), tzinfo=zone)


def test_the_table_holds_what_it_promises() -> None:
    assert sum(len(case["instants"]) for case in CASES) >= 200
    zones = {"Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"}
    assert {case["zone"] for case in CASES} == zones


@pytest.mark.parametrize("case", CASES, ids=[f"{case['zone']}: {case['name']}" for case in CASES])
def test_every_expected_instant_and_no_other(case: dict[str, Any]) -> None:
    zone, (first, last) = ZoneInfo(case["zone"]), case["days"]
    rule = Recurrence.from_json(case["rule"])
    found = rule.between(midnight(first, zone), midnight(last, zone, days=1), zone)
    assert [[each.wall, each.at.strftime("%Y-%m-%dT%H:%MZ")] for each in found] == case["instants"]
    assert all(each.at.tzinfo is UTC for each in found)
