"""A schedule said back in three languages: what a clerk chose, and nothing left out."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.schedule import At, Recurrence, Repeating
from broadcaster.domain.schedule.wording import WORDINGS
from broadcaster.domain.schedule.words import lunar_words, words
from tests.domain.recurrences import RULES, recurrences

pytestmark = pytest.mark.pure

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
UNTIL = datetime(2027, 7, 1, tzinfo=HANOI)
TWICE: dict[str, Any] = {"times": ["05:30", "17:00"]}
WEEKDAYS = {"rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", **TWICE}
MOON = {"lunar": ["15", "1"], "times": ["05:30"]}
SUMMER = {"rrule": "FREQ=DAILY", "times": ["05:30"], "seasons": [{"first": 401, "last": 930, "times": ["05:00"]}]}
NO_HOLIDAY = {"rrule": "FREQ=MONTHLY;BYMONTHDAY=15", "times": ["05:30"], "holidays": "skip", "except": ["2026-12-15"]}
TET = {"lunar": ["12-last", "1-1"], "times": ["06:00"]}

SAID = [
    (WEEKDAYS, "vi", "Các ngày trong tuần lúc 05:30 và 17:00 đến hết ngày 30/6/2027"),
    (WEEKDAYS, "en", "Every weekday at 05:30 and 17:00 until 30 June 2027"),
    (WEEKDAYS, "fr", "Du lundi au vendredi à 5 h 30 et 17 h jusqu’au 30 juin 2027 inclus"),
    (MOON, "vi", "Ngày rằm và mồng một âm lịch lúc 05:30 đến hết ngày 30/6/2027"),
    (MOON, "en", "On the 15th day and the 1st day of every lunar month at 05:30 until 30 June 2027"),
    (MOON, "fr", "Le 15e jour et le 1er jour de chaque mois lunaire à 5 h 30 jusqu’au 30 juin 2027 inclus"),
    (SUMMER, "vi", "Hằng ngày lúc 05:30 (từ ngày 1/4 đến ngày 30/9 lúc 05:00) đến hết ngày 30/6/2027"),
    (
        NO_HOLIDAY,
        "vi",
        "Ngày 15 hằng tháng lúc 05:30 đến hết ngày 30/6/2027, trừ các ngày nghỉ lễ, Tết, trừ ngày 15/12/2026",
    ),
    (
        TET,
        "vi",
        "Ngày cuối tháng Chạp và mồng 1 tháng Giêng âm lịch hằng năm lúc 06:00 đến hết ngày 30/6/2027",
    ),
]


@pytest.mark.parametrize(("rule", "language", "expected"), SAID)
def test_as_a_person_would_say_it(rule: dict[str, Any], language: str, expected: str) -> None:
    assert words(Recurrence.from_json(rule), None, UNTIL, language) == expected


def test_a_beginning_to_come_and_an_end_in_the_day_are_said() -> None:
    begins, ends = datetime(2026, 12, 1, tzinfo=HANOI), datetime(2026, 12, 24, 17, tzinfo=HANOI)
    said = words(Recurrence.from_json({"rrule": "FREQ=DAILY", "times": ["05:30"]}), begins, ends, "vi")
    assert said == "Hằng ngày lúc 05:30 từ ngày 1/12/2026 đến 17:00 ngày 24/12/2026"


@given(recurrences(), st.sampled_from(sorted(WORDINGS)), st.none() | st.just(UNTIL))
def test_every_rule_has_words_in_every_language(rule: Recurrence, language: str, until: datetime | None) -> None:
    said = words(rule, None, until, language)
    assert said[0] == said[0].upper()
    assert not any(broken in said for broken in ("{", "}", "None", "  "))


@pytest.mark.parametrize("language", sorted(WORDINGS))
def test_different_rules_are_said_differently(language: str) -> None:
    said = [
        words(Recurrence.from_json({"rrule": text, **TWICE, "from": "2026-11-25"}), None, None, language)
        for text in RULES
    ]
    # The same days in two ways of writing them.
    assert len(set(said)) >= len(RULES) - 2


@pytest.mark.parametrize("language", sorted(WORDINGS))
def test_no_language_leaves_a_sentence_empty(language: str) -> None:
    table = WORDINGS[language]
    assert [each.name for each in fields(table) if getattr(table, each.name) == ""] == []
    assert (len(table.weekdays), len(table.months)) == (7, 12)


def test_the_lunar_date_stands_beside_the_solar_one() -> None:
    assert lunar_words(date(2026, 11, 15), "vi") == "mồng 7 tháng 10"
    assert lunar_words(date(2026, 11, 23), "vi") == "ngày rằm tháng 10"
    assert lunar_words(date(2027, 2, 5), "vi") == "ngày 29 tháng Chạp"
    assert lunar_words(date(2025, 8, 8), "en") == "the 15th day of the 6th lunar month (leap)"
    assert lunar_words(date(2027, 2, 6), "fr") == "le 1er jour du 1er mois lunaire"


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.sampled_from(sorted(WORDINGS)))
def test_neighbouring_days_have_different_lunar_dates(day: date, language: str) -> None:
    assert lunar_words(day, language) != lunar_words(day + timedelta(days=1), language)


def test_once_and_a_few_times_in_a_row() -> None:
    at = datetime(2026, 11, 25, 10, tzinfo=UTC).astimezone(HANOI)
    assert words(At(at), at, None, "vi") == "Một lần, lúc 17:00 ngày 25/11/2026"
    assert words(Repeating(at, 5, 6), at, None, "en") == "6 times, 5 minutes apart, from 25 November 2026 at 17:00"


def test_an_unknown_language_is_answered_in_vietnamese() -> None:
    assert words(Recurrence.from_json(MOON), None, None, "hmn") == "Ngày rằm và mồng một âm lịch lúc 05:30"
