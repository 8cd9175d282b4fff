"""What the speaker believes: freshness by its own question, whatever its clock says."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from device_agent import clock, events
from device_agent.clips import ClipStore
from device_agent.courier import Courier
from device_agent.effects import Record
from device_agent.inbox import Asked, Inbox
from device_agent.journal import Journal
from device_agent.mail import KeysCame, Mailbox
from device_agent.paths import Answer, NotServed, Reply
from device_agent.senses import REAL
from device_agent.timekeeper import Timekeeper
from firmware_config import pki
from firmware_config.protocol import (
    ClipRef,
    ClockState,
    Command,
    Event,
    Klass,
    PlayNow,
    Receipt,
    Refusal,
    Signer,
    SpokenVersion,
    Stop,
    pack_live,
    seal_document,
)
from tests.agent.station import DAY, Station, announcement, item, now_ms

pytestmark = pytest.mark.database

QUESTION = "q" * 22


@dataclass
class Desk:
    """An inbox on a real journal, with a clock set by hand."""

    station: Station
    folder: Path
    mailbox: Mailbox = field(default_factory=Mailbox)

    def __post_init__(self) -> None:
        self.journal = Journal(self.folder / "journal.sqlite")
        self.time = Timekeeper(self.journal, REAL)
        clips = ClipStore(self.folder / "clips", 1_000_000)
        self.path = OnlyKeys(self.station.keys)
        self.courier = Courier((self.path,), clips, self.mailbox, now_ms)
        self.inbox = Inbox(
            self.station.device,
            self.station.root.public_key().public_bytes_raw(),
            journal=self.journal,
            clips=clips,
            courier=self.courier,
            time=self.time,
            senses=REAL,
        )
        self.inbox.load(self.station.keys)

    def run_ahead(self, ms: int) -> None:
        """The clock is believed and wrong, as by a false time server."""
        self.time._clock = clock.Clock(0, REAL.mono_ms(), clock.Anchor(now_ms() + ms, REAL.mono_ms()))

    def ask(self) -> None:
        self.inbox.nonce, self.inbox.asked_mono = QUESTION, REAL.mono_ms()


@dataclass
class OnlyKeys:
    """A second path on which there is nothing but the key set; it counts how often that is asked for."""

    raw: bytes
    asked: int = 0

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        assert (method, path, body) == ("GET", "/device/v1/keys", None)
        self.asked += 1
        return Answer(200, {}, self.raw)

    def open(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Reply:
        raise NotServed(404)

    def use(self, urls: tuple[str, ...]) -> None:
        """There is one address."""

    def close(self) -> None:
        """Nothing is kept."""


@pytest.fixture
def desk(station: Station, tmp_path: Path) -> Iterator[Desk]:
    found = Desk(station, tmp_path)
    yield found
    found.journal.close()


@pytest.mark.parametrize("ahead", [90_000, 3_600_000, 300 * DAY, 3_000 * DAY])
def test_the_answer_to_its_own_question_sets_a_wrong_clock_right(station: Station, desk: Desk, ahead: int) -> None:
    desk.run_ahead(ahead)
    desk.ask()
    found = desk.inbox.live_came(station.resynced(QUESTION))
    assert any(isinstance(one, Asked) for one in found)
    assert abs(desk.time.now() - now_ms()) < 60_000
    assert desk.time.read().state is ClockState.TRUSTED


def test_no_other_answer_does(station: Station, desk: Desk) -> None:
    desk.run_ahead(3_600_000)
    desk.ask()
    assert desk.inbox.live_came(station.resynced("r" * 22)) == [Record(Event.REFUSED, reason="expired")]
    desk.inbox.nonce = ""
    assert desk.inbox.live_came(station.resynced(QUESTION)) == []
    assert desk.time.now() - now_ms() > 3_000_000


def test_an_answer_to_another_question_is_counted_as_a_replay(station: Station, desk: Desk) -> None:
    desk.run_ahead(0)
    desk.ask()
    assert desk.inbox.live_came(station.resynced("r" * 22)) == []
    assert desk.inbox.refusals == {Refusal.REPLAY: 1}


def test_a_late_command_to_play_stays_late(station: Station, desk: Desk) -> None:
    desk.run_ahead(3_600_000)
    desk.ask()
    clip = ClipRef("a" * 64, 1_000, 1_000)
    of = station.announce(announcement(SpokenVersion("vi", "Lũ", clip), klass=Klass.EMERGENCY, now=now_ms()))
    raw = station.live(PlayNow(item("airing-1", of, start=now_ms(), klass=Klass.EMERGENCY)), of=of)
    assert desk.inbox.live_came(raw) == [Record(Event.REFUSED, reason="expired")]
    assert desk.inbox.refusals == {Refusal.EXPIRED: 1}


def test_the_same_command_twice_is_a_replay_also_after_a_restart(station: Station, desk: Desk) -> None:
    desk.run_ahead(0)
    clip = ClipRef("a" * 64, 1_000, 1_000)
    of = station.announce(announcement(SpokenVersion("vi", "Lũ", clip), klass=Klass.EMERGENCY, now=now_ms()))
    raw = station.live(PlayNow(item("airing-1", of, start=now_ms(), klass=Klass.EMERGENCY)), of=of)
    assert [type(one) for one in desk.inbox.live_came(raw)] == [events.AnnouncementStored, events.LivePlay]
    desk.journal.close()
    again = Desk(station, desk.folder)
    again.run_ahead(0)
    assert again.inbox.live_came(raw) == []
    assert again.inbox.refusals == {Refusal.REPLAY: 1}
    again.journal.close()


def test_a_signed_manifest_that_is_refused_is_answered_once_and_a_forged_one_never(
    station: Station, desk: Desk
) -> None:
    desk.run_ahead(0)
    good = station.plan()
    assert [type(one) for one in desk.inbox.manifest_came(good)] == [events.ManifestAccepted]
    other = seal_document(replace(station.manifest, lead_ms=9), station.director)
    assert desk.inbox.manifest_came(other) == [Record(Event.REFUSED, reason="conflict")]
    assert desk.inbox.manifest_came(other) == []
    forged = Signer(station.director.keyid, station.director.role, station.speaker_key)
    assert desk.inbox.manifest_came(seal_document(station.manifest, forged)) == []
    assert desk.inbox.refusals == {Refusal.CONFLICT: 2, Refusal.BAD_SIGNATURE: 1}
    desk.inbox.manifest_came(station.plan())
    late = replace(station.manifest, lead_ms=9)
    assert desk.inbox.manifest_came(seal_document(late, station.director)) == [Record(Event.REFUSED, reason="conflict")]


def test_a_journal_older_than_what_the_server_holds_counts_on_from_there(station: Station, desk: Desk) -> None:
    desk.run_ahead(0)
    for seq in (1, 2):
        desk.journal.add_receipt(Receipt(seq, "boot-1", None, None, Event.BOOTED, 1, ClockState.TRUSTED, 0, "", None))
    station.manifest = replace(station.manifest, receipts_through=500)
    gap = Record(Event.GAP, reason="journal_older")
    assert gap in desk.inbox.manifest_came(station.plan())
    assert desk.journal.head().seq == 500
    assert desk.journal.pending(0, 50) is None
    assert gap not in desk.inbox.manifest_came(station.plan())


def test_who_says_what_nobody_signed_cannot_keep_it_asking_for_keys(station: Station, desk: Desk) -> None:
    nobody = Signer("director-9", station.director.role, station.speaker_key)
    forged = seal_document(station.manifest, nobody)
    stop = Command(f"d:{station.device}", "cmd-1", now_ms(), now_ms() + 60_000, Stop(None))
    for _ in range(50):
        desk.inbox.manifest_came(forged)
        desk.inbox.live_came(pack_live(seal_document(stop, nobody)))
        while desk.courier.work():
            letter = desk.mailbox.get_nowait()
            assert isinstance(letter, KeysCame)
            desk.inbox.keys_came(letter.raw)
    assert desk.path.asked == 1


def test_new_keys_are_asked_for_at_once_and_what_waited_for_them_is_believed(station: Station, desk: Desk) -> None:
    newer = Signer("director-2", station.director.role, pki.new_signing_key())
    desk.path.raw = pki.sign_keys(station.root, [station.content, newer], version=2, now=now_ms())
    desk.run_ahead(0)
    assert desk.inbox.manifest_came(seal_document(station.manifest, newer)) == []
    assert desk.courier.work()
    letter = desk.mailbox.get_nowait()
    assert isinstance(letter, KeysCame)
    assert desk.inbox.keys_came(letter.raw) == [events.ManifestAccepted(station.manifest)]
