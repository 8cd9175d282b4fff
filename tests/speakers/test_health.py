"""What is remembered of a speaker's health, its signs of life and its self-tests."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from broadcaster.services.moments import millis
from broadcaster.services.places import health, speakers
from broadcaster.services.speaking import receipts
from broadcaster.store.tables import Speaker
from firmware_config.protocol import (
    GENESIS,
    Batch,
    ClockState,
    Event,
    Health,
    Presence,
    Receipt,
    State,
    next_hash,
)
from tests.speakers.world import COMMUNE, NOW, VILLAGE, Ledger, World

pytestmark = pytest.mark.database

HEALTH = Health(centigrade=51, under_voltage=False, bytes_month=7_000_000)
SAID = State("loa", 0, 0, "", ClockState.TRUSTED, 0, 60, "loa-agent 0.2.0", 0, GENESIS, "boot-1", (), HEALTH)
HOUR = timedelta(hours=1)


def row(world: World, speaker: str) -> Speaker:
    with world.database.read() as session:
        return session.get_one(Speaker, speaker)


def say(world: World, state: State, *, now: datetime = NOW, kept: bool = False) -> None:
    with world.database.transaction() as session:
        speakers.take_states(session, [(state.device, state.to_bytes())], now=now, kept=kept)


def test_figures_are_remembered_with_their_time(world: World) -> None:
    me = world.speaker()
    say(world, replace(SAID, device=me))
    found = row(world, me)
    assert found.health == {"centigrade": 51, "under_voltage": False, "bytes_month": 7_000_000}
    assert (found.health_at, found.bytes_used, found.last_seen_at) == (NOW, 7_000_000, NOW)
    say(world, replace(SAID, device=me, health=Health()), now=NOW + HOUR)
    older = row(world, me)
    assert (older.health, older.bytes_used, older.last_seen_at) == ({}, 7_000_000, NOW + HOUR)


def test_what_a_broker_kept_is_no_sign_of_life(world: World) -> None:
    me = world.speaker()
    say(world, replace(SAID, device=me))
    say(world, replace(SAID, device=me, health=Health(centigrade=52)), now=NOW + HOUR, kept=True)
    found = row(world, me)
    assert found.health == {"centigrade": 52}
    assert (found.health_at, found.state_at, found.last_seen_at) == (NOW, NOW, NOW)


def test_whoever_asks_over_https_is_alive_and_that_is_noted_sparingly(world: World) -> None:
    me = world.speaker()
    for minutes, noted in ((0, 0), (3, 0), (5, 5)):
        with world.database.transaction() as session:
            speakers.heard_from(session, me, now=NOW + timedelta(minutes=minutes))
        assert row(world, me).last_seen_at == NOW + timedelta(minutes=noted)


def self_tests(ledger: Ledger, *times: tuple[datetime, ClockState]) -> bytes:
    """A batch of self-tests by the speaker's own clock."""
    previous, made = ledger.head, []
    for at, clock in times:
        ledger.seq += 1
        one = Receipt(ledger.seq, ledger.boot, None, None, Event.SELF_TEST, millis(at), clock, 0, "ok", None)
        made.append(one)
        ledger.head = next_hash(ledger.head, one)
    return ledger.seal(Batch(ledger.device, previous, tuple(made)))


def test_the_true_time_of_the_last_self_test_is_kept(world: World) -> None:
    me = world.speaker()
    ledger = world.ledger(me)
    week = timedelta(days=7)
    late = self_tests(ledger, (NOW - 3 * week, ClockState.TRUSTED), (NOW - 2 * week, ClockState.HOLDOVER))
    wild = self_tests(ledger, (NOW - week, ClockState.UNTRUSTED))
    future = self_tests(ledger, (NOW + week, ClockState.TRUSTED))
    for raw, found in ((late, NOW - 2 * week), (wild, NOW - 2 * week), (future, NOW)):
        with world.database.transaction() as session:
            receipts.take_in(session, [(me, raw)], now=NOW)
        assert row(world, me).tested_at == found


def test_who_needs_a_look_comes_first(world: World) -> None:
    well, hot, mute = world.speaker("Loa 1"), world.speaker("Loa 2"), world.speaker("Loa 3")
    for speaker, problems in ((well, ()), (hot, ("too_hot",)), (mute, ("no_sound_card", "too_hot"))):
        say(world, replace(SAID, device=speaker, problems=problems))
    online = [(one, Presence(online=True, boot="boot-1").to_bytes()) for one in (well, hot, mute)]
    with world.database.transaction() as session:
        speakers.take_presences(session, online, now=NOW)
    with world.database.read() as session:
        found = health.standings(session, {COMMUNE, VILLAGE}, now=NOW)
        ill = health.in_need(session, {COMMUNE, VILLAGE}, now=NOW)
        elsewhere = health.standings(session, {COMMUNE}, now=NOW)
    assert [(one.id, one.codes) for one in found] == [
        (mute, ["no_sound_card", "too_hot"]),
        (hot, ["too_hot"]),
        (well, []),
    ]
    assert (ill, elsewhere) == (found[:2], [])


@pytest.mark.parametrize(("volumes", "most"), [({"emergency": 0}, 100), ({}, 0)])
def test_a_loudspeaker_set_to_be_silent_in_an_emergency_is_an_alarm(
    world: World, volumes: dict[str, int], most: int
) -> None:
    me = world.speaker()
    with world.database.transaction() as session:
        assert health.in_need(session, [VILLAGE], now=NOW) == []
        session.get_one(Speaker, me).volumes, session.get_one(Speaker, me).volume_max = volumes, most
    with world.database.read() as session:
        [found] = health.in_need(session, [VILLAGE], now=NOW)
    assert (found.id, found.codes) == (me, ["muted"])
