"""The content key signs what two different persons stand behind, and nothing else."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from broadcaster.domain.errors import (
    BrokenCertificate,
    EditedSince,
    LoaError,
    NotApproved,
    OwnAnnouncement,
    TwoPersonsNeeded,
)
from broadcaster.services.moments import millis
from broadcaster.services.speaking import signing
from broadcaster.services.speaking.signing import Signing
from broadcaster.store.tables import Announcement, SignedDocument
from firmware_config import pki
from firmware_config.protocol import Kind, Klass, Role, accept_announcement, accept_keys
from tests.speakers.world import APPROVER, CLERK, NOW, World

pytestmark = pytest.mark.database


def sign(world: World, announcement: str) -> str:
    with world.database.transaction() as session:
        return signing.sign_announcement(session, announcement, signing=world.signing, now=world.now)


def test_a_speaker_accepts_the_words_by_their_reference(world: World) -> None:
    world.speaker()
    announcement = world.approved(klass="emergency", audience=[("unit", "ban-mot"), ("unit", "ban-hai")])
    reference = sign(world, announcement)
    with world.database.read() as session:
        raw = session.get_one(SignedDocument, reference.removeprefix("sha256:")).raw
    found = accept_announcement(raw, expected=reference, keys=world.signing.keys.ring(), now=millis(NOW))
    assert (found.id, found.klass, found.approvals[0].by) == (announcement, Klass.EMERGENCY, APPROVER.name)
    assert found.audience.include == ("u:ban-mot", "u:ban-hai")
    assert found.versions[0].clip is not None


def test_signing_again_gives_the_same_bytes(world: World) -> None:
    world.speaker()
    announcement = world.approved()
    first = sign(world, announcement)
    world.now += timedelta(hours=5)
    assert sign(world, announcement) == first


def _by_the_author(row: Announcement) -> None:
    row.approvals[0].person_id = CLERK.person_id


def _by_nobody(row: Announcement) -> None:
    row.approvals[0].approved = False


def _of_another_revision(row: Announcement) -> None:
    row.revision += 1


def _of_other_words(row: Announcement) -> None:
    row.versions[0].text = "Bán đất!"


def _of_another_class(row: Announcement) -> None:
    row.klass = "emergency"


def _by_a_later_writer(row: Announcement) -> None:
    row.writers = [*row.writers, APPROVER.person_id]


@pytest.mark.parametrize(
    ("damage", "refusal"),
    [
        (_by_the_author, OwnAnnouncement),
        (_by_nobody, NotApproved),
        (_of_another_revision, NotApproved),
        (_of_other_words, EditedSince),
        (_of_another_class, EditedSince),
        (_by_a_later_writer, OwnAnnouncement),
    ],
)
def test_whoever_changes_the_rows_the_key_refuses(
    world: World, damage: Callable[[Announcement], None], refusal: type[LoaError]
) -> None:
    world.speaker()
    announcement = world.approved()
    with world.database.transaction() as session:
        damage(session.get_one(Announcement, announcement))
    with pytest.raises(refusal):
        sign(world, announcement)


def _answered_for_by_one(row: Announcement) -> None:
    row.assertions[0].person_id = APPROVER.person_id


def _answered_for_by_its_writers_only(row: Announcement) -> None:
    for one in row.assertions:
        one.person_id = CLERK.person_id


def _answered_for_as_other_words(row: Announcement) -> None:
    row.assertions[0].content_sha256 = "0" * 64


@pytest.mark.parametrize(
    "damage", [_answered_for_by_one, _answered_for_by_its_writers_only, _answered_for_as_other_words]
)
def test_an_alert_and_its_parts_need_the_second_factors_of_two(
    world: World, damage: Callable[[Announcement], None]
) -> None:
    world.speaker()
    alert = world.approved(klass="emergency")
    with world.database.transaction() as session:
        parts = [part.id for part in session.get_one(Announcement, alert).parts]
        damage(session.get_one(Announcement, alert))
    assert len(parts) == 2
    for one in (alert, *parts):
        with pytest.raises(TwoPersonsNeeded):
            sign(world, one)


def test_a_correction_is_signed_as_soon_as_its_alert_is_approved(world: World) -> None:
    world.speaker()
    alert = world.approved(klass="emergency")
    with world.database.transaction() as session:
        correction = next(part for part in session.get_one(Announcement, alert).parts if part.part == "correction")
        reference = signing.sign_announcement(session, correction.id, signing=world.signing, now=world.now)
        raw = session.get_one(SignedDocument, reference.removeprefix("sha256:")).raw
    found = accept_announcement(raw, expected=reference, keys=world.signing.keys.ring(), now=millis(NOW))
    assert (found.supersedes, found.klass, found.approvals[0].by) == (alert, Klass.EMERGENCY, APPROVER.name)


def test_a_correction_whose_words_were_changed_is_not_signed(world: World) -> None:
    world.speaker()
    alert = world.approved(klass="emergency")
    with world.database.transaction() as session:
        part = session.get_one(Announcement, alert).parts[0]
        part.versions[0].text, changed = "Bán đất!", part.id
    with pytest.raises(EditedSince):
        sign(world, changed)


def test_a_drill_is_signed_by_a_key_of_its_own(world: World) -> None:
    world.speaker()
    drill = world.approved(klass="priority", kind="drill")
    reference = sign(world, drill)
    with world.database.read() as session:
        document = session.get_one(SignedDocument, reference.removeprefix("sha256:"))
        assert document.keyid == world.signing.drill.keyid != world.signing.content.keyid


def test_an_airing_whose_words_may_not_be_signed_stays_silent_and_others_go_out(world: World) -> None:
    world.speaker()
    bad, good = world.approved(text="Một."), world.approved(text="Hai.")
    airings = [world.air(one) for one in (bad, good)]
    with world.database.transaction() as session:
        _by_the_author(session.get_one(Announcement, bad))
    with world.database.transaction() as session:
        signing.sign_open_airings(session, signing=world.signing, now=world.now)
    with world.database.read() as session:
        signed = session.scalars(select(SignedDocument.announcement_id)).all()
    assert signed == [good]
    assert len(airings) == 2


def test_keys_are_made_once_and_loaded_after(tmp_path: Path) -> None:
    made = signing.make_keys(tmp_path / "keys", now=NOW)
    again = signing.make_keys(tmp_path / "keys", now=NOW + timedelta(days=1))
    assert again.keys_raw == made.keys_raw
    assert accept_keys(made.keys_raw, root=made.root, have_version=0, now=millis(NOW)).version == 1
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "keys").glob("*.key"))


def _before_drills(folder: Path) -> signing.Signing:
    """A data folder made when there was no drill key."""
    made = signing.make_keys(folder, now=NOW)
    root = pki.load_signing_key((folder / "root.key").read_bytes())
    raw = pki.sign_keys(root, [made.content, made.director], version=4, now=millis(NOW), days=300)
    (folder / signing.KEYS_FILE).write_bytes(raw)
    (folder / "drill.key").unlink()
    return made


def test_a_folder_without_a_drill_key_gets_one_and_keeps_all_others(tmp_path: Path) -> None:
    before = _before_drills(tmp_path)
    later = NOW + timedelta(days=9)
    found = signing.make_keys(tmp_path, now=later)
    assert (found.content.keyid, found.director.keyid) == (before.content.keyid, before.director.keyid)
    assert found.author(Kind.DRILL).role is Role.DRILL
    assert found.author(Kind.LIVE) == found.content
    keys = accept_keys(found.keys_raw, root=before.root, have_version=4, now=millis(later))
    assert (keys.version, keys.expires) == (5, millis(NOW + timedelta(days=300)))
    assert {one.role for one in keys.keys} == {Role.CONTENT, Role.DIRECTOR, Role.DRILL}
    assert signing.make_keys(tmp_path, now=later).keys_raw == found.keys_raw


def test_without_the_root_key_at_hand_no_drill_key_is_made_up(tmp_path: Path) -> None:
    _before_drills(tmp_path)
    (tmp_path / "root.key").unlink()
    held = (tmp_path / signing.KEYS_FILE).read_bytes()
    with pytest.raises(BrokenCertificate):
        signing.make_keys(tmp_path, now=NOW)
    assert (tmp_path / signing.KEYS_FILE).read_bytes() == held
    assert not (tmp_path / "drill.key").exists()


@pytest.mark.parametrize("damage", ["missing", "stranger", "garbage"])
def test_a_key_that_is_not_in_the_key_set_is_a_broken_certificate(tmp_path: Path, damage: str) -> None:
    signing.make_keys(tmp_path, now=NOW)
    path = tmp_path / "content.key"
    if damage == "missing":
        path.unlink()
    elif damage == "garbage":
        path.write_bytes(b"not a key")
    else:
        path.write_bytes((tmp_path / "director.key").read_bytes())
    with pytest.raises(BrokenCertificate):
        Signing.load(tmp_path)
