"""One order takes everything from the loudspeakers of a unit, and says afterwards what they signed."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from broadcaster.domain.errors import Malformed, NotAllowed, SilenceTooLong, UnknownUnit
from broadcaster.services.actor import Actor
from broadcaster.services.airtime import stopping
from broadcaster.services.airtime.stopping import Hush
from broadcaster.services.speaking import live, manifests, receipts
from broadcaster.store.tables import Airing, AuditEntry, Delivery, OutboxEntry, Schedule, Silence, Speaker
from firmware_config import protocol
from firmware_config.protocol import Command, Event, Stop, topics
from tests.speakers.world import CLERK, COMMUNE, OTHER, VILLAGE, World

pytestmark = pytest.mark.database
SOUNDING = (Event.STORED, Event.ARMED, Event.STARTED)


def stop(
    world: World, unit: str = COMMUNE, *, until: datetime | None = None, actor: Actor = CLERK, reason: str = "Nhầm"
) -> str:
    with world.database.transaction() as session:
        return stopping.stop_everything(session, actor, unit, reason=reason, until=until, now=world.now).id


def sounding(world: World, airing: str, *speakers: str) -> None:
    tell(world, airing, SOUNDING, *speakers)


def tell(world: World, airing: str, events: Sequence[Event], *speakers: str) -> None:
    ledgers = [world.ledger(one) for one in speakers]
    with world.database.transaction() as session:
        for ledger in ledgers:
            row = session.get_one(Speaker, ledger.device)
            ledger.seq, ledger.head = row.receipts_through, row.receipts_hash or ledger.head
        batches = [(one.device, one.say(*((event, airing) for event in events))) for one in ledgers]
        receipts.take_in(session, batches, now=world.now)


def online(world: World, *speakers: str) -> None:
    with world.database.transaction() as session:
        for one in speakers:
            session.get_one(Speaker, one).online = True


def states(world: World, airing: str) -> tuple[str, dict[str, str]]:
    with world.database.read() as session:
        rows = session.scalars(select(Delivery).where(Delivery.airing_id == airing)).all()
        return session.get_one(Airing, airing).state, {row.speaker_id: row.state for row in rows}


def outcome(world: World, silence: str) -> dict[str, Hush]:
    with world.database.read() as session:
        return {one.speaker: one.hush for one in stopping.outcome(session, stopping.find(session, silence))}


def orders(world: World, silence: str) -> list[tuple[str, str, str | None]]:
    """Topic, addressee and airing of each live order."""
    with world.database.transaction() as session:
        made = live.silence(session, silence, signing=world.signing, now=world.now)
    found = []
    for one in made:
        body = base64.b64decode(json.loads(protocol.unpack_live(one.payload).command)["payload"])
        command = Command.from_bytes(body)
        assert isinstance(command.action, Stop)
        found.append((one.topic, command.to, command.action.airing))
    return found


def test_what_sounds_is_cancelled_everywhere_and_what_comes_tomorrow_stays(world: World) -> None:
    one, two = world.speaker("A"), world.speaker("B", OTHER)
    words = world.approved()
    now, tomorrow = world.air(words), world.air(words, at=world.now + timedelta(days=1))
    sounding(world, now, one)
    silence = stop(world)
    assert states(world, now) == ("cancelled", {one: "cancelled", two: "cancelled"})
    assert states(world, tomorrow) == ("planned", {one: "planned", two: "planned"})
    with world.database.read() as session:
        order = session.get_one(Silence, silence)
        wanted = set(session.scalars(select(OutboxEntry.key)))
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "stop_everything")).one()
    assert (order.due, order.later) == ([now], [])
    assert {f"silence:{silence}", f"manifest:{one}", f"manifest:{two}"} <= wanted
    assert (entry.person_id, entry.subject_id, entry.details["due"]) == ("clerk", COMMUNE, [now])
    assert world.told(one).cancelled == (now,)


def test_only_the_unit_falls_silent(world: World) -> None:
    one, two = world.speaker("A"), world.speaker("B", OTHER)
    airing = world.air(world.approved())
    sounding(world, airing, one, two)
    silence = stop(world, VILLAGE)
    assert states(world, airing) == ("on_air", {one: "cancelled", two: "started"})
    assert airing in world.told(one).cancelled
    assert airing not in world.told(two).cancelled
    assert set(outcome(world, silence)) == {one}


def test_the_order_goes_to_the_unit_and_to_connected_ones_that_may_stand_elsewhere(world: World) -> None:
    one, two = world.speaker("A"), world.speaker("B")
    online(world, one)
    airing = world.air(world.approved())
    with world.database.transaction() as session:
        manifests.sealed_many(session, [one, two], signing=world.signing, now=world.now)
    silence = stop(world)
    to_unit = (topics.unit_now(COMMUNE), f"u:{COMMUNE}")
    assert orders(world, silence) == [
        (*to_unit, None),
        (topics.command(one), f"d:{one}", None),
        (*to_unit, airing),
    ]


def test_the_same_order_sent_twice_is_one_order_and_another_press_is_another(world: World) -> None:
    world.speaker()
    first, second = stop(world), stop(world)

    def names(silence: str) -> list[str]:
        with world.database.transaction() as session:
            made = live.silence(session, silence, signing=world.signing, now=world.now)
        bodies = [base64.b64decode(json.loads(protocol.unpack_live(one.payload).command)["payload"]) for one in made]
        return [Command.from_bytes(body).id for body in bodies]

    assert names(first) == names(first)
    assert set(names(first)).isdisjoint(names(second))


def test_until_an_hour_takes_what_was_planned_before_it(world: World) -> None:
    world.speaker()
    words = world.approved()
    hour = timedelta(hours=1)
    before, after = (world.air(words, at=world.now + number * hour) for number in (1, 3))
    silence = stop(world, until=world.now + 2 * hour)
    assert (states(world, before)[0], states(world, after)[0]) == ("cancelled", "planned")
    with world.database.read() as session:
        assert session.get_one(Silence, silence).later == [before]


def test_an_emergency_falls_silent_too_and_does_not_repeat_itself(world: World) -> None:
    one = world.speaker()
    words = world.approved(klass="normal")
    first, again = world.air(words), world.air(words, at=world.now + timedelta(minutes=5))
    with world.database.transaction() as session:
        schedule = session.get_one(Airing, first).schedule_id
        for row in session.scalars(select(Airing)):
            row.klass, row.schedule_id = "emergency", schedule
        session.get_one(Schedule, schedule).kind = "repeating"
    sounding(world, first, one)
    stop(world)
    assert (states(world, first)[0], states(world, again)[0]) == ("cancelled", "cancelled")


def test_a_correction_that_stands_by_stays_ready(world: World) -> None:
    world.speaker()
    airing = world.air(world.approved())
    with world.database.transaction() as session:
        session.get_one(Airing, airing).standby = True
    stop(world)
    assert states(world, airing)[0] == "planned"


def test_what_became_of_it_is_what_they_signed(world: World) -> None:
    silent, ended, waiting, gone, quiet = (world.speaker(name) for name in "ABCDE")
    airing = world.air(world.approved())
    sounding(world, airing, silent, ended, waiting, gone)
    online(world, silent, ended, waiting, quiet)
    silence = stop(world)
    expected = {silent: Hush.WAITING, ended: Hush.WAITING, waiting: Hush.WAITING}
    assert outcome(world, silence) == expected | {gone: Hush.UNREACHABLE, quiet: Hush.QUIET}
    tell(world, airing, [Event.CANCELLED], silent)
    tell(world, airing, [Event.FINISHED, Event.HEARD], ended)
    tell(world, airing, [Event.CANCELLED], quiet)
    expected |= {silent: Hush.SILENT, ended: Hush.ENDED}
    assert outcome(world, silence) == expected | {gone: Hush.UNREACHABLE, quiet: Hush.QUIET}
    tell(world, airing, [Event.CANCELLED], gone)
    assert outcome(world, silence)[gone] is Hush.SILENT


def test_an_order_nobody_may_give(world: World) -> None:
    for actor, unit, error in ((Actor("x", "X"), COMMUNE, NotAllowed), (CLERK, "nowhere", UnknownUnit)):
        with pytest.raises(error):
            stop(world, unit, actor=actor)
    with pytest.raises(Malformed):
        stop(world, reason="  ")
    for until in (world.now, world.now + timedelta(hours=25)):
        with pytest.raises(SilenceTooLong):
            stop(world, until=until)
    with world.database.read() as session:
        assert session.scalars(select(Silence)).all() == []


def test_an_order_that_was_not_sent_in_a_minute_is_not_sent_late(world: World) -> None:
    world.speaker()
    with world.database.transaction() as session:
        session.execute(delete(OutboxEntry))
    silence = stop(world)
    with world.database.read() as session:
        entry = session.scalars(select(OutboxEntry).where(OutboxEntry.key == f"silence:{silence}")).one()
    assert entry.expires_at == world.now + timedelta(seconds=60)


def test_stopping_twice_takes_nothing_twice(world: World) -> None:
    one = world.speaker()
    airing = world.air(world.approved())
    sounding(world, airing, one)
    stop(world)
    again = stop(world)
    with world.database.read() as session:
        assert session.get_one(Silence, again).due == []
        assert session.get_one(Airing, airing).state == "cancelled"
