"""Loudspeakers that are seldom online: planned weeks ahead, and nobody else with them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from broadcaster.domain.errors import BadDaysAhead, NotAllowed, UnknownSpeaker
from broadcaster.domain.schedule import HORIZON, Kind, seen_until
from broadcaster.services.airtime import far, planning, schedules
from broadcaster.services.hours import rules
from broadcaster.services.places.ahead_days import set_ahead
from broadcaster.services.writing.announcements import AudienceChoice
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, AuditEntry, Channel, Delivery, MirrorCopy, OutboxEntry, Schedule, Speaker
from tests.cast import COMMUNE, NOW, OTHER_SPEAKER, SPEAKERS, VILLAGES, Cast, approved, speaker
from tests.services.planned import EVERY_DAY, TWICE_A_DAY, repeat, schedule

pytestmark = pytest.mark.database

FAR, NEAR = SPEAKERS[0], SPEAKERS[1]
DAY = timedelta(days=1)


def see(database: Database, cast: Cast, speaker_id: str, days: int, now: datetime = NOW) -> None:
    with database.transaction() as session:
        set_ahead(session, cast.technician, speaker_id, days, now=now)


def heard(database: Database, speaker_id: str) -> Sequence[datetime]:
    """When it is to play what is planned for it."""
    with database.read() as session:
        mine = select(Airing.planned_at).join(Delivery, Delivery.airing_id == Airing.id)
        mine = mine.where(Delivery.speaker_id == speaker_id, Delivery.state == "planned", Airing.state == "planned")
        return session.scalars(mine.order_by(Airing.planned_at)).all()


def test_it_alone_is_planned_far_ahead(database: Database, cast: Cast) -> None:
    see(database, cast, FAR, 30)
    with database.transaction() as session:
        repeat(session, approved(session, cast))
    end = seen_until(NOW, 30)
    assert NOW + 30 * DAY < end <= NOW + 31 * DAY
    far_sighted, near = heard(database, FAR), heard(database, NEAR)
    assert len(far_sighted) >= 60
    assert end - DAY < far_sighted[-1] < end
    assert NOW + HORIZON - DAY < near[-1] < NOW + HORIZON
    assert list(near) == list(far_sighted[: len(near)])


def test_without_one_a_schedule_is_planned_as_before(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        repeat(session, approved(session, cast))
        assert far.plan(session, now=NOW) == 0
        assert session.scalars(select(Schedule.far_through)).all() == [None]
    assert max(heard(database, FAR)) < NOW + HORIZON


def test_who_begins_to_see_further_is_planned_at_once(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        repeat(session, approved(session, cast))
    see(database, cast, FAR, 20)
    assert len(heard(database, FAR)) >= 40
    see(database, cast, FAR, 35)
    assert len(heard(database, FAR)) >= 70
    assert len(heard(database, NEAR)) == 6


def test_the_others_join_within_the_horizon_and_nothing_is_laid_twice(database: Database, cast: Cast) -> None:
    see(database, cast, FAR, 20)
    with database.transaction() as session:
        repeat(session, approved(session, cast))
    for hours in range(0, 24 * 10, 8):
        planning.plan_in_steps(database, now=NOW + timedelta(hours=hours))
    last = NOW + timedelta(hours=24 * 10 - 8)
    assert [at for at in heard(database, FAR) if at < last + HORIZON - DAY] == [
        at for at in heard(database, NEAR) if at < last + HORIZON - DAY
    ]
    assert len(heard(database, NEAR)) >= 2 * 12
    with database.read() as session:
        airings = session.scalar(select(func.count()).select_from(Airing))
        moments = session.scalar(select(func.count(Airing.planned_at.distinct())))
    assert airings == moments


def test_a_loudspeaker_put_up_later_is_not_left_out(database: Database, cast: Cast) -> None:
    see(database, cast, FAR, 20)
    with database.transaction() as session:
        repeat(session, approved(session, cast))
        session.add(speaker("loa-moi", VILLAGES[2], now=NOW))
    planning.plan_in_steps(database, now=NOW + 5 * DAY)
    assert heard(database, "loa-moi")


def test_a_moved_or_new_far_sighted_one_is_caught_up_with_each_day(database: Database, cast: Cast) -> None:
    see(database, cast, FAR, 20)
    with database.transaction() as session:
        repeat(session, approved(session, cast, audience=[AudienceChoice("unit", VILLAGES[1])]))
        session.execute(update(Speaker).where(Speaker.id == FAR).values(unit_id=VILLAGES[1]))
    assert heard(database, FAR) == []
    planning.plan_in_steps(database, now=NOW + DAY)
    assert len(heard(database, FAR)) >= 38


def test_limits_of_the_day_count_what_is_far_away_once(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, BOOK | {"sessions_day": 2, "pause_minutes": 30}, now=NOW)
    see(database, cast, FAR, 20)
    with database.transaction() as session:
        repeat(session, approved(session, cast))
        repeat(session, approved(session, cast), {"days": EVERY_DAY, "times": ["12:00"]})
    for day in range(8):
        planning.plan_in_steps(database, now=NOW + day * DAY)
    with database.read() as session:
        barred = select(Delivery.reason, func.count()).where(Delivery.speaker_id == FAR, Delivery.state == "refused")
        assert dict(session.execute(barred.group_by(Delivery.reason)).all()).keys() <= {"sessions_spent"}
    days = Counter((at + timedelta(hours=7)).date() for at in heard(database, FAR))
    assert len(days) >= 26
    assert set(list(days.values())[:-1]) == {2}


def test_what_the_rules_bar_today_is_judged_again_in_time(database: Database, cast: Cast) -> None:
    see(database, cast, FAR, 20)
    with database.transaction() as session:
        first = approved(session, cast)
        rules.set(session, cast.owner, COMMUNE, BOOK | {"hours": NIGHT}, now=NOW)
        schedule(session, first, TWICE_A_DAY)
        planning.plan(session, now=NOW)
        far.plan(session, now=NOW)
    assert heard(database, FAR) == []
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, BOOK, now=NOW + DAY)
    planning.plan_in_steps(database, now=NOW + DAY + timedelta(minutes=1))
    assert len(heard(database, FAR)) >= 38


def test_new_rules_refuse_far_airings_too_and_give_them_back(database: Database, cast: Cast) -> None:
    see(database, cast, FAR, 20)
    with database.transaction() as session:
        repeat(session, approved(session, cast))
    before = len(heard(database, FAR))
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, BOOK | {"hours": NIGHT}, now=NOW)
    assert heard(database, FAR) == []
    with database.transaction() as session:
        rules.set(session, cast.owner, COMMUNE, BOOK, now=NOW + timedelta(minutes=1))
    planning.plan_in_steps(database, now=NOW + DAY)
    assert len(heard(database, FAR)) >= before - 8


def test_changing_a_schedule_takes_all_of_the_old_one_back(database: Database, cast: Cast) -> None:
    see(database, cast, FAR, 20)
    with database.transaction() as session:
        row = repeat(session, approved(session, cast))
        new = schedules.change(
            session, cast.approver, row.id, {"days": EVERY_DAY, "times": ["11:00"]}, starts=NOW, now=NOW
        )
        session.flush()
        assert new.far_through is not None
    assert {at.strftime("%H:%M") for at in heard(database, FAR)} == {"04:00"}
    assert len(heard(database, FAR)) >= 20


def test_once_in_three_weeks_is_told_at_once_and_mirrored_in_its_time(database: Database, cast: Cast) -> None:
    see(database, cast, FAR, 30)
    with database.transaction() as session:
        session.add(Channel(id="nhom", unit_id=COMMUNE, kind="webhook", name="Nhóm", settings={}, created_at=NOW))
        schedule(session, approved(session, cast), {}, kind=Kind.AT, starts=NOW + 20 * DAY)
    planning.plan_in_steps(database, now=NOW)
    assert heard(database, FAR) == [NOW + 20 * DAY]
    assert heard(database, NEAR) == []
    with database.read() as session:
        assert session.scalars(select(MirrorCopy.id)).all() == []
    planning.plan_in_steps(database, now=NOW + 18 * DAY)
    assert heard(database, NEAR) == [NOW + 20 * DAY]
    with database.read() as session:
        assert len(session.scalars(select(MirrorCopy.id)).all()) == 1


def test_whoever_may_not_tend_it_cannot_set_it(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        with pytest.raises(NotAllowed):
            set_ahead(session, cast.clerk, FAR, 10, now=NOW)
        with pytest.raises(NotAllowed):
            set_ahead(session, cast.technician, OTHER_SPEAKER, 10, now=NOW)
        with pytest.raises(UnknownSpeaker):
            set_ahead(session, cast.technician, "nobody", 10, now=NOW)
        for days in (-1, 0, 2, 36, 10_000):
            with pytest.raises(BadDaysAhead):
                set_ahead(session, cast.technician, FAR, days, now=NOW)
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "ahead_days")).all() == []


def test_it_stands_in_the_log_book_and_the_speaker_is_told(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        session.execute(delete(OutboxEntry))
    see(database, cast, FAR, 10)
    see(database, cast, FAR, 10)
    see(database, cast, FAR, 3)
    with database.read() as session:
        told = session.scalars(select(AuditEntry.details).where(AuditEntry.action == "ahead_days")).all()
        assert [one["after"]["ahead_days"] for one in told] == [10, 3]
        assert session.scalars(select(OutboxEntry.ref).where(OutboxEntry.kind == "manifest")).all() == [FAR]


BOOK = {"version": 1, "zone": "Asia/Ho_Chi_Minh", "hours": [{"days": EVERY_DAY, "start": 300, "end": 1260}]}
NIGHT = [{"days": EVERY_DAY, "start": 0, "end": 60}]
