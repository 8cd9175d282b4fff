"""Schedules written, changed and ended, on drafts and on what is approved."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from broadcaster.domain import errors
from broadcaster.services.airtime import planning, schedules
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, AuditEntry, Delivery, OutboxEntry, Schedule
from tests.cast import NOW, SPEAKERS, VILLAGES, Cast, approve, approved, draft, give_clips, submit

pytestmark = pytest.mark.database

DAILY: dict[str, Any] = {"rrule": "FREQ=DAILY", "times": ["05:30", "17:00"]}
NIGHT: dict[str, Any] = {"rrule": "FREQ=DAILY", "times": ["03:15"]}
MOON: dict[str, Any] = {"lunar": ["15", "1"], "times": ["05:30"]}
TOMORROW = NOW + timedelta(days=1)


def airings(database: Database, state: str = "planned") -> list[str]:
    with database.read() as session:
        rows = select(Airing.wall).where(Airing.state == state).order_by(Airing.planned_at)
        return list(session.scalars(rows))


def scheduled(database: Database, cast: Cast, rule: dict[str, Any], **more: Any) -> Schedule:
    with database.transaction() as session:
        return schedules.add(session, cast.clerk, approved(session, cast).id, rule, now=NOW, **more)


def test_what_is_approved_is_planned_at_once(database: Database, cast: Cast) -> None:
    row = scheduled(database, cast, DAILY)
    assert (row.kind, row.zone, row.rule["from"]) == ("recurring", "Asia/Ho_Chi_Minh", "2026-11-25")
    assert airings(database)[:2] == ["2026-11-25T17:00", "2026-11-26T05:30"]
    assert len(airings(database)) == 6


def test_nothing_airs_of_a_draft_before_it_is_approved(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = announcements.write(session, cast.clerk, draft(), now=NOW)
        schedules.add(session, cast.clerk, first.id, DAILY, now=NOW)
        give_clips(session, first)
        planning.plan(session, now=NOW)
    assert airings(database) == []
    with database.transaction() as session:
        planning.plan(session, now=NOW)
        approve(session, cast.approver, submit(session, cast.clerk, first.id))
        planning.plan(session, now=NOW)
    assert len(airings(database)) == 6


def test_an_empty_rule_is_once(database: Database, cast: Cast) -> None:
    row = scheduled(database, cast, {}, starts=TOMORROW)
    assert (row.kind, row.rule, row.starts) == ("at", {}, TOMORROW)
    assert airings(database) == ["2026-11-26T10:00"]


def test_changing_replans_in_the_same_transaction_and_asks_for_manifests(database: Database, cast: Cast) -> None:
    old = scheduled(database, cast, DAILY)
    with database.transaction() as session:
        session.execute(OutboxEntry.__table__.delete())  # type: ignore[attr-defined]
    with database.transaction() as session:
        rule = {"rrule": "FREQ=DAILY", "times": ["06:00"]}
        new = schedules.change(session, cast.clerk, old.id, rule, until=NOW + timedelta(days=2), now=NOW)
    assert airings(database) == ["2026-11-26T06:00", "2026-11-27T06:00"]
    assert len(airings(database, "cancelled")) == 6
    with database.read() as session:
        assert session.get_one(Schedule, old.id).ended_at == NOW
        assert set(session.scalars(select(OutboxEntry.key))) >= {f"manifest:{each}" for each in SPEAKERS}
        assert new.id != old.id


def test_the_same_hour_may_be_planned_anew_after_a_change(database: Database, cast: Cast) -> None:
    old = scheduled(database, cast, DAILY)
    with database.transaction() as session:
        schedules.change(session, cast.clerk, old.id, DAILY, now=NOW)
    assert len(airings(database)) == 6


def test_what_is_on_air_is_heard_to_its_end(database: Database, cast: Cast) -> None:
    row = scheduled(database, cast, DAILY)
    with database.transaction() as session:
        playing = session.scalars(select(Airing).order_by(Airing.planned_at)).first()
        assert playing is not None
        playing.state = "on_air"
    with database.transaction() as session:
        schedules.end(session, cast.clerk, row.id, now=playing.planned_at)
    assert (len(airings(database, "on_air")), airings(database)) == (1, [])
    with database.read() as session:
        states = select(Delivery.state).where(Delivery.airing_id == playing.id).distinct()
        assert session.scalars(states).all() == ["planned"]


def test_an_ended_schedule_is_neither_changed_nor_ended_again(database: Database, cast: Cast) -> None:
    row = scheduled(database, cast, DAILY)
    with database.transaction() as session:
        schedules.end(session, cast.clerk, row.id, now=NOW)
        assert schedules.running(session, row.announcement_id, now=NOW) == []
    with pytest.raises(errors.IllegalStep), database.transaction() as session:
        schedules.end(session, cast.clerk, row.id, now=NOW)
    with pytest.raises(errors.IllegalStep), database.transaction() as session:
        schedules.change(session, cast.clerk, row.id, DAILY, now=NOW)


def test_a_preview_says_the_next_five_and_changes_nothing(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        shown = schedules.preview(session, cast.clerk, first.id, MOON, now=NOW)
        assert [each.moment.wall for each in shown.next] == [
            "2026-12-09T05:30", "2026-12-23T05:30", "2027-01-08T05:30", "2027-01-22T05:30", "2027-02-06T05:30",
        ]  # fmt: skip
        assert [each.bar for each in shown.next] == [None] * 5
        assert session.scalars(select(Schedule)).all() == []


def test_a_preview_says_why_an_hour_is_barred(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast)
        rule = {"rrule": "FREQ=DAILY", "times": ["03:15", "05:30"]}
        night, morning, *_ = schedules.preview(session, cast.clerk, first.id, rule, now=NOW).next
        assert isinstance(night.bar, errors.OutsideHours)
        assert night.bar.params["next_at"]
        assert morning.bar is None


def test_a_schedule_that_could_never_be_heard_is_refused_with_the_reason(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.OutsideHours, match="03:15"):
        scheduled(database, cast, NIGHT)
    with database.read() as session:
        assert session.scalars(select(Schedule)).all() == []


REFUSED: list[tuple[dict[str, Any], dict[str, Any], type[errors.LoaError]]] = [
    ({}, {}, errors.ScheduleEmpty),
    ({}, {"starts": NOW - timedelta(hours=1)}, errors.InThePast),
    (DAILY, {"starts": TOMORROW, "until": NOW + timedelta(hours=2)}, errors.EndBeforeStart),
    (DAILY, {"until": NOW - timedelta(hours=2)}, errors.InThePast),
    (DAILY, {"until": NOW + timedelta(hours=2)}, errors.ScheduleNever),
    ({"rrule": "FREQ=SECONDLY", "times": ["05:30"]}, {}, errors.ScheduleTooOften),
    ({"lunar": ["6n-15"], "times": ["05:30"]}, {}, errors.LunarLeapMonth),
]


@pytest.mark.parametrize(("rule", "more", "refusal"), REFUSED)
def test_what_is_refused(
    database: Database, cast: Cast, rule: dict[str, Any], more: dict[str, Any], refusal: type[errors.LoaError]
) -> None:
    with pytest.raises(refusal):
        scheduled(database, cast, rule, **more)


def test_an_end_is_kept(database: Database, cast: Cast) -> None:
    until = datetime(2026, 11, 26, 17, tzinfo=UTC)
    row = scheduled(database, cast, DAILY, until=until)
    assert row.until == until
    assert airings(database)[-1] == "2026-11-26T17:00"


def test_beyond_the_validity_of_the_announcement_nothing_is_scheduled(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast, expires=TOMORROW)
    with pytest.raises(errors.ExpiredAnnouncement), database.transaction() as session:
        schedules.add(session, cast.clerk, first.id, {}, starts=TOMORROW + timedelta(hours=1), now=NOW)


def test_a_live_emergency_has_no_schedule(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.UseEmergency), database.transaction() as session:
        schedules.add(session, cast.clerk, approved(session, cast, klass="emergency").id, DAILY, now=NOW)


def test_who_may_not_put_it_on_air_may_not_schedule_it(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast, audience=[AudienceChoice("unit", VILLAGES[0])])
    for actor in (cast.village_head, cast.technician, cast.monitor, cast.stranger):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            schedules.add(session, actor, first.id, DAILY, now=NOW)
        with pytest.raises(errors.NotAllowed), database.read() as session:
            schedules.preview(session, actor, first.id, DAILY, now=NOW)


def test_withdrawn_is_not_scheduled_again(database: Database, cast: Cast) -> None:
    row = scheduled(database, cast, DAILY)
    with database.transaction() as session:
        announcements.withdraw(session, cast.clerk, row.announcement_id, reason="Sai ngày", now=NOW)
    assert airings(database) == []
    with pytest.raises(errors.IllegalStep), database.transaction() as session:
        schedules.add(session, cast.clerk, row.announcement_id, DAILY, now=NOW)


def test_every_step_is_in_the_log_book(database: Database, cast: Cast) -> None:
    row = scheduled(database, cast, DAILY)
    with database.transaction() as session:
        new = schedules.change(session, cast.clerk, row.id, MOON, now=NOW)
        schedules.end(session, cast.clerk, new.id, now=NOW)
    with database.read() as session:
        mine = select(AuditEntry.action).where(AuditEntry.subject_id == row.announcement_id)
        assert set(session.scalars(mine)) >= {"schedule", "reschedule", "unschedule"}
        assert session.get_one(Announcement, row.announcement_id).state == "approved"


def test_a_draft_that_becomes_an_emergency_is_not_aired_by_its_schedule(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = announcements.write(session, cast.clerk, draft(), now=NOW)
        schedules.add(session, cast.clerk, first.id, DAILY, now=NOW)
        announcements.edit(session, cast.clerk, first.id, draft(klass="emergency"), revision=1, now=NOW)
        give_clips(session, first)
        approve(session, cast.approver, submit(session, cast.clerk, first.id))
        planning.plan(session, now=NOW)
        assert session.scalars(select(Airing).where(Airing.announcement_id == first.id)).all() == []
