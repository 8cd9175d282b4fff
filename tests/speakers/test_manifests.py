"""A manifest is a pure function of rows: the same state, the same bytes, the same version."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.domain.errors import UnknownSpeaker
from broadcaster.services.airtime import airings
from broadcaster.services.moments import millis
from broadcaster.services.places import speakers
from broadcaster.services.speaking import manifests, receipts
from broadcaster.services.speaking.manifests import Sealed
from broadcaster.store.tables import Delivery, Meta, OutboxEntry, Speaker
from firmware_config import packing
from firmware_config.protocol import SIZE_LIMIT, Event, Have, Manifest, Pointer, accept_manifest
from tests.speakers.world import APPROVER, CLERK, NOW, VILLAGE, World

pytestmark = pytest.mark.database


def seal(world: World, speaker: str) -> Sealed:
    with world.database.transaction() as session:
        return manifests.sealed(session, speaker, signing=world.signing, now=world.now)


def accepted(world: World, speaker: str, found: Sealed, have: Have | None = None) -> Manifest:
    manifest = accept_manifest(found.raw, me=speaker, keys=world.signing.keys.ring(), have=have, now=millis(world.now))
    assert isinstance(manifest, Manifest)
    return manifest


def test_the_speaker_accepts_what_is_built_for_it_and_finds_its_airing(world: World) -> None:
    speaker = world.speaker()
    airing = world.air(world.approved())
    manifest = accepted(world, speaker, seal(world, speaker))
    assert [item.airing for item in manifest.items] == [airing]
    assert manifest.places.units == (VILLAGE, "yen-chau")
    assert manifest.items[0].announcement.startswith("sha256:")


def test_the_same_state_gives_the_same_bytes_and_version(world: World) -> None:
    speaker = world.speaker()
    world.air(world.approved())
    first = seal(world, speaker)
    world.now += timedelta(hours=1, minutes=1)
    again = seal(world, speaker)
    assert first.version == again.version or accepted(world, speaker, again).items == ()
    world.now = NOW
    assert seal(world, speaker).raw == seal(world, speaker).raw


def test_a_change_raises_the_version_and_the_speaker_takes_it_for_newer(world: World) -> None:
    speaker = world.speaker()
    first = seal(world, speaker)
    world.air(world.approved(), at=NOW + timedelta(hours=2))
    second = seal(world, speaker)
    assert (second.epoch, second.version) == (first.epoch, first.version + 1)
    accepted(world, speaker, second, Have(first.epoch, first.version, first.sha256))
    assert second.sha256 == hashlib.sha256(second.raw).hexdigest()


def test_it_is_renewed_after_a_day_and_not_before(world: World) -> None:
    speaker = world.speaker()
    first = seal(world, speaker)
    world.now = NOW + timedelta(hours=23, minutes=59)
    assert seal(world, speaker).raw == first.raw
    world.now = NOW + timedelta(hours=24)
    renewed = seal(world, speaker)
    assert renewed.version == first.version + 1
    assert accepted(world, speaker, renewed).valid_until == millis(world.now + timedelta(days=7))


def test_who_is_due_for_renewal(world: World) -> None:
    one, two = world.speaker("Loa 1"), world.speaker("Loa 2")
    seal(world, one)
    with world.database.read() as session:
        assert manifests.due_for_renewal(session, now=NOW) == [two]
        assert manifests.due_for_renewal(session, now=NOW + timedelta(days=1)) == sorted([one, two])


def test_beyond_72_hours_nothing_is_said_yet(world: World) -> None:
    speaker = world.speaker()
    near, far = NOW + timedelta(hours=71), NOW + timedelta(hours=73)
    announcement = world.approved()
    first = world.air(announcement, at=near)
    world.air(announcement, at=far)
    assert [item.airing for item in accepted(world, speaker, seal(world, speaker)).items] == [first]


def test_a_cancelled_airing_leaves_a_tombstone_until_a_day_after_its_end(world: World) -> None:
    speaker = world.speaker()
    airing = world.air(world.approved(), at=NOW + timedelta(hours=2))
    assert accepted(world, speaker, seal(world, speaker)).items
    with world.database.transaction() as session:
        expires = airings.stop(session, CLERK, airing, now=world.now).expires
    manifest = accepted(world, speaker, seal(world, speaker))
    assert manifest.items == ()
    assert manifest.cancelled == (airing,)
    world.now = expires + timedelta(hours=23)
    assert accepted(world, speaker, seal(world, speaker)).cancelled == (airing,)
    world.now = expires + timedelta(hours=25)
    assert accepted(world, speaker, seal(world, speaker)).cancelled == ()


def test_what_is_over_is_not_asked_for_again(world: World) -> None:
    speaker = world.speaker()
    airing = world.air(world.approved())
    ledger = world.ledger(speaker)
    raw = ledger.say((Event.STORED, airing), (Event.STARTED, airing), (Event.FINISHED, airing))
    with world.database.transaction() as session:
        receipts.take_in(session, [(speaker, raw)], now=world.now)
    assert accepted(world, speaker, seal(world, speaker)).items == ()


def test_confirmations_alone_make_no_new_manifest_until_many_have_gathered(world: World) -> None:
    speaker = world.speaker()
    first = seal(world, speaker)
    ledger = world.ledger(speaker)
    for number in range(1, manifests.PATIENT_RECEIPTS + 2):
        with world.database.transaction() as session:
            receipts.take_in(session, [(speaker, ledger.say((Event.SELF_TEST, "")))], now=world.now)
        found = seal(world, speaker)
        patient = number <= manifests.PATIENT_RECEIPTS
        assert found.version == (first.version if patient else first.version + 1)
    assert accepted(world, speaker, found).receipts_through == manifests.PATIENT_RECEIPTS + 1


def test_a_restored_database_is_believed_for_its_higher_epoch(world: World) -> None:
    speaker = world.speaker()
    first = seal(world, speaker)
    with world.database.transaction() as session:
        session.merge(Meta(key="epoch", value="2"))
    second = seal(world, speaker)
    assert second.epoch == 2
    accepted(world, speaker, second, Have(first.epoch, first.version + 1000, first.sha256))


def test_a_revoked_speaker_is_signed_nothing(world: World) -> None:
    speaker = world.speaker()
    seal(world, speaker)
    with world.database.transaction() as session:
        speakers.revoke(session, APPROVER, speaker, reason="stolen", now=world.now)
        assert manifests.sealed_many(session, [speaker], signing=world.signing, now=world.now) == {}
    with world.database.read() as session:
        assert session.scalar(select(OutboxEntry.key).where(OutboxEntry.kind == "clear")) == f"clear:{speaker}"
    with pytest.raises(UnknownSpeaker):
        seal(world, speaker)


def test_above_64_kb_the_broker_carries_a_signed_pointer(world: World) -> None:
    speaker = world.speaker()
    announcement = world.approved()
    for minute in range(180):
        world.air(announcement, at=NOW + timedelta(minutes=minute + 1))
    found = seal(world, speaker)
    assert len(found.raw) > manifests.INLINE_LIMIT
    carried = manifests.for_broker(speaker, found, signing=world.signing)
    pointer = accept_manifest(carried, me=speaker, keys=world.signing.keys.ring(), have=None, now=millis(NOW))
    assert isinstance(pointer, Pointer)
    assert (pointer.version, pointer.sha256, pointer.size) == (found.version, found.sha256, len(found.raw))


@pytest.mark.parametrize(("agent", "packs"), [(None, False), ("loa-agent 0.2.0", False), ("loa-agent 0.3.0", True)])
def test_only_a_speaker_that_is_known_to_unpack_gets_it_packed(world: World, agent: str | None, packs: bool) -> None:
    speaker = world.speaker()
    world.air(world.approved())
    with world.database.transaction() as session:
        session.get_one(Speaker, speaker).agent = agent
    found = seal(world, speaker)
    carried = manifests.for_broker(speaker, found, signing=world.signing)
    assert (carried != found.raw) is packs
    assert packing.plain(carried, SIZE_LIMIT) == found.raw


def test_many_are_built_with_a_handful_of_queries(world: World) -> None:
    ledgers = world.many_speakers(300)
    world.air(world.approved())
    names = [one.device for one in ledgers]
    with world.database.transaction() as session:
        found = manifests.sealed_many(session, names, signing=world.signing, now=world.now)
        assert set(found) == set(names)
        assert session.scalar(select(Delivery.state).where(Delivery.speaker_id == names[0])) == "planned"
        assert session.scalar(select(Speaker.id).where(Speaker.id == names[-1]))
