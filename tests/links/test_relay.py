"""From a committed row to every broker: once acknowledged it is struck off, and any crash before that only repeats."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from broadcaster.links.embedded_broker import EmbeddedBroker
from broadcaster.links.exchange import Exchange
from broadcaster.links.mqtt import BrokerAddress
from broadcaster.services.moments import millis
from broadcaster.services.places import speakers
from broadcaster.services.speaking import relay
from broadcaster.services.writing import announcements
from broadcaster.store.tables import Delivery, OutboxEntry, Speaker
from firmware_config import protocol
from firmware_config.protocol import (
    ClockState,
    Event,
    Manifest,
    PlayNow,
    Presence,
    Resynced,
    ResyncRequest,
    State,
    Stop,
    topics,
)
from tests.links.parties import Fatal, Listener, Place, listening, until
from tests.speakers.world import APPROVER, CLERK, LADDER, VILLAGE, World

pytestmark = pytest.mark.broker


def make_house(world: World, place: Place, fatal: Fatal, *more: Place) -> Exchange:
    """One broadcaster's own threads around one database."""
    return Exchange(
        world.database,
        world.signing,
        world,
        brokers=[BrokerAddress("127.0.0.1", one.port) for one in (place, *more)],
        tls=place.files("broadcaster"),
        on_fatal=fatal,
    )


@pytest.fixture
def house(world: World, place: Place, fatal: Fatal) -> Iterator[Exchange]:
    # The relay looks at the real clock, so what is aired here is aired today.
    world.live_now()
    found = make_house(world, place, fatal)
    found.start()
    yield found
    assert found.stop()


def pending(world: World) -> int:
    with world.database.read() as session:
        kinds = (*relay.URGENT, *relay.LASTING)
        return session.scalar(select(func.count()).where(OutboxEntry.kind.in_(kinds))) or 0


def speaker_of(world: World, place: Place, name: str) -> Listener:
    listener = Listener(
        place,
        name,
        topics.speaker_subscriptions(name, [VILLAGE, "yen-chau"], []),
        place.files(name, world.identities[name].tls),
    )
    listener.client.will_set(topics.presence(name), Presence(online=False, boot="boot-1").to_bytes(), 1, retain=True)
    return listener


def manifest_in(world: World, listener: Listener, name: str) -> Manifest | None:
    raw = listener.received.get(topics.manifest(name))
    if raw is None:
        return None
    keys = world.signing.keys.ring()
    found = protocol.accept_manifest(raw, me=name, keys=keys, have=None, now=None)
    assert isinstance(found, Manifest)
    return found


def airings_in(world: World, listener: Listener, name: str) -> list[str]:
    found = manifest_in(world, listener, name)
    return [item.airing for item in found.items] if found else []


def test_what_is_aired_reaches_the_speaker_and_is_struck_off(
    house: Exchange, broker: EmbeddedBroker, world: World, place: Place
) -> None:
    name = world.speaker()
    with listening(speaker_of(world, place, name)) as speaker:
        airing = world.air(world.approved(), at=world.now + timedelta(hours=1))
        assert until(lambda: airings_in(world, speaker, name) == [airing])
    assert until(lambda: pending(world) == 0)


def test_an_emergency_rings_once_per_place_with_its_words_and_its_clip(
    house: Exchange, broker: EmbeddedBroker, world: World, place: Place
) -> None:
    name = world.speaker()
    with listening(speaker_of(world, place, name)) as speaker:
        airing = world.air(world.approved(klass="emergency", audience=[("unit", VILLAGE), ("speaker", name)]))
        rung = {topics.unit_now(VILLAGE), topics.command(name)}
        assert until(lambda: rung <= speaker.received.keys())
    live = protocol.unpack_live(speaker.received[topics.unit_now(VILLAGE)])
    command = protocol.accept_command(
        live.command,
        me=name,
        places=protocol.Places((VILLAGE,), ()),
        keys=world.signing.keys.ring(),
        now=millis(datetime.now(UTC)),
        seen=lambda _id: False,
    )
    assert isinstance(command.action, PlayNow)
    assert command.action.item.airing == airing
    assert live.announcement is not None
    words = protocol.accept_announcement(
        live.announcement, expected=command.action.item.announcement, keys=world.signing.keys.ring(), now=None
    )
    assert words.versions[0].text == "Họp."
    assert live.clips == dict(world.clips)
    assert [topic for topic, _ in speaker.log].count(topics.unit_now(VILLAGE)) == 1


