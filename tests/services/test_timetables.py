"""Taking over a timetable, and the feed that tells what is planned."""

from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from broadcaster.domain import errors
from broadcaster.services.airtime import airings, feeds, planning, schedules
from broadcaster.services.writing import announcements, timetables
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, Schedule
from tests.cast import COMMUNE, NOW, OTHER_COMMUNE, VILLAGES, Cast, approved, draft

pytestmark = pytest.mark.database

FILE = b"""BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
SUMMARY:Th\xe1\xbb\x83 d\xe1\xbb\xa5c
DTSTART;TZID=Asia/Ho_Chi_Minh:20261126T053000
RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:Th\xe1\xbb\x83 d\xe1\xbb\xa5c
DTSTART;TZID=Asia/Ho_Chi_Minh:20261128T060000
END:VEVENT
BEGIN:VEVENT
UID:3
SUMMARY:Ban \xc4\x91\xc3\xaam
DTSTART;TZID=Asia/Ho_Chi_Minh:20261126T031500
RRULE:FREQ=DAILY
END:VEVENT
BEGIN:VEVENT
UID:4
SUMMARY:C\xc5\xa9
DTSTART:20200101T050000
END:VEVENT
END:VCALENDAR
"""
ADDRESS = "https://loa.example"


def test_a_dry_run_says_what_becomes_what_and_changes_nothing(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        entries = timetables.look(session, cast.clerk, COMMUNE, FILE, now=NOW)
        assert [each.problem.code if each.problem else "" for each in entries] == ["", "", "", "in_the_past"]
        assert session.scalars(select(Announcement)).all() == []


def test_a_rehearsal_also_knows_the_rules_of_the_air_and_changes_nothing(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        entries = timetables.rehearse(session, cast.clerk, COMMUNE, FILE, now=NOW)
    codes = [each.problem.code if each.problem else "" for each in entries]
    assert codes == ["", "", "outside_hours", "in_the_past"]
    with database.read() as session:
        assert session.scalars(select(Announcement)).all() == []
        assert session.scalars(select(Schedule)).all() == []


def test_events_of_one_text_become_one_draft_with_their_schedules(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        taken = timetables.take(session, cast.clerk, COMMUNE, FILE, now=NOW)
    with database.transaction() as session:
        (made,) = session.scalars(select(Announcement))
        assert (made.id, made.title, made.state) == (taken.drafts[0], "Thể dục", "draft")
        kinds = [row.kind for row in session.scalars(select(Schedule).order_by(Schedule.id))]
        assert sorted(kinds) == ["at", "recurring"]
        planning.plan(session, now=NOW)
        assert session.scalars(select(Airing)).all() == []
    # What would only be heard at night is left out with the reason, and so is what is over.
    assert [each.problem.code for each in taken.left if each.problem] == ["in_the_past", "outside_hours"]


def test_only_who_may_write_there_takes_a_timetable_over(database: Database, cast: Cast) -> None:
    for actor, unit in ((cast.village_head, COMMUNE), (cast.clerk, OTHER_COMMUNE), (cast.monitor, COMMUNE)):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            timetables.take(session, actor, unit, FILE, now=NOW)


def test_a_file_that_is_none_is_refused(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.NotATimetable), database.transaction() as session:
        timetables.take(session, cast.clerk, COMMUNE, b"no calendar", now=NOW)


def told(database: Database, name: str) -> list[str]:
    with database.read() as session:
        body = feeds.calendar(session, name, address=ADDRESS, now=NOW)
    return [f"{each['SUMMARY']} {each.decoded('DTSTART'):%d %H:%M}" for each in Calendar.from_ical(body).walk("VEVENT")]


def test_a_feed_tells_what_is_planned_of_what_is_approved(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        name = feeds.renew(session, cast.owner, COMMUNE, now=NOW)
        village = feeds.renew(session, cast.owner, VILLAGES[0], now=NOW)
        one = approved(session, cast, title="Tiêm phòng").id
        schedules.add(session, cast.clerk, one, {}, starts=NOW + timedelta(days=1), now=NOW)
        hidden = announcements.write(session, cast.clerk, draft(title="Bản nháp"), now=NOW)
        schedules.add(session, cast.clerk, hidden.id, {}, starts=NOW + timedelta(days=1), now=NOW)
    assert told(database, name) == told(database, village) == ["Tiêm phòng 26 03:00"]


def test_of_a_text_that_was_changed_nothing_is_told_before_it_is_approved_anew(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        name = feeds.renew(session, cast.owner, COMMUNE, now=NOW)
        one = approved(session, cast)
        airings.air(session, cast.clerk, one.id, at=None, now=NOW)
    assert len(told(database, name)) == 1
    with database.transaction() as session:
        changed = draft(title="Chưa ai duyệt")
        announcements.edit(session, cast.clerk, one.id, changed, revision=1, now=NOW)
    assert told(database, name) == []


def test_an_address_that_was_renewed_or_ended_is_dead(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        old = feeds.renew(session, cast.owner, COMMUNE, now=NOW)
        new = feeds.renew(session, cast.owner, COMMUNE, now=NOW)
    assert (len(old) >= 32, old != new, told(database, new)) == (True, True, [])
    with database.transaction() as session:
        feeds.end(session, cast.owner, COMMUNE, now=NOW)
    for name in (old, new, "", "None"):
        with pytest.raises(errors.NotFound):
            told(database, name)


def test_only_who_tends_the_unit_has_its_address(database: Database, cast: Cast) -> None:
    for actor in (cast.clerk, cast.approver, cast.stranger):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            feeds.renew(session, actor, COMMUNE, now=NOW)
        with pytest.raises(errors.NotAllowed), database.read() as session:
            feeds.name_of(session, actor, COMMUNE)
