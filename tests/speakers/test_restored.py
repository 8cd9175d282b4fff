"""A restored backup: speakers that hold newer than we know are an alarm, and follow us again in a new epoch."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.services.moments import millis
from broadcaster.services.places import speakers
from broadcaster.services.speaking import live, manifests
from broadcaster.services.speaking.manifests import Sealed
from broadcaster.store.tables import AuditEntry, Meta, OutboxEntry, Speaker
from firmware_config.protocol import (
    GENESIS,
    ClockState,
    Have,
    Manifest,
    Refusal,
    Refused,
    ResyncRequest,
    State,
    accept_manifest,
)
from tests.speakers.world import NOW, World

pytestmark = pytest.mark.database


def sealed(world: World, speaker: str) -> Sealed:
    with world.database.transaction() as session:
        return manifests.sealed(session, speaker, signing=world.signing, now=world.now)


def accepted(world: World, speaker: str, found: Sealed, have: Have) -> Manifest:
    manifest = accept_manifest(found.raw, me=speaker, keys=world.signing.keys.ring(), have=have, now=millis(world.now))
    assert isinstance(manifest, Manifest)
    return manifest


def restored(world: World) -> int:
    with world.database.transaction() as session:
        return manifests.raise_epoch(session, now=world.now)


def epoch_of_the_backup(world: World, epoch: int) -> None:
    """What restoring an older backup does to the one fact that matters here."""
    with world.database.transaction() as session:
        session.merge(Meta(key="epoch", value=str(epoch)))


def report(world: World, speaker: str, epoch: int, version: int) -> None:
    state = State(speaker, epoch, version, "", ClockState.TRUSTED, 0, 60, "0.1.0", 0, GENESIS, "boot-1", ("too_hot",))
    with world.database.transaction() as session:
        assert not speakers.take_states(session, [(speaker, state.to_bytes())], now=world.now)


def resync(world: World, speaker: str, have: Have) -> None:
    request = ResyncRequest(speaker, have, "nonce-nonce-nonce", millis(world.now), "boot-1")
    with world.database.transaction() as session:
        live.resynced(session, {speaker: request}, signing=world.signing, now=world.now)


def alarms(world: World, speaker: str) -> tuple[list[str], int]:
    """The speaker's problems, and how many lines of audit speak of it."""
    with world.database.read() as session:
        lines = session.scalars(select(AuditEntry).where(AuditEntry.action == "ahead")).all()
        return session.get_one(Speaker, speaker).problems, len(lines)


def test_t18_a_speaker_that_holds_newer_than_the_backup_follows_again_in_the_new_epoch(world: World) -> None:
    speaker = world.speaker()
    epoch = restored(world)
    have = Have(epoch, 40, "5a" * 32)
    epoch_of_the_backup(world, 1)
    with pytest.raises(Refused) as caught:
        accepted(world, speaker, sealed(world, speaker), have)
    assert caught.value.code == Refusal.OLDER
    world.now += timedelta(hours=1)
    assert restored(world) > epoch
    assert accepted(world, speaker, sealed(world, speaker), have).epoch > epoch


def test_each_epoch_is_above_all_before_though_the_clock_stands_still(world: World) -> None:
    found = [restored(world) for _ in range(3)]
    assert found == sorted(set(found))
    assert found[0] == int(NOW.timestamp())


def test_a_new_epoch_is_in_the_audit_and_wants_every_manifest(world: World) -> None:
    one, two = world.speaker("Loa 1"), world.speaker("Loa 2")
    before = sealed(world, one)
    with world.database.transaction() as session:
        session.query(OutboxEntry).delete()
    epoch = restored(world)
    with world.database.read() as session:
        assert set(session.scalars(select(OutboxEntry.ref))) == {one, two}
        [line] = session.scalars(select(AuditEntry).where(AuditEntry.action == "restored"))
        assert line.details == {"before": 1, "epoch": epoch}
    assert sealed(world, one).version > before.version


def test_a_report_of_something_newer_is_a_problem_and_one_line_of_audit(world: World) -> None:
    speaker = world.speaker()
    ours = sealed(world, speaker)
    report(world, speaker, ours.epoch, ours.version)
    assert alarms(world, speaker) == (["too_hot"], 0)
    for _ in range(2):
        report(world, speaker, ours.epoch, ours.version + 1)
        resync(world, speaker, Have(ours.epoch, ours.version + 1, "5a" * 32))
        assert alarms(world, speaker) == (["too_hot", "ahead"], 1)
    restored(world)
    after = sealed(world, speaker)
    report(world, speaker, after.epoch, after.version)
    assert alarms(world, speaker) == (["too_hot"], 1)


def test_a_resync_alone_tells_it_too(world: World) -> None:
    speaker = world.speaker()
    ours = sealed(world, speaker)
    resync(world, speaker, Have(ours.epoch, ours.version, ours.sha256))
    assert alarms(world, speaker) == ([], 0)
    resync(world, speaker, Have(ours.epoch + 1, 1, ours.sha256))
    assert alarms(world, speaker) == (["ahead"], 1)
