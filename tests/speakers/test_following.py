"""An airing is where its deliveries are: on air, done or missed, and never taken back once it is cancelled."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from broadcaster.domain.airing import State
from broadcaster.services.airtime import closing
from broadcaster.services.speaking import receipts
from broadcaster.services.writing import announcements
from broadcaster.store.tables import Airing
from firmware_config.protocol import Event
from tests.speakers.world import CLERK, Ledger, World

pytestmark = pytest.mark.database

PLAYED = (Event.STORED, Event.ARMED, Event.STARTED, Event.FINISHED, Event.HEARD)


@pytest.fixture
def two(world: World) -> tuple[Ledger, Ledger]:
    first, second = world.many_speakers(2)
    return first, second


def tell(world: World, airing: str, *reports: tuple[Ledger, Sequence[Event]]) -> State:
    """What speakers say in one transaction; the airing's state after it."""
    batches = [(one.device, one.say(*((event, airing) for event in events))) for one, events in reports]
    with world.database.transaction() as session:
        receipts.take_in(session, batches, now=world.now)
    return State(row(world, airing).state)


def row(world: World, airing: str) -> Airing:
    with world.database.read() as session:
        return session.get_one(Airing, airing)


def test_it_is_planned_until_one_begins_and_done_when_the_last_has_ended(
    world: World, two: tuple[Ledger, Ledger]
) -> None:
    airing = world.air(world.approved())
    first, second = two
    assert tell(world, airing, (first, PLAYED[:2]), (second, PLAYED[:1])) is State.PLANNED
    assert tell(world, airing, (first, PLAYED[2:3])) is State.ON_AIR
    assert tell(world, airing, (first, PLAYED[3:])) is State.ON_AIR
    assert row(world, airing).ended_at is None
    assert tell(world, airing, (second, [Event.MISSED])) is State.DONE
    assert row(world, airing).ended_at == world.now


def test_one_transaction_may_tell_the_whole_of_it(world: World, two: tuple[Ledger, Ledger]) -> None:
    airing = world.air(world.approved())
    assert tell(world, airing, *((one, PLAYED) for one in two)) is State.DONE


def test_nobody_who_played_is_missed_until_somebody_tells_late(world: World, two: tuple[Ledger, Ledger]) -> None:
    airing = world.air(world.approved())
    first, second = two
    assert tell(world, airing, (first, [Event.REFUSED]), (second, [Event.MISSED])) is State.MISSED
    assert tell(world, airing, (second, [Event.REFUSED])) is State.MISSED
    world.now += timedelta(minutes=1)
    assert tell(world, airing, (first, PLAYED)) is State.DONE
    assert row(world, airing).ended_at == world.now


def test_what_came_too_late_for_the_clock_still_counts(world: World, two: tuple[Ledger, Ledger]) -> None:
    airing = world.air(world.approved())
    world.now += timedelta(hours=2)
    with world.database.transaction() as session:
        assert closing.close(session, now=world.now) == [airing]
    assert row(world, airing).state == "missed"
    assert tell(world, airing, (two[0], PLAYED)) is State.DONE


def test_what_is_cancelled_stays_so_whatever_was_played(world: World, two: tuple[Ledger, Ledger]) -> None:
    announcement = world.approved()
    airing = world.air(announcement)
    tell(world, airing, (two[0], PLAYED[:3]))
    with world.database.transaction() as session:
        announcements.withdraw(session, CLERK, announcement, reason="Đã hoãn", now=world.now)
    assert tell(world, airing, (two[0], PLAYED[3:]), (two[1], PLAYED)) is State.CANCELLED


def test_each_airing_follows_its_own_deliveries(world: World, two: tuple[Ledger, Ledger]) -> None:
    announcement = world.approved()
    one, other = world.air(announcement), world.air(announcement)
    tell(world, one, *((each, PLAYED) for each in two))
    assert row(world, other).state == "planned"
    tell(world, other, (two[0], PLAYED[:3]))
    assert (row(world, one).state, row(world, other).state) == ("done", "on_air")