def test_a_withdrawal_stops_what_plays(house: Exchange, broker: EmbeddedBroker, world: World, place: Place) -> None:
    name = world.speaker()
    announcement = world.approved()
    with listening(speaker_of(world, place, name)) as speaker:
        airing = world.air(announcement)
        assert until(lambda: airings_in(world, speaker, name) == [airing])
        with world.database.transaction() as session:
            announcements.withdraw(session, CLERK, announcement, reason="sai", now=datetime.now(UTC))
        assert until(lambda: topics.unit_now("yen-chau") in speaker.received)
        assert until(lambda: airings_in(world, speaker, name) == [])
        found = manifest_in(world, speaker, name)
    assert found is not None
    assert found.cancelled == (airing,)
    live = protocol.unpack_live(speaker.received[topics.unit_now("yen-chau")])
    body = protocol.unseal(
        live.command,
        payload_type=protocol.Command.TYPE,
        role=protocol.Role.DIRECTOR,
        keys=world.signing.keys.ring(),
        now=None,
    )
    assert protocol.Command.from_bytes(body).action == Stop(airing)


def test_t05_a_broker_wiped_while_all_are_offline_is_told_everything_again(
    house: Exchange, broker: EmbeddedBroker, world: World, place: Place
) -> None:
    names = [world.speaker(f"Loa {number}") for number in range(5)]
    airing = world.air(world.approved(), at=world.now + timedelta(hours=1))
    assert until(lambda: pending(world) == 0)
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGKILL)
    assert until(lambda: house.links[0].connections == 2)
    for name in names:
        with listening(speaker_of(world, place, name)) as speaker:
            assert until(lambda s=speaker, n=name: airings_in(world, s, n) == [airing])  # type: ignore[misc]


def test_what_is_committed_without_a_broker_goes_out_when_there_is_one(
    house: Exchange, world: World, place: Place, fatal: Fatal
) -> None:
    name = world.speaker()
    airing = world.air(world.approved(), at=world.now + timedelta(hours=1))
    assert pending(world) > 0
    broker = place.broker(fatal)
    broker.start()
    with listening(speaker_of(world, place, name)) as speaker:
        assert until(lambda: airings_in(world, speaker, name) == [airing])
    broker.stop()


def test_receipts_come_back_up_the_ladder(house: Exchange, broker: EmbeddedBroker, world: World, place: Place) -> None:
    assert until(lambda: house.connected)
    name = world.speaker()
    airing = world.air(world.approved())
    ledger = world.ledger(name)
    with listening(speaker_of(world, place, name)) as speaker:
        for event in LADDER:
            speaker.say(topics.receipts(name), ledger.say((event, airing)))
        assert until(lambda: _state(world, airing, name) == "heard"), (
            house.inbox.counts,
            house.mailbox.dropped,
            _state(world, airing, name),
            _row(world, name).receipts_through,
        )


def _state(world: World, airing: str, name: str) -> str | None:
    with world.database.read() as session:
        return session.scalar(select(Delivery.state).where(Delivery.airing_id == airing, Delivery.speaker_id == name))


def test_a_resync_is_answered_with_the_manifest_and_our_time_under_its_nonce(
    house: Exchange, broker: EmbeddedBroker, world: World, place: Place
) -> None:
    assert until(lambda: house.connected)
    name = world.speaker()
    assert until(lambda: pending(world) == 0)
    nonce = "nonce-of-sixteen-or-more"
    with listening(speaker_of(world, place, name)) as speaker:
        assert until(lambda: manifest_in(world, speaker, name) is not None)
        speaker.log.clear()
        ask = ResyncRequest(device=name, have=None, nonce=nonce, clock_ms=0, boot="boot-1")
        speaker.say(topics.resync(name), ask.to_bytes())
        assert until(lambda: len(speaker.log) == 2)
    assert [topic for topic, _ in speaker.log] == [topics.manifest(name), topics.command(name)]
    live = protocol.unpack_live(speaker.received[topics.command(name)])
    command = protocol.accept_command(
        live.command, me=name, places=None, keys=world.signing.keys.ring(), now=None, seen=lambda _id: False
    )
    found = manifest_in(world, speaker, name)
    assert found is not None
    assert isinstance(command.action, Resynced)
    assert (command.action.nonce, command.action.version) == (nonce, found.version)
    assert abs(command.action.now - millis(datetime.now(UTC))) < 60_000


def test_state_presence_and_last_will_are_remembered(
    house: Exchange, broker: EmbeddedBroker, world: World, place: Place
) -> None:
    assert until(lambda: house.connected)
    name = world.speaker()
    listener = speaker_of(world, place, name)
    state = State(name, 1, 1, "", ClockState.TRUSTED, 5, 60, "0.1.0", 0, protocol.GENESIS, "boot-1", ("disk_low",))
    with listening(listener) as speaker:
        speaker.say(topics.presence(name), Presence(online=True, boot="boot-1").to_bytes(), retain=True)
        speaker.say(topics.state(name), state.to_bytes(), retain=True)
        assert until(lambda: _row(world, name).online and _row(world, name).agent == "0.1.0")
        assert _row(world, name).problems == ["disk_low"]
        sock = speaker.client.socket()
        assert sock is not None
        sock.close()
        assert until(lambda: not _row(world, name).online)


