"""What is carried by hand: everything a speaker needs, and its receipts back, as if they had come by the network."""

import hashlib
import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from audio.clip import clip_path
from broadcaster import __main__
from broadcaster.app import utc_now
from broadcaster.commands.carrying import batches_of
from broadcaster.domain.errors import NotAllowed, SpeakerRevoked, UnknownSpeaker
from broadcaster.domain.permissions import Grant, Role
from broadcaster.home import Home
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.places import speakers
from broadcaster.services.places.ahead_days import set_ahead
from broadcaster.services.speaking import carrying
from broadcaster.services.speaking.carrying import Load
from broadcaster.store.database import Database
from broadcaster.store.tables import AuditEntry, Delivery, Speaker, StoredReceipt
from firmware_config import carried
from firmware_config.protocol import Event, accept_announcement, accept_keys, accept_manifest
from tests.speakers.test_told import recurring
from tests.speakers.world import CLERK, CLIP, NOW, OTHER, VILLAGE, Ledger, World, make_world

pytestmark = pytest.mark.database

ELSEWHERE = Actor("x", "X", tuple(Grant(role, "tinh-khac") for role in Role))


def loaded(world: World, *wanted: str) -> Load:
    with world.database.transaction() as session:
        return carrying.load(session, SYSTEM, wanted, signing=world.signing, now=world.now)


def test_it_holds_all_that_the_speakers_ask_for_and_each_clip_once(world: World) -> None:
    one, two = world.speaker("A", VILLAGE), world.speaker("B", OTHER)
    with world.database.transaction() as session:
        set_ahead(session, CLERK, one, 30, now=NOW)
    recurring(world, world.approved(), "05:30", "17:00")
    load = loaded(world, one, two, one)
    assert [(each.speaker, each.airings) for each in load.speakers] == [(one, 62), (two, 6)]
    accept_keys(load.documents[carried.KEYS], root=world.signing.root, have_version=0, now=None)
    ring = world.signing.keys.ring()
    for speaker in (one, two):
        told = accept_manifest(load.documents[carried.manifest(speaker)], me=speaker, keys=ring, have=None, now=None)
        for item in told.items:  # type: ignore[union-attr]
            raw = load.documents[carried.announcement(item.announcement.removeprefix("sha256:"))]
            words = accept_announcement(raw, expected=item.announcement, keys=ring, now=None)
            assert {carried.clip(clip.sha256) for clip in words.clips} <= load.clips.keys()
    assert [clip.bytes for clip in load.clips.values()] == [len(CLIP)]
    assert all(map(carried.is_document, load.documents))
    assert all(map(carried.is_clip, load.clips))
    assert load.bytes == sum(map(len, load.documents.values())) + len(CLIP)


def test_nothing_is_carried_to_one_that_was_revoked_or_never_was_or_is_another_commune_s(world: World) -> None:
    speaker = world.speaker()
    with world.database.transaction() as session:
        with pytest.raises(NotAllowed):
            carrying.load(session, ELSEWHERE, [speaker], signing=world.signing, now=NOW)
        with pytest.raises(UnknownSpeaker):
            carrying.load(session, SYSTEM, [speaker, "loa-x"], signing=world.signing, now=NOW)
        speakers.revoke(session, CLERK, speaker, reason="mất", now=NOW)
        with pytest.raises(SpeakerRevoked):
            carrying.load(session, SYSTEM, [speaker], signing=world.signing, now=NOW)


def said(world: World, number: int) -> tuple[Ledger, list[bytes]]:
    ledger = world.ledger(world.speaker())
    airing = world.air(world.approved())
    return ledger, [ledger.say((Event.BOOTED, ""), (Event.STORED, airing)) for _ in range(number)]


def test_receipts_are_taken_in_once_however_often_they_are_brought(world: World) -> None:
    ledger, batches = said(world, 30)
    brought = [(ledger.device, raw) for raw in batches]
    [first] = carrying.take_back(world.database, SYSTEM, brought, now=NOW)
    assert (first.new, first.through, dict(first.refused)) == (60, 60, {})
    [again] = carrying.take_back(world.database, SYSTEM, [*brought, *brought], now=NOW)
    assert (again.new, again.through) == (0, 60)
    with world.database.read() as session:
        assert session.scalars(select(Delivery.state)).all() == ["stored"]
        told = session.scalars(select(AuditEntry.details).where(AuditEntry.action == "carry_back")).all()
        assert [one["new"] for one in told] == [60]


def test_what_is_missing_is_a_gap_until_it_is_brought(world: World) -> None:
    ledger, batches = said(world, 3)
    [found] = carrying.take_back(world.database, SYSTEM, [(ledger.device, batches[2])], now=NOW)
    assert (found.new, found.through) == (2, 0)
    [found] = carrying.take_back(world.database, SYSTEM, [(ledger.device, raw) for raw in batches], now=NOW)
    assert (found.new, found.through) == (4, 6)


