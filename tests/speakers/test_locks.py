"""Receipts, cancelling and closing at the same moment: nobody waits in a ring, and nothing ended is raised again."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.services.airtime import closing
from broadcaster.services.speaking import receipts
from broadcaster.services.writing import announcements
from broadcaster.store.tables import Delivery
from firmware_config.protocol import Event
from tests.speakers.world import CLERK, Ledger, World

pytestmark = pytest.mark.database

SPEAKERS, ROUNDS = 24, 6


def aired(world: World) -> tuple[str, list[str]]:
    announcement = world.approved()
    return announcement, [world.air(announcement) for _ in range(2)]


def states(world: World, airings: list[str]) -> set[str]:
    with world.database.read() as session:
        return set(session.scalars(select(Delivery.state).where(Delivery.airing_id.in_(airings))))


def at_once(*jobs: Callable[[], object]) -> None:
    """Let all of them begin together; whatever one of them raises is raised here."""
    start = threading.Barrier(len(jobs))

    def begin(job: Callable[[], object]) -> None:
        start.wait()
        job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(begin, job) for job in jobs]:
            done.result(timeout=60)


def telling(
    world: World, ledgers: list[Ledger], airings: list[str], event: Event = Event.STORED
) -> Callable[[], object]:
    batches = [(one.device, one.say(*((event, airing) for airing in reversed(airings)))) for one in reversed(ledgers)]

    def tell() -> None:
        with world.database.transaction() as session:
            receipts.take_in(session, batches, now=world.now)

    return tell


@pytest.mark.parametrize("event", [Event.STORED, Event.STARTED])
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_receipts_and_a_withdrawal_do_not_lock_each_other(world: World, round_: int, event: Event) -> None:
    ledgers = world.many_speakers(SPEAKERS)
    announcement, airings = aired(world)
    half = SPEAKERS // 2

    def withdraw() -> None:
        with world.database.transaction() as session:
            announcements.withdraw(session, CLERK, announcement, reason="Đã hoãn", now=world.now)

    at_once(telling(world, ledgers[:half], airings, event), withdraw, telling(world, ledgers[half:], airings, event))
    assert states(world, airings) == {"cancelled"}


@pytest.mark.parametrize("event", [Event.STORED, Event.STARTED])
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_receipts_and_the_end_of_an_airing_do_not_lock_each_other(world: World, round_: int, event: Event) -> None:
    ledgers = world.many_speakers(SPEAKERS)
    announcement, airings = aired(world)

    def close() -> None:
        with world.database.transaction() as session:
            closing.close(session, now=world.now + timedelta(days=1))

    def withdraw() -> None:
        with world.database.transaction() as session:
            announcements.withdraw(session, CLERK, announcement, reason="Đã hoãn", now=world.now)

    at_once(telling(world, ledgers, airings, event), close, withdraw)
    # A speaker that tells after the end that it played is believed; one that told before it never said how it ended.
    played = {"started", "partial"} if event is Event.STARTED else set()
    assert states(world, airings) <= {"missed", "cancelled"} | played


def test_a_receipt_that_waited_for_a_cancellation_finds_it(world: World) -> None:
    [ledger] = world.many_speakers(1)
    announcement, airings = aired(world)
    tell = telling(world, [ledger], airings)
    with ThreadPoolExecutor(1) as pool:
        with world.database.transaction() as session:
            announcements.withdraw(session, CLERK, announcement, reason="Đã hoãn", now=world.now)
            session.flush()
            waiting = pool.submit(tell)
            threading.Event().wait(0.3)
        waiting.result(timeout=30)
    assert states(world, airings) == {"cancelled"}
