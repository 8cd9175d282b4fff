"""A clerk composes when an announcement is heard, sees it in words, changes and ends it; without a script as well."""

from typing import Any

import pytest

from broadcaster.services.writing import announcements
from broadcaster.store.tables import Airing, Schedule
from tests.cast import NOW, approved, draft
from tests.web.house import Browser, House

pytestmark = pytest.mark.pages

WEEKDAYS: dict[str, Any] = {"pattern": "weekdays", "times": ["05:30", "17:00"], "ends": "2027-06-30"}


def an_approved_one(house: House, **changes: Any) -> str:
    with house.database.transaction() as session:
        return approved(session, house.cast, **changes).id


def page(announcement: str) -> str:
    return f"/announcements/{announcement}/schedule"


def kept(house: House) -> list[Schedule]:
    with house.database.read() as session:
        return list(session.query(Schedule).filter(Schedule.ended_at.is_(None)))


def add(browser: Browser, announcement: str, **typed: Any) -> Any:
    return browser.send(page(announcement), page(announcement), typed)


def test_composed_in_plain_words_and_said_back(house: House) -> None:
    browser, one = house.browser(house.cast.clerk), an_approved_one(house)
    answer = add(browser, one, **WEEKDAYS)
    assert "Các ngày trong tuần lúc 05:30 và 17:00 đến hết ngày 30/6/2027" in answer.text
    assert "26/11/2026" in answer.text
    assert "mồng" in answer.text or "ngày 18 tháng 10" in answer.text
    (row,) = kept(house)
    assert row.rule == {
        "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "times": ["05:30", "17:00"],
        "from": "2026-11-25",
    }
    with house.database.read() as session:
        assert session.query(Airing).count() == 5


COMPOSED = [
    ({"pattern": "daily"}, {"rrule": "FREQ=DAILY"}),
    ({"pattern": "weekly", "days": ["MO", "SA"]}, {"rrule": "FREQ=WEEKLY;BYDAY=MO,SA"}),
    ({"pattern": "monthly", "month_days": "1, 15"}, {"rrule": "FREQ=MONTHLY;BYMONTHDAY=1,15"}),
    ({"pattern": "monthly", "last_day": "1"}, {"rrule": "FREQ=MONTHLY;BYMONTHDAY=-1"}),
    ({"pattern": "lunar", "lunar": ["15", "1"]}, {"lunar": ["15", "1"]}),
    ({"pattern": "feasts", "feasts": ["12-last", "1-1"]}, {"lunar": ["12-last", "1-1"]}),
    ({"pattern": "yearly", "day_of_year": "2/9"}, {"rrule": "FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=2"}),
    ({"pattern": "holidays"}, {"holidays": "only"}),
    ({"pattern": "daily", "holidays": "skip"}, {"rrule": "FREQ=DAILY", "holidays": "skip"}),
    (
        {"pattern": "daily", "except": "24/12/2026, 31/12/2026", "also": "2027-01-05"},
        {"rrule": "FREQ=DAILY", "except": ["2026-12-24", "2026-12-31"], "also": ["2027-01-05"]},
    ),
    (
        {"pattern": "daily", "season_first": "1/4", "season_last": "30/9", "season_times": ["05:15"]},
        {"rrule": "FREQ=DAILY", "seasons": [{"first": 401, "last": 930, "times": ["05:15"]}]},
    ),
]


@pytest.mark.parametrize(("typed", "rule"), COMPOSED)
def test_what_is_chosen_is_kept_and_opens_again_as_it_was(
    house: House, typed: dict[str, Any], rule: dict[str, Any]
) -> None:
    browser, one = house.browser(house.cast.clerk), an_approved_one(house)
    assert add(browser, one, times=["05:30", ""], **typed).status_code == 200
    (row,) = kept(house)
    assert row.rule == rule | {"times": ["05:30"], "from": "2026-11-25"}
    opened = browser.get(f"/schedules/{row.id}").text
    assert f'value="{typed["pattern"]}" checked' in opened
    browser.send(f"/schedules/{row.id}", f"/schedules/{row.id}", {"times": ["06:00"], **typed})
    (changed,) = kept(house)
    assert (changed.rule, changed.id != row.id) == (rule | {"times": ["06:00"], "from": "2026-11-25"}, True)


def test_once_at_a_time(house: House) -> None:
    browser, one = house.browser(house.cast.clerk), an_approved_one(house)
    answer = add(browser, one, pattern="once", at="2026-11-26T17:00")
    assert "Một lần, lúc 17:00 ngày 26/11/2026" in answer.text
    (row,) = kept(house)
    assert 'value="2026-11-26T17:00"' in browser.get(f"/schedules/{row.id}").text


