"""An alert again and again until it is acknowledged; its parts standing by; priority airings put in order."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.domain import errors
from broadcaster.domain.schedule import Kind
from broadcaster.services.airtime import airings, closing, planning
from broadcaster.services.alarms import acknowledging
from broadcaster.store.database import Database
from broadcaster.store.tables import Airing, Announcement, Delivery, OutboxEntry, Schedule
from tests.cast import COMMUNE, NOW, SPEAKERS, VILLAGES, Cast, approved
from tests.services.planned import schedule

pytestmark = pytest.mark.database

SIX_TIMES = {"every_minutes": 5, "times": 6}
FIVE = timedelta(minutes=5)


def alert(database: Database, cast: Cast) -> str:
    """Sent now, and repeated six times from five minutes on."""
    with database.transaction() as session:
        first = approved(session, cast, klass="emergency")
        airings.air(session, cast.approver, first.id, at=None, now=NOW, emergency=True)
        schedule(session, first, SIX_TIMES, kind=Kind.REPEATING, starts=NOW + FIVE)
        assert len(planning.plan_announcement(session, first, now=NOW)) == 6
        return first.id


def heard_in(database: Database, speaker: str, name: str) -> list[str]:
    with database.read() as session:
        mine = select(Delivery.state).join(Airing).where(Delivery.speaker_id == speaker, Airing.announcement_id == name)
        return list(session.scalars(mine.order_by(Airing.planned_at)))


def test_where_somebody_acknowledges_it_is_not_repeated_and_elsewhere_it_is(database: Database, cast: Cast) -> None:
    name = alert(database, cast)
    with database.transaction() as session:
        cut = acknowledging.acknowledge(session, cast.village_head, name, VILLAGES[0], now=NOW + FIVE * 2)
        assert len(cut) == 4
    assert heard_in(database, SPEAKERS[0], name) == ["planned"] * 3 + ["cancelled"] * 4
    assert heard_in(database, SPEAKERS[1], name) == ["planned"] * 7
    with database.transaction() as session:
        again = acknowledging.acknowledge(session, cast.village_head, name, VILLAGES[0], now=NOW + FIVE * 2)
        assert again == cut


def test_repeats_planned_after_the_acknowledgement_leave_the_village_out(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast, klass="emergency")
        airings.air(session, cast.approver, first.id, at=None, now=NOW, emergency=True)
        schedule(session, first, SIX_TIMES, kind=Kind.REPEATING, starts=NOW + FIVE)
        acknowledging.acknowledge(session, cast.village_head, first.id, VILLAGES[0], now=NOW)
        planning.plan(session, now=NOW)
    assert heard_in(database, SPEAKERS[0], first.id) == ["planned"]
    assert heard_in(database, SPEAKERS[1], first.id) == ["planned"] * 7


def test_acknowledged_everywhere_the_repeats_are_over(database: Database, cast: Cast) -> None:
    name = alert(database, cast)
    with database.transaction() as session:
        acknowledging.acknowledge(session, cast.owner, name, COMMUNE, now=NOW)
    with database.read() as session:
        repeats = select(Airing.state, Airing.cancel_reason).where(Airing.planned_at > NOW, ~Airing.standby).distinct()
        assert [tuple(row) for row in session.execute(repeats)] == [("cancelled", "acknowledged")]


def test_ending_the_repeats_ends_their_schedule(database: Database, cast: Cast) -> None:
    name = alert(database, cast)
    with database.transaction() as session:
        first = session.get_one(Announcement, name)
        assert len(acknowledging.end_repeats(session, first, now=NOW + FIVE, reason="all_clear")) == 5
        assert planning.plan(session, now=NOW + FIVE) == 0
        assert session.scalars(select(Schedule.ended_at).where(Schedule.kind == Kind.REPEATING)).all() == [NOW + FIVE]


def test_only_who_may_confirm_there_acknowledges(database: Database, cast: Cast) -> None:
    name = alert(database, cast)
    for actor in (cast.stranger, cast.technician, cast.monitor):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            acknowledging.acknowledge(session, actor, name, VILLAGES[0], now=NOW)
    with pytest.raises(errors.NotFound), database.transaction() as session:
        acknowledging.acknowledge(session, cast.owner, "nothing", VILLAGES[0], now=NOW)


def test_the_parts_of_an_alert_stand_by_and_one_is_called_up(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast, klass="emergency")
        planning.plan_announcement(session, first, now=NOW)
        standing = session.scalars(select(Airing).where(Airing.standby)).all()
        assert {session.get_one(Announcement, each.announcement_id).part for each in standing} == {
            "correction",
            "all_clear",
        }
        assert planning.plan_announcement(session, first, now=NOW) == [], "they stand by already"
        assert planning.plan(session, now=NOW + timedelta(days=1)) == 0
        assert not [key for key in session.scalars(select(OutboxEntry.key)) if key.startswith("live:")]
    later = NOW + timedelta(days=2)
    with database.transaction() as session:
        called = airings.call_up(session, session.get_one(Airing, standing[0].id), now=later)
        assert (called.standby, called.planned_at, called.state) == (False, later, "planned")
        assert called.expires > called.latest_start > later
        with pytest.raises(errors.IllegalStep):
            airings.call_up(session, called, now=later)
    with database.read() as session:
        assert f"live:{called.id}" in set(session.scalars(select(OutboxEntry.key)))
        ends = session.scalars(select(Delivery.expires).where(Delivery.airing_id == called.id)).all()
        assert ends == [called.expires] * len(SPEAKERS)


def test_what_stood_by_in_vain_ends_with_its_alert(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast, klass="emergency", expires=NOW + timedelta(hours=6))
        planning.plan_announcement(session, first, now=NOW)
        assert closing.close(session, now=NOW + timedelta(hours=5)) == []
        closing.close(session, now=NOW + timedelta(hours=7))
        told = session.execute(select(Airing.state, Airing.cancel_reason).where(Airing.standby).distinct()).all()
        assert [tuple(row) for row in told] == [("cancelled", "not_needed")]


def test_priority_airings_are_heard_in_the_order_the_commune_chose(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        at = NOW + timedelta(hours=1)
        three = [
            airings.air(session, cast.clerk, approved(session, cast, klass="priority").id, at=at, now=NOW).id
            for _ in range(3)
        ]
        session.flush()
        session.execute(OutboxEntry.__table__.delete())  # type: ignore[attr-defined]
        airings.set_order(session, cast.clerk, three[::-1], now=NOW)
    with database.read() as session:
        assert session.scalars(select(Airing.id).order_by(Airing.order)).all() == three[::-1]
        assert {f"manifest:{each}" for each in SPEAKERS} <= set(session.scalars(select(OutboxEntry.key)))


def test_only_open_priority_airings_of_ones_own_are_put_in_order(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = approved(session, cast, klass="priority")
        one, other = (airings.air(session, cast.clerk, first.id, at=None, now=NOW).id for _ in range(2))
        normal = airings.air(session, cast.clerk, approved(session, cast).id, at=None, now=NOW).id
        airings.stop(session, cast.clerk, other, now=NOW)
    refused = [
        (cast.clerk, [one], errors.Malformed),
        (cast.clerk, [one, one], errors.Malformed),
        (cast.clerk, [one, normal], errors.Malformed),
        (cast.clerk, [one, "nothing"], errors.NotFound),
        (cast.clerk, [one, other], errors.IllegalStep),
        (cast.stranger, [one, other], errors.NotAllowed),
    ]
    for actor, wanted, error in refused:
        with pytest.raises(error), database.transaction() as session:
            airings.set_order(session, actor, wanted, now=NOW)
