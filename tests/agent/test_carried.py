"""A stick in a speaker: what it brings is judged as if the network had brought it, and receipts go back on it."""

import dataclasses
import hashlib
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.driven import Clock, Driven
from broadcaster.services.actor import SYSTEM
from broadcaster.services.places.ahead_days import set_ahead
from broadcaster.services.speaking import carrying
from broadcaster.store.database import Database
from broadcaster.store.tables import Delivery
from device_agent.boot import around
from device_agent.carried import Stick
from device_agent.paths import Answer, PathDown, Reply
from device_agent.problems import Problem
from firmware_config import carried
from firmware_config.pki import new_signing_key
from firmware_config.protocol import ClipRef, Refusal, Signer, seal_document
from tests.agent.sounds import tone_clip
from tests.databases import closing_database
from tests.speakers.test_told import recurring
from tests.speakers.world import CLERK, World, make_world

pytestmark = pytest.mark.database

START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def three_seconds() -> tuple[ClipRef, bytes]:
    return tone_clip(3.0)


@dataclasses.dataclass
class Village:
    """A broadcaster, a stick and a speaker that hears of it by that alone."""

    world: World
    usb: Path
    clock: Clock
    device: str
    folder: Path
    clip: tuple[ClipRef, bytes]

    def carry(self) -> None:
        """Write the stick anew."""
        self.world.now = datetime.fromtimestamp(self.clock.now, UTC)
        with self.world.database.transaction() as session:
            load = carrying.load(session, SYSTEM, [self.device], signing=self.world.signing, now=self.world.now)
        for name, raw in load.documents.items():
            carried.write_whole(self.usb, name, raw)
        for name in load.clips:
            carried.write_whole(self.usb, name, self.clip[1])

    def bring_back(self) -> int:
        """How many receipts on the stick were new."""
        now = datetime.fromtimestamp(self.clock.now, UTC)
        brought = [(name.split("/")[2], carried.read_plain(self.usb, name)) for name in carried.batches(self.usb)]
        return sum(one.new for one in carrying.take_back(self.world.database, SYSTEM, brought, now=now))

    def speaker(self) -> Driven:
        stick = Stick(self.usb, self.device)
        return Driven(
            self.world.identities[self.device], self.world.signing.root, self.folder, self.clock, sticks=[stick]
        )

    def on(self, days: float, speaker: Driven) -> None:
        speaker.until(self.clock.now + days * 86_400)
        for _ in range(12):
            speaker.turn(3.0)


@pytest.fixture
def village(tmp_path: Path, three_seconds: tuple[ClipRef, bytes]) -> Iterator[Village]:
    with closing_database(Database(f"sqlite:///{tmp_path / 'loa.sqlite'}")) as database:
        database.migrate()
        world = make_world(database, tmp_path)
        world.clips = {three_seconds[0].sha256: three_seconds[1]}
        device = world.speaker()
        with database.transaction() as session:
            set_ahead(session, CLERK, device, 30, now=START)
        recurring(world, world.approved(), "05:30", "17:00")
        (tmp_path / "usb").mkdir()
        clock = Clock(START.timestamp(), booted=START.timestamp() - 60)
        yield Village(world, tmp_path / "usb", clock, device, tmp_path / "data", three_seconds)


def problems(speaker: Driven) -> set[str]:
    return set(speaker.agent.desk.problems) - {"server_unreachable", "broker_unreachable"}


def ended(speaker: Driven) -> None:
    speaker.cut_power()


def test_it_plays_from_the_stick_and_the_receipts_come_back(village: Village) -> None:
    village.carry()
    speaker = village.speaker()
    village.on(2, speaker)
    assert problems(speaker) == set()
    assert village.bring_back() == speaker.journal.head().seq > 20
    assert village.bring_back() == 0
    with village.world.database.read() as session:
        heard = session.query(Delivery).filter(Delivery.state == "heard").all()
    assert len(heard) == 4
    assert speaker.journal.confirmed() == 0
    village.carry()
    village.on(0.1, speaker)
    assert speaker.journal.confirmed() > 0
    shutil.rmtree(village.usb / "loa")
    village.on(1, speaker)
    assert speaker.journal.head().seq > 20
    ended(speaker)


