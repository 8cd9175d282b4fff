"""What speakers say is taken in though the database makes it wait, and is never lost without a trace."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from broadcaster.links.inbox import Inbox
from broadcaster.links.mail import Inbound, Mailbox
from broadcaster.store.database import Database
from broadcaster.store.tables import Delivery, Speaker, StoredReceipt
from firmware_config import packing
from firmware_config.protocol import Event, topics
from tests.databases import closing_database
from tests.links.parties import Fatal
from tests.speakers.world import World, make_world

pytestmark = pytest.mark.database


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    """The commune on every database."""
    return make_world(database, tmp_path)


def inbox(world: World, fatal: Fatal, database: Database | None = None) -> Inbox:
    return Inbox(
        database or world.database,
        world.signing,
        [],
        mailbox=Mailbox(),
        on_fatal=fatal,
        clock=lambda: world.now,
    )


def stored(world: World) -> int:
    with world.database.read() as session:
        return session.scalar(select(func.count()).select_from(StoredReceipt)) or 0


def letters(world: World) -> tuple[str, list[Inbound]]:
    """An airing, and what two speakers say of it."""
    ledgers = world.many_speakers(2)
    airing = world.air(world.approved())
    return airing, [Inbound(topics.receipts(one.device), one.say((Event.STARTED, airing))) for one in ledgers]


def test_receipts_that_had_to_give_way_in_a_deadlock_are_taken_in_again(world: World, fatal: Fatal) -> None:
    airing, mail = letters(world)
    here = inbox(world, fatal)
    with ThreadPoolExecutor(1) as pool:
        with world.database.transaction() as session:
            if session.get_bind().dialect.name == "postgresql":
                # Whoever looks first gives way, and that must not be us.
                session.execute(text("SET LOCAL deadlock_timeout = '20s'"))
            # Against the order in which everybody of ours takes them, as a person at the database's own prompt may.
            session.execute(select(Delivery).where(Delivery.airing_id == airing).with_for_update())
            taking = pool.submit(here.take, mail)
            threading.Event().wait(0.3)
            session.execute(select(Speaker).with_for_update())
        taking.result(timeout=30)
    assert stored(world) == len(mail)
    assert here.counts["receipts"] == len(mail)
    assert here.counts["unavailable"] == 0


def test_what_no_database_took_is_counted_and_taken_in_when_the_speaker_repeats_it(world: World, fatal: Fatal) -> None:
    _, mail = letters(world)
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2")
    with closing_database(nowhere):
        cut_off = inbox(world, fatal, nowhere)
        cut_off.take(mail)
    assert cut_off.counts["unavailable"] == len(mail)
    assert stored(world) == 0
    inbox(world, fatal).take(mail)
    assert stored(world) == len(mail)


def test_receipts_come_packed_too_and_what_unpacks_without_end_is_refused(world: World, fatal: Fatal) -> None:
    _, mail = letters(world)
    here = inbox(world, fatal)
    bomb = packing.packed(bytes(20_000_000))
    here.take([replace(mail[0], payload=packing.packed(mail[0].payload)), replace(mail[1], payload=bomb)])
    assert stored(world) == 1
    assert here.counts["receipts"] == 1
    here.take([replace(mail[1], payload=packing.packed(mail[1].payload)[:-4]), mail[1]])
    assert stored(world) == 2