def test_a_preview_with_a_script_is_the_piece_alone_and_without_one_the_page(house: House) -> None:
    browser, one = house.browser(house.cast.clerk), an_approved_one(house)
    plain = browser.send(page(one), f"{page(one)}/preview", WEEKDAYS)
    assert ("<html" in plain.text, "Các ngày trong tuần lúc 05:30" in plain.text) == (True, True)
    assert 'value="weekdays" checked' in plain.text
    browser.client.headers["hx-request"] = "true"
    piece = browser.send(page(one), f"{page(one)}/preview", WEEKDAYS)
    assert ("<html" in piece.text, "Các ngày trong tuần lúc 05:30" in piece.text) == (False, True)
    assert kept(house) == []


def test_a_preview_names_the_hour_that_is_barred(house: House) -> None:
    browser, one = house.browser(house.cast.clerk), an_approved_one(house)
    typed = {"pattern": "daily", "times": ["03:15", "05:30"]}
    assert "03:15" in browser.send(page(one), f"{page(one)}/preview", typed).text.partition('class="barred"')[2]


REFUSED = [
    {"pattern": "monthly", "month_days": "31, 32", "times": ["05:30"]},
    {"pattern": "weekly", "times": ["05:30"]},
    {"pattern": "daily", "times": [""]},
    {"pattern": "yearly", "day_of_year": "30/2", "times": ["05:30"]},
    {"pattern": "yearly", "day_of_year": "tháng hai", "times": ["05:30"]},
    {"pattern": "daily", "times": ["05:30"], "ends": "2020-01-01"},
    {"pattern": "daily", "times": ["05:30"], "begins": "2027-01-01", "ends": "2026-12-01"},
    {"pattern": "daily", "times": ["05:30", "05:31"]},
    {"pattern": "daily", "times": ["05:30"], "except": "ngày mai"},
    {"pattern": "once"},
    {"pattern": "once", "at": "hôm qua"},
    {"pattern": "daily", "times": ["03:15"]},
]


@pytest.mark.parametrize("typed", REFUSED)
def test_what_cannot_be_is_refused_with_what_was_typed(house: House, typed: dict[str, Any]) -> None:
    browser, one = house.browser(house.cast.clerk), an_approved_one(house)
    answer = add(browser, one, **typed)
    assert (answer.status_code, kept(house)) == (422, [])
    assert 'role="alert"' in answer.text
    assert f'value="{typed["pattern"]}" checked' in answer.text
    assert browser.send(page(one), f"{page(one)}/preview", typed).status_code in {200, 422}


def test_ended_it_is_no_longer_listed(house: House) -> None:
    browser, one = house.browser(house.cast.clerk), an_approved_one(house)
    add(browser, one, **WEEKDAYS)
    (row,) = kept(house)
    answer = browser.send(page(one), f"/schedules/{row.id}/end")
    assert "Các ngày trong tuần" not in answer.text
    with house.database.read() as session:
        assert {airing.state for airing in session.query(Airing)} == {"cancelled"}


def test_pressing_twice_adds_one(house: House) -> None:
    browser, one = house.browser(house.cast.clerk), an_approved_one(house)
    add(browser, one, once="a" * 32, **WEEKDAYS)
    add(browser, one, once="a" * 32, **WEEKDAYS)
    assert len(kept(house)) == 1


def test_a_rule_the_form_cannot_take_apart_keeps_its_days(house: House) -> None:
    browser, one = house.browser(house.cast.clerk), an_approved_one(house)
    rule = {"rrule": "FREQ=MONTHLY;BYDAY=1MO", "times": ["05:30"]}
    made = house.program(house.cast.clerk).post(
        "/api/v1/schedules", json={"announcement": one, "rule": rule}, headers={"idempotency-key": "k" * 8}
    )
    assert made.status_code == 201
    schedule = made.json()["id"]
    assert 'value="kept" checked' in browser.get(f"/schedules/{schedule}").text
    browser.send(f"/schedules/{schedule}", f"/schedules/{schedule}", {"pattern": "kept", "times": ["06:00"]})
    (row,) = kept(house)
    assert row.rule == {"rrule": "FREQ=MONTHLY;BYDAY=1MO", "times": ["06:00"], "from": "2026-11-25"}


@pytest.mark.parametrize("language", ["vi", "en", "fr"])
def test_the_page_speaks_each_language(house: House, language: str) -> None:
    browser, one = house.browser(house.cast.clerk), an_approved_one(house)
    browser.client.cookies.set("loa_language", language)
    answer = add(browser, one, **WEEKDAYS)
    words = {"vi": "Các ngày trong tuần", "en": "Every weekday at 05:30", "fr": "Du lundi au vendredi à 5 h 30"}
    assert words[language] in answer.text


def test_a_draft_may_be_given_its_times_before_it_is_approved(house: House) -> None:
    browser = house.browser(house.cast.clerk)
    with house.database.transaction() as session:
        one = announcements.write(session, house.cast.clerk, draft(), now=NOW).id
    assert add(browser, one, **WEEKDAYS).status_code == 200
    with house.database.read() as session:
        assert session.query(Airing).count() == 0
    assert len(kept(house)) == 1