class Online:
    """A broadcaster that has nothing new, and counts who asks for all of it."""

    def __init__(self) -> None:
        self.held: list[str] = []

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        if "/manifest" not in path:
            raise PathDown("nothing else")
        self.held.append((headers or {}).get("If-None-Match", ""))
        return Answer(304, {}, b"")

    def open(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Reply:
        raise PathDown("nothing else")

    def use(self, urls: tuple[str, ...]) -> None: ...

    def close(self) -> None: ...


def test_a_stick_that_stays_makes_nobody_fetch_all_again_each_hour(village: Village) -> None:
    village.carry()
    speaker = village.speaker()
    village.on(0.1, speaker)
    have = speaker.parts.inbox.have
    assert have is not None
    server = Online()
    speaker.parts.courier._paths = around(server, speaker.parts.sticks)
    village.on(0.5, speaker)
    assert len(server.held) > 5
    assert set(server.held) == {f'"{have.epoch}-{have.version}"'}
    ended(speaker)


def test_without_a_signal_and_a_clock_nothing_scheduled_plays_after_a_power_cut(village: Village) -> None:
    village.carry()
    speaker = village.speaker()
    village.on(1, speaker)
    before = speaker.sink.frames
    assert before > 0
    speaker.cut_power()
    village.clock.steered = False
    again = village.speaker()
    village.on(3, again)
    assert (again.sink.frames, again.agent.desk.state.clock.value) == (0, "untrusted")
    village.clock.steered = True
    village.on(1, again)
    assert again.sink.frames > 0
    ended(again)


def spoil_manifest(village: Village, raw: bytes) -> None:
    carried.write_whole(village.usb, carried.manifest(village.device), raw)


def test_another_speaker_s_an_older_and_a_forged_manifest_change_nothing_and_are_said(village: Village) -> None:
    village.carry()
    old = carried.read_plain(village.usb, carried.manifest(village.device))
    village.clock.wind(86_400 * 2)
    village.carry()
    speaker = village.speaker()
    village.on(0.01, speaker)
    have = speaker.parts.inbox.have
    assert have is not None
    spoil_manifest(village, old)
    village.on(0.01, speaker)
    assert problems(speaker) == {Problem.STICK_OLDER}
    other = village.world.speaker("B")
    with village.world.database.transaction() as session:
        load = carrying.load(session, SYSTEM, [other], signing=village.world.signing, now=village.world.now)
    spoil_manifest(village, load.documents[carried.manifest(other)])
    village.on(0.01, speaker)
    assert Refusal.NOT_FOR_ME in speaker.parts.inbox.refusals
    assert problems(speaker) <= {Problem.STICK_OLDER, Problem.STICK_REFUSED}
    manifest = speaker.parts.inbox.manifest
    assert manifest is not None
    forger = Signer(village.world.signing.director.keyid, village.world.signing.director.role, new_signing_key())
    spoil_manifest(village, seal_document(dataclasses.replace(manifest, version=99), forger))
    village.on(0.01, speaker)
    assert Refusal.BAD_SIGNATURE in speaker.parts.inbox.refusals
    assert problems(speaker) == {Problem.STICK_REFUSED}
    assert speaker.parts.inbox.have == have
    (village.usb / carried.manifest(village.device)).unlink()
    village.on(0.01, speaker)
    assert problems(speaker) == {Problem.STICK_NOT_MINE}
    ended(speaker)


def link(target: Path, secret: Path) -> None:
    target.symlink_to(secret)


def pipe(target: Path, _secret: Path) -> None:
    os.mkfifo(target)


def folder(target: Path, _secret: Path) -> None:
    target.mkdir()


def huge(target: Path, _secret: Path) -> None:
    with target.open("wb") as file:
        file.truncate(300_000_000_000)


def half(target: Path, secret: Path) -> None:
    target.write_bytes(secret.read_bytes()[:100])


def other(target: Path, secret: Path) -> None:
    target.write_bytes(bytes(len(secret.read_bytes())))


@pytest.mark.parametrize(
    ("what", "spoil"),
    [
        ("keys", pipe),
        ("manifests", link),
        ("manifests", huge),
        ("manifests", half),
        ("announcements", pipe),
        ("announcements", other),
        ("clips", link),
        ("clips", folder),
        ("clips", half),
        ("clips", other),
    ],
)
def test_a_hostile_stick_is_survived_and_said(village: Village, what: str, spoil: object, tmp_path: Path) -> None:
    village.carry()
    found = [path for path in sorted((village.usb / "loa").rglob("*")) if path.is_file()]
    [target] = [path for path in found if what in path.relative_to(village.usb).as_posix().split("/")[1]]
    kept = tmp_path / "kept"
    target.rename(kept)
    spoil(target, kept)  # type: ignore[operator]
    speaker = village.speaker()
    village.on(0.05, speaker)
    accepted = speaker.parts.inbox.have is not None
    assert accepted is (what in {"announcements", "clips"})
    assert problems(speaker) & {Problem.STICK_UNREADABLE, Problem.STICK_REFUSED} or what == "keys"
    names = speaker.parts.clips.names()
    assert names <= {village.clip[0].sha256}
    assert all(hashlib.sha256(speaker.parts.clips.path(name).read_bytes()).hexdigest() == name for name in names)
    assert not names or what != "clips"
    # The same stick, mended.
    target.rmdir() if target.is_dir() and not target.is_symlink() else target.unlink()
    kept.rename(target)
    os.utime(village.usb / carried.manifest(village.device))
    village.on(0.3, speaker)
    assert problems(speaker) == set()
    assert speaker.sink.frames > 0
    ended(speaker)


def test_folders_that_lead_out_of_the_stick_are_not_entered(village: Village, tmp_path: Path) -> None:
    village.carry()
    outside = tmp_path / "outside"
    (village.usb / "loa/clips").rename(outside)
    (village.usb / "loa/clips").symlink_to(outside)
    (village.usb / "loa/receipts").symlink_to(tmp_path)
    speaker = village.speaker()
    village.on(0.05, speaker)
    assert speaker.parts.clips.names() == frozenset()
    assert problems(speaker) == {Problem.STICK_UNREADABLE, Problem.STICK_NOT_WRITABLE}
    assert not (tmp_path / village.device).exists()
    ended(speaker)


def test_a_stick_that_takes_no_receipts_is_said_and_they_are_kept(village: Village) -> None:
    village.carry()
    (village.usb / "loa/receipts").write_bytes(b"in the way")
    speaker = village.speaker()
    village.on(0.5, speaker)
    assert problems(speaker) == {Problem.STICK_NOT_WRITABLE}
    (village.usb / "loa/receipts").unlink()
    village.on(0.1, speaker)
    assert problems(speaker) == set()
    assert village.bring_back() == speaker.journal.head().seq
    ended(speaker)


def test_two_sticks_in_turn_both_get_every_receipt_that_nobody_confirmed(village: Village) -> None:
    village.carry()
    speaker = village.speaker()
    village.on(1, speaker)
    shutil.move(village.usb / "loa", village.usb / "first")
    village.on(0.1, speaker)
    shutil.copytree(village.usb / "first", village.usb / "loa")
    shutil.rmtree(village.usb / "loa/receipts")
    village.on(1, speaker)
    assert village.bring_back() == speaker.journal.head().seq
    ended(speaker)
