"""What a manifest says of airings that were cancelled or refused here alone, that stand by, and of the rules."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from broadcaster.domain.schedule import Kind
from broadcaster.services.airtime import airings, planning, standby
from broadcaster.services.airtime.knowledge import Knowledge
from broadcaster.services.hours import rules
from broadcaster.services.ids import new_id
from broadcaster.services.moments import millis
from broadcaster.services.writing import announcements
from broadcaster.services.writing.announcements import AudienceChoice, Draft, DraftVersion
from broadcaster.store.tables import Airing, Announcement, Delivery, Override, Schedule, Speaker
from tests.speakers.world import CLERK, COMMUNE, NOW, OTHER, VILLAGE, World

pytestmark = pytest.mark.database

EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]
EVENING = {"version": 1, "zone": "Asia/Ho_Chi_Minh", "hours": [{"days": EVERY_DAY, "start": 960, "end": 1200}]}
MINUTE = timedelta(minutes=1)


def recurring(world: World, announcement: str, *times: str) -> None:
    with world.database.transaction() as session:
        session.add(
            Schedule(
                id=new_id(world.now),
                announcement_id=announcement,
                kind=Kind.RECURRING,
                rule={"days": EVERY_DAY, "times": list(times)},
                zone="Asia/Ho_Chi_Minh",
                starts=world.now,
                created_by="clerk",
                created_at=world.now,
            )
        )
        session.flush()
        planning.plan_announcement(session, session.get_one(Announcement, announcement), now=world.now)


def test_what_is_refused_in_one_village_is_taken_back_there_alone(world: World) -> None:
    here, there = world.speaker("A", VILLAGE), world.speaker("B", OTHER)
    airing = world.air(world.approved(), at=NOW + timedelta(hours=3))
    assert [item.airing for item in world.told(here).items] == [airing]
    world.now += MINUTE
    with world.database.transaction() as session:
        rules.set(session, CLERK, VILLAGE, EVENING, now=world.now)
    mine, theirs = world.told(here), world.told(there)
    assert (mine.items, mine.cancelled) == ((), (airing,))
    assert ([item.airing for item in theirs.items], theirs.cancelled) == ([airing], ())


def test_what_was_refused_when_it_was_planned_was_never_told(world: World) -> None:
    here = world.speaker()
    recurring(world, world.approved(), "03:00")
    found = world.told(here)
    assert (found.items, found.cancelled) == ((), ())


def test_a_cancelled_delivery_is_taken_back(world: World) -> None:
    here = world.speaker()
    airing = world.air(world.approved(), at=NOW + timedelta(hours=3))
    with world.database.transaction() as session:
        session.execute(update(Delivery).values(state="cancelled", ended_at=world.now))
    assert world.told(here).cancelled == (airing,)


def test_an_edit_and_a_withdrawal_are_a_new_manifest_each(world: World) -> None:
    here = world.speaker()
    name = world.approved()
    recurring(world, name, "17:00")
    first = world.told(here)
    draft = Draft(
        title="Họp khác",
        unit_id=COMMUNE,
        versions=[DraftVersion("vi", "Họp lúc khác.")],
        audience=[AudienceChoice("unit", COMMUNE)],
    )
    world.now += MINUTE
    with world.database.transaction() as session:
        announcements.edit(session, CLERK, name, draft, revision=1, now=world.now)
    edited = world.told(here)
    assert edited.version == first.version + 1
    assert edited.items == ()
    assert set(edited.cancelled) == {item.airing for item in first.items}
    other = world.approved()
    airing = world.air(other, at=NOW + timedelta(hours=3))
    before = world.told(here)
    with world.database.transaction() as session:
        announcements.withdraw(session, CLERK, other, reason="Thôi", now=world.now)
    after = world.told(here)
    assert after.version == before.version + 1
    assert airing in after.cancelled


def test_the_whole_chain_of_rules_goes_out_and_the_start_offset(world: World) -> None:
    here = world.speaker()
    with world.database.transaction() as session:
        rules.set(session, CLERK, COMMUNE, EVENING, now=world.now)
        rules.set(session, CLERK, VILLAGE, {**EVENING, "pause_minutes": 5}, now=world.now)
        session.execute(update(Speaker).values(stagger_ms=740))
    found = world.told(here)
    assert {each.unit for each in found.rules} >= {COMMUNE, VILLAGE}
    assert found.stagger_ms == 740


def test_an_exemption_goes_to_those_it_is_for(world: World) -> None:
    here, there = world.speaker("A", VILLAGE), world.speaker("B", OTHER)
    name = world.approved()
    with world.database.transaction() as session:
        session.add(
            Override(
                id="override-1",
                unit_id=VILLAGE,
                announcement_id=name,
                starts=NOW,
                ends=NOW + timedelta(hours=2),
                reason="Lũ về",
                asked_by="clerk",
                asked_by_name="Clerk",
                asked_at=NOW,
                decided_by="approver",
                decided_by_name="Approver",
                decided_at=NOW,
                granted=True,
            )
        )
    assert [one.announcement for one in world.told(here).exempt] == [name]
    assert world.told(there).exempt == ()


def stand_by(world: World) -> str:
    """An all-clear that is kept ready from now on; its airing."""
    name = world.approved()
    with world.database.transaction() as session:
        alert = session.get_one(Announcement, name)
        alert.part_of_id, alert.part = alert.id, "all_clear"
        session.flush()
        standby.make_ready(session, alert, Knowledge(session, world.now), now=world.now)
        alert.part_of_id, alert.part = None, None
        return session.scalars(select(Airing.id).where(Airing.announcement_id == name)).one()


def test_an_older_alert_does_not_put_off_what_stands_by_for_a_younger_one(world: World) -> None:
    here = world.speaker()
    older = stand_by(world)
    for days in (1, 3, 5):
        world.now = NOW + timedelta(days=days)
        younger = stand_by(world)
        starts = {item.airing: item.start for item in world.told(here).items}
        assert starts[older] == starts[younger] == millis(world.now)


def test_what_stands_by_is_told_anew_every_day_within_the_window_a_speaker_takes(world: World) -> None:
    here = world.speaker()
    stand_by(world)
    for day in range(6):
        world.now = NOW + timedelta(days=day, minutes=5)
        [item] = world.told(here).items
        assert item.standby
        assert item.start <= millis(world.now) < item.start + millis(NOW + timedelta(days=1)) - millis(NOW)
        assert item.expires - item.start <= 48 * 3_600_000
    with world.database.transaction() as session:
        called = airings.call_up(session, session.scalars(select(Airing)).one(), now=world.now)
        session.flush()
        airing = called.id
    [item] = world.told(here).items
    assert (item.airing, item.standby, item.start) == (airing, False, millis(world.now))
