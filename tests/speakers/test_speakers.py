"""Speakers are taken into service and out of it, and what they say about themselves is a hint."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from broadcaster.domain.errors import NotAllowed, UnknownSpeaker, UnknownUnit
from broadcaster.services.actor import Actor
from broadcaster.services.places import speakers
from broadcaster.services.speaking import manifests
from broadcaster.store.tables import AuditEntry, Speaker
from firmware_config import pki
from firmware_config.protocol import GENESIS, ClockState, Presence, State, valid_id
from tests.speakers.world import APPROVER, CLERK, NOW, VILLAGE, World

pytestmark = pytest.mark.database


def state(device: str, *, epoch: int = 1, version: int = 1) -> bytes:
    return State(device, epoch, version, "", ClockState.TRUSTED, 0, 60, "0.1.0", 0, GENESIS, "boot-1", ()).to_bytes()


def test_an_enrolled_speaker_has_one_name_everywhere(world: World) -> None:
    device = world.speaker("Bản Chiềng Đông 1")
    identity = world.identities[device]
    assert device.startswith("ban-chieng-dong-1-")
    assert pki.common_name(identity.tls.certificate_pem) == identity.device == device
    with world.database.read() as session:
        row = session.get_one(Speaker, device)
        assert row.public_key == world.ledger(device).signer.public
        assert row.certificate_not_after is not None
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == device)).all()
    assert actions == ["enrol"]


def test_enrolling_needs_a_right_and_a_unit(world: World) -> None:
    with world.database.transaction() as session, pytest.raises(NotAllowed):
        speakers.enrol(session, Actor("x", "X"), name="x", unit_id=VILLAGE, authority=world.authority, now=NOW)
    with world.database.transaction() as session, pytest.raises(UnknownUnit):
        speakers.enrol(session, CLERK, name="x", unit_id="nowhere", authority=world.authority, now=NOW)


def test_revoking_twice_is_one_fact(world: World) -> None:
    device = world.speaker()
    for _ in range(2):
        with world.database.transaction() as session:
            speakers.revoke(session, APPROVER, device, reason="stolen", now=NOW)
    with world.database.read() as session:
        assert speakers.is_revoked(session, device)
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.action == "revoke")).all()) == 1
    with world.database.transaction() as session, pytest.raises(UnknownSpeaker):
        speakers.revoke(session, APPROVER, "nobody", reason="", now=NOW)


def test_states_and_presences_are_remembered_and_strangers_words_are_not(world: World) -> None:
    one, two = world.speaker("Loa 1"), world.speaker("Loa 2")
    with world.database.transaction() as session:
        refused = speakers.take_states(session, [(one, state(one)), (two, state(one)), (one, b"?")], now=NOW)
        online = Presence(online=True, boot="boot-1").to_bytes()
        refused += speakers.take_presences(session, [(one, online), ("nobody", online), (two, b"")], now=NOW)
    assert refused == {"not_for_me": 1, "bad_json": 1}
    with world.database.read() as session:
        assert (session.get_one(Speaker, one).state_version, session.get_one(Speaker, one).online) == (1, True)
        assert session.get_one(Speaker, two).state_version is None


def test_who_lags_behind_its_manifest_is_found_after_a_while(world: World) -> None:
    one = world.speaker()
    with world.database.transaction() as session:
        found = manifests.sealed(session, one, signing=world.signing, now=NOW)
        assert speakers.lagging(session, now=NOW + speakers.LAG) == []
        assert speakers.lagging(session, now=NOW + speakers.LAG + timedelta(seconds=1)) == [one]
        speakers.take_states(session, [(one, state(one, epoch=found.epoch, version=found.version))], now=NOW)
        assert speakers.lagging(session, now=NOW + timedelta(days=1)) == []


def test_an_epoch_is_what_counts_first(world: World) -> None:
    one = world.speaker()
    with world.database.transaction() as session:
        epoch = manifests.raise_epoch(session, now=NOW)
        found = manifests.sealed(session, one, signing=world.signing, now=NOW)
        assert found.epoch == epoch
        speakers.take_states(session, [(one, state(one, epoch=1, version=found.version + 9))], now=NOW)
        assert speakers.lagging(session, now=NOW + timedelta(days=1)) == [one]


@given(st.text(max_size=300), st.text("0123456789abcdef", min_size=4, max_size=4))
def test_any_name_gives_an_id_that_is_safe_in_topics_and_certificates(name: str, suffix: str) -> None:
    assert valid_id(speakers.speaker_id(name, suffix))
