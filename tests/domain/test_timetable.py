"""Timetables from outside: what becomes what, what cannot and why, and hostile files refused with a code."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broadcaster.domain.errors import LoaError
from broadcaster.domain.timetable import Entry, read
from broadcaster.domain.timetable.fitting import MOST_BYTES, MOST_EVENTS

pytestmark = pytest.mark.pure

HANOI, BERLIN = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ZONE = """BEGIN:VTIMEZONE
TZID:Asia/Ho_Chi_Minh
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0700
TZOFFSETTO:+0700
RRULE:FREQ=SECONDLY
END:STANDARD
END:VTIMEZONE
"""


def calendar(*events: str, zone: str = ZONE) -> bytes:
    bodies = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{zone}{bodies}END:VCALENDAR\n".encode()


def event(*lines: str, starts: str = "DTSTART;TZID=Asia/Ho_Chi_Minh:20261124T053000", uid: str = "1") -> str:
    return "\n".join((f"UID:{uid}", "SUMMARY:Họp bản", starts, *lines))


def one(*lines: str, zone: ZoneInfo = HANOI, **more: str) -> Entry:
    (entry,) = read(calendar(event(*lines, **more)), zone, NOW)
    return entry


def code(entry: Entry) -> str:
    return entry.problem.code if entry.problem else ""


def test_a_single_event_is_once() -> None:
    entry = one("DESCRIPTION:Mời bà con\\nđến nhà văn hoá.")
    assert entry == Entry(
        "Họp bản", "Mời bà con\nđến nhà văn hoá.", {}, starts=datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    )


def test_a_recurring_event_keeps_its_days_hour_end_and_exceptions() -> None:
    entry = one(
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20270630T165959Z",
        "EXDATE;TZID=Asia/Ho_Chi_Minh:20261130T053000,20261201T053000",
        "RDATE;TZID=Asia/Ho_Chi_Minh:20261225T053000",
    )
    assert code(entry) == ""
    assert entry.text == "Họp bản"
    assert entry.rule == {
        "rrule": "FREQ=WEEKLY;BYDAY=MO,TU",
        "times": ["05:30"],
        "except": ["2026-11-30", "2026-12-01"],
        "also": ["2026-12-25"],
        "from": "2026-11-24",
    }
    assert entry.until == datetime(2027, 6, 30, 17, tzinfo=UTC)


def test_an_end_before_the_hour_of_its_day_leaves_that_day_out() -> None:
    assert one("RRULE:FREQ=DAILY;UNTIL=20261130T000000").until == datetime(2026, 11, 29, 17, tzinfo=UTC)


def test_a_time_that_was_moved_becomes_one_of_its_own() -> None:
    series = event("RRULE:FREQ=WEEKLY")
    moved = event("RECURRENCE-ID;TZID=Asia/Ho_Chi_Minh:20261201T053000", starts="DTSTART:20261202T170000")
    gone = event("RECURRENCE-ID:20261208T053000", "STATUS:CANCELLED", starts="DTSTART:20261208T053000")
    first, second = read(calendar(series, moved, gone), HANOI, NOW)
    assert first.rule["except"] == ["2026-12-01", "2026-12-08"]
    assert (second.rule, second.starts) == ({}, datetime(2026, 12, 2, 10, tzinfo=UTC))


def test_a_single_time_in_another_zone_is_the_same_instant() -> None:
    entry = one(starts="DTSTART;TZID=Europe/Berlin:20261124T120000")
    assert entry.starts == datetime(2026, 11, 24, 11, tzinfo=UTC)


def test_a_zone_that_always_agrees_is_taken() -> None:
    entry = one("RRULE:FREQ=DAILY", starts="DTSTART;TZID=SE Asia Standard Time:20261124T053000")
    assert (code(entry), entry.rule["times"]) == ("", ["05:30"])


PROBLEMS = [
    (("RRULE:FREQ=DAILY",), "DTSTART;TZID=Europe/Berlin:20261124T120000", "foreign_zone"),
    (("RRULE:FREQ=DAILY",), "DTSTART:20261124T053000Z", "foreign_zone"),
    ((), "DTSTART;TZID=Mars/Olympus:20261124T053000", "unknown_zone"),
    ((), "DTSTART;TZID=../../etc/passwd:20261124T053000", "unknown_zone"),
    ((), "DTSTART;VALUE=DATE:20261124", "schedule_empty"),
    ((), "DTSTART:20200101T053000", "in_the_past"),
    ((), "DTSTART:tomorrow", "malformed"),
    ((), "X-NOTHING:1", "malformed"),
    (("RRULE:FREQ=SECONDLY",), "", "schedule_too_often"),
    (("RRULE:FREQ=HOURLY;COUNT=1000000",), "", "schedule_too_often"),
    (("RRULE:FREQ=DAILY;BYHOUR=5,6",), "", "malformed"),
    (("RRULE:FREQ=DAILY;UNTIL=20201231",), "", "in_the_past"),
    (("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",), "", "schedule_never"),
    (("RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"), "", "malformed"),
    (("RRULE:FREQ=DAILY", "RDATE:20261225T170000"), "", "malformed"),
    (("RRULE:FREQ=DAILY", "EXRULE:FREQ=WEEKLY"), "", "malformed"),
    (("DESCRIPTION:" + "a" * 6000,), "", "text_too_long"),
]


@pytest.mark.parametrize(("lines", "starts", "problem"), PROBLEMS)
def test_what_cannot_be_taken_is_named(lines: tuple[str, ...], starts: str, problem: str) -> None:
    found = one(*lines, starts=starts) if starts else one(*lines)
    assert code(found) == problem


def test_the_good_ones_of_a_file_are_not_lost_by_the_bad() -> None:
    entries = read(calendar(event(), event(starts="DTSTART:soon")), HANOI, NOW)
    assert [code(entry) for entry in entries] == ["", "malformed"]


HOSTILE = [
    (b"", "not_a_timetable"),
    (b"\x00\xff\xfe", "not_a_timetable"),
    (b"PK\x03\x04", "not_a_timetable"),
    (b"<html></html>", "not_a_timetable"),
    (b"BEGIN:VCALENDAR\n", "not_a_timetable"),
    (b"BEGIN:VCALENDAR\nEND:VEVENT\n", "not_a_timetable"),
    (calendar(), "not_a_timetable"),
    (b"BEGIN:VCALENDAR\nEND:VCALENDAR\nBEGIN:VCALENDAR\nEND:VCALENDAR\n", "not_a_timetable"),
    (b"BEGIN:VCALENDAR\n" + b"A:1\n" * 3_000_000, "timetable_too_large"),
    (b"BEGIN:VCALENDAR\n" + b"A:1\n" * 30_000, "timetable_too_large"),
    (b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 2000, "timetable_too_large"),
    (b"BEGIN:VCALENDAR\nSUMMARY:" + b"a\n a" * 15_000, "timetable_too_large"),
    (calendar(*[event()] * (MOST_EVENTS + 1)), "timetable_too_large"),
    (b"A" * (MOST_BYTES + 1), "timetable_too_large"),
]


@pytest.mark.parametrize(("content", "refusal"), HOSTILE)
def test_a_hostile_file_is_refused_with_a_code(content: bytes, refusal: str) -> None:
    with pytest.raises(LoaError) as caught:
        read(content, HANOI, NOW)
    assert caught.value.code == refusal


GOOD = calendar(event("RRULE:FREQ=WEEKLY;BYDAY=MO", "EXDATE:20261130T053000"), event(uid="2")).decode()
cuts = st.tuples(
    st.integers(0, len(GOOD)), st.integers(0, 40), st.text(max_size=12) | st.sampled_from([";", ":", "\n"])
)


@settings(max_examples=300)
@given(st.lists(cuts, min_size=1, max_size=4), st.sampled_from([HANOI, BERLIN]))
@example([(0, 0, "\ufeff")], HANOI)
def test_any_damage_is_read_or_refused_and_never_falls_over(damage: list[tuple[int, int, str]], zone: ZoneInfo) -> None:
    text = GOOD
    for at, length, put in damage:
        text = text[:at] + put + text[at + length :]
    try:
        entries = read(text.encode("utf-8", "surrogatepass"), zone, NOW)
    except LoaError:
        return
    assert all(entry.problem or entry.starts for entry in entries)