def test_what_was_carried_is_no_sign_of_life(world: World) -> None:
    ledger, batches = said(world, 1)
    carrying.take_back(world.database, SYSTEM, [(ledger.device, batches[0])], now=NOW)
    with world.database.read() as session:
        assert session.get_one(Speaker, ledger.device).last_seen_at is None
        assert session.get_one(Speaker, ledger.device).receipts_through == 2


def test_what_is_not_its_own_or_not_the_actor_s_is_refused_and_said(world: World) -> None:
    ledger, batches = said(world, 1)
    other = world.speaker("B", OTHER)
    brought = [(ledger.device, b"x"), (other, batches[0]), ("loa-nobody", batches[0])]
    found = {one.speaker: dict(one.refused) for one in carrying.take_back(world.database, SYSTEM, brought, now=NOW)}
    assert found == {ledger.device: {"shape": 1}, other: {"unknown_key": 1}, "loa-nobody": {"unknown_key": 1}}
    [mine] = carrying.take_back(world.database, ELSEWHERE, [(ledger.device, batches[0])], now=NOW)
    assert (mine.new, dict(mine.refused)) == (0, {"not_allowed": 1})
    with world.database.read() as session:
        assert session.scalars(select(StoredReceipt.seq)).all() == []


class Console:
    """`loa …` on a data folder of its own."""

    def __init__(self, data: Path, patch: pytest.MonkeyPatch, said: pytest.CaptureFixture[str]) -> None:
        self.patch, self.said = patch, said
        patch.setenv("LOA_DATA", str(data))
        patch.setenv("LOA_BROKERS", "localhost:1")

    def __call__(self, *words: str) -> tuple[int, str]:
        self.patch.setattr(sys, "argv", ["loa", *words])
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        found = self.said.readouterr()
        return int(ended.value.code or 0), found.out + found.err


def test_the_commands_write_a_stick_and_take_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loa, stick = Console(tmp_path / "var", monkeypatch, capsys), tmp_path / "usb"
    loa("audit", "verify")
    home = Home(tmp_path / "var")
    database = Database(f"sqlite:///{tmp_path}/var/loa.sqlite")
    world = make_world(database, tmp_path)
    path = clip_path(home.clips, hashlib.sha256(CLIP).hexdigest())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CLIP)
    world.now = utc_now()
    ledger = world.ledger(world.speaker())
    world.air(world.approved(klass="emergency"), at=world.now + timedelta(hours=3))
    assert loa("speaker", "ahead", ledger.device, "30")[0] == 0
    status, text = loa("bundle", "export", "--speaker", ledger.device, "--to", str(stick), "--dry-run")
    assert (status, stick.exists()) == (0, False), text
    assert "MB in all" in text
    status, text = loa("bundle", "export", "--speaker", ledger.device, "--to", str(stick), "--json")
    assert (status, json.loads(text)["speakers"][0]["id"]) == (0, ledger.device)
    assert json.loads(text)["written"] == json.loads(text)["bytes"]
    names = {path.relative_to(stick).as_posix() for path in stick.rglob("*") if path.is_file()}
    assert names >= {carried.KEYS, carried.manifest(ledger.device)}
    (stick / carried.clip("f" * 64)).parent.mkdir(exist_ok=True)
    (stick / carried.clip("f" * 64)).write_bytes(b"of an earlier time")
    status, text = loa("bundle", "export", "--speaker", ledger.device, "--to", str(stick), "--json")
    assert json.loads(text)["written"] == 0
    assert not (stick / carried.clip("f" * 64)).exists()
    assert loa("bundle", "import", str(stick))[0] == 1
    carried.write_whole(stick, carried.receipts(ledger.device, 1), ledger.say((Event.BOOTED, "")))
    status, text = loa("bundle", "import", str(stick), "--json")
    assert (status, json.loads(text)) == (0, [{"id": ledger.device, "new": 1, "through": 1, "refused": {}}])
    status, text = loa("bundle", "import", str(stick))
    assert (status, "0 new" in text) == (0, True)
    loa("speaker", "revoke", ledger.device, "--reason", "x")
    status, text = loa("bundle", "export", "--speaker", ledger.device, "--to", str(stick))
    assert (status, "speaker_revoked" in text) == (1, True)


def test_nothing_on_a_hostile_stick_is_followed_or_waited_for(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    folder = tmp_path / "usb" / "loa/receipts/loa-a"
    folder.mkdir(parents=True)
    (folder / "000000000001.dsse").symlink_to(secret)
    os.mkfifo(folder / "000000000002.dsse")
    (folder / "000000000003.dsse").mkdir()
    (folder / "000000000004.dsse").write_bytes(b"x" * 300_000)
    (folder / "000000000005.dsse").write_bytes(b"good")
    (folder / "notes.txt").write_bytes(b"of no interest")
    (tmp_path / "usb/loa/receipts/loa-b").symlink_to(folder)
    (tmp_path / "usb/loa/receipts/..name").mkdir()
    assert list(batches_of(tmp_path / "usb")) == [("loa-a", b"good")]
    assert list(batches_of(tmp_path / "nowhere")) == []