def _row(world: World, name: str) -> Speaker:
    with world.database.read() as session:
        return session.get_one(Speaker, name)


def test_a_revoked_speaker_finds_nothing_retained(
    house: Exchange, broker: EmbeddedBroker, world: World, place: Place
) -> None:
    name = world.speaker()
    left = [topics.state(name), topics.presence(name)]
    with listening(speaker_of(world, place, name)) as speaker:
        for topic in left:
            speaker.say(topic, b"{}", retain=True)
    assert until(lambda: pending(world) == 0)
    with world.database.transaction() as session:
        speakers.revoke(session, APPROVER, name, reason="stolen", now=datetime.now(UTC))
    assert until(lambda: pending(world) == 0)
    with listening(speaker_of(world, place, name)) as thief:
        world.speaker("Loa 2")
        assert until(lambda: pending(world) == 0)
        assert topics.manifest(name) not in thief.received
    house.stop()
    with listening(Listener(place, "broadcaster", left)) as server:
        time.sleep(0.3)
        assert not server.received


def test_t20_malformed_messages_are_counted_and_the_others_served(
    house: Exchange, broker: EmbeddedBroker, world: World, place: Place
) -> None:
    assert until(lambda: house.connected)
    name = world.speaker()
    airing = world.air(world.approved())
    ledger = world.ledger(name)
    good = ledger.say((Event.STORED, airing))
    with listening(speaker_of(world, place, name)) as speaker:
        for poison in (b"", b"\xff\xfe", b"{}", b"[" * 5000, good[:-9], b"x" * 300_000):
            for topic in (topics.receipts, topics.state, topics.presence, topics.resync):
                speaker.say(topic(name), poison)
        speaker.say(topics.receipts(name), good)
        assert until(lambda: _state(world, airing, name) == "stored")
    assert house.inbox.alive
    assert house.inbox.counts["shape"] > 0


def test_two_brokers_both_hold_it_before_it_is_struck_off(world: World, place: Place, fatal: Fatal) -> None:
    world.live_now()
    second = Place(place.folder / "second", place.authority, place.port + 1)
    brokers = [one.broker(fatal) for one in (place, second)]
    for broker in brokers:
        broker.start()
    house = make_house(world, place, fatal, second)
    house.start()
    assert until(lambda: all(link.connected for link in house.links))
    name = world.speaker()
    assert until(lambda: pending(world) == 0)
    for one in (place, second):
        with listening(speaker_of(world, one, name)) as speaker:
            assert until(lambda s=speaker: manifest_in(world, s, name) is not None)  # type: ignore[misc]
    assert house.stop()
    for broker in brokers:
        broker.stop()
    shutil.rmtree(second.folder)


def test_several_broadcasters_claim_each_row_once(world: World) -> None:
    world.many_speakers(50)
    with world.database.transaction() as session:
        relay.want_every_manifest(session, now=world.now)
    taken: list[int] = []
    for _ in range(3):
        with world.database.transaction() as session:
            taken += [claimed.id for claimed in relay.claim(session, relay.LASTING, now=world.now, limit=20)]
    assert len(taken) == len(set(taken)) == 50
    later = world.now + relay.LEASE
    with world.database.transaction() as session:
        assert len(relay.claim(session, relay.LASTING, now=later, limit=100)) == 50


def test_what_was_asked_for_again_meanwhile_is_not_struck_off(world: World) -> None:
    name = world.speaker()
    with world.database.transaction() as session:
        [claimed] = relay.claim(session, relay.LASTING, now=world.now, limit=20)
    world.air(world.approved(), at=world.now + timedelta(hours=1))
    with world.database.transaction() as session:
        relay.done(session, [claimed])
    with world.database.transaction() as session:
        [again] = relay.claim(session, relay.LASTING, now=world.now, limit=20)
        assert (again.ref, again.generation) == (name, claimed.generation + 1)
        relay.done(session, [again])
    assert pending(world) == 0


def test_failures_wait_twice_as_long_each_time_and_never_more_than_five_minutes(world: World) -> None:
    world.speaker()
    waits = []
    for _ in range(12):
        with world.database.transaction() as session:
            [claimed] = relay.claim(session, relay.LASTING, now=world.now, limit=1)
            relay.failed(session, claimed, now=world.now, error="no answer")
            due = session.scalars(select(OutboxEntry.due_at)).one()
        waits.append((due - world.now).total_seconds())
        world.now = due
    assert waits[:4] == [2, 4, 8, 16]
    assert max(waits) == 300
