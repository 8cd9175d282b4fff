"""The weekly self-test on the speaker, driven by a clock of the test's own."""

import queue
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent import weekly
from device_agent.agent import Agent
from device_agent.boot import Parts, assemble
from device_agent.effects import Play, TonePart
from device_agent.mail import Mailbox, ManifestCame, no_ack
from device_agent.selftest import SELF_TEST
from device_agent.senses import Senses
from device_agent.settings import from_config
from device_agent.weekly import LOOK_S, SETTLED_S, WeeklyTest, is_due
from firmware_config.device_config import load
from firmware_config.protocol import Event, Manifest, Receipt, Weekly
from tests.agent.station import Station, blank_manifest

pytestmark = pytest.mark.database

MINUTE, DAY, WEEK = 60_000, 86_400_000, 7 * 86_400_000
TOLD = replace(blank_manifest(), weekly=Weekly(0, 540, silent=True))


@dataclass
class Village:
    """One speaker with its clocks in our hands; nothing of it runs by itself."""

    station: Station
    wall: float
    mono: float = 1_000.0
    steered: bool = True
    agent: Agent = field(init=False)
    parts: Parts = field(init=False)

    def start(self) -> None:
        """The power comes on."""
        self.mono = 1_000.0
        senses = Senses(
            mono=lambda: self.mono,
            wall=lambda: self.wall,
            steered=lambda: self.steered,
            rtc=lambda: False,
            pause=lambda _seconds: None,
        )
        settings = from_config(load(self.station.bundle(sink="silent")), {})
        mailbox: Mailbox = queue.SimpleQueue()
        self.parts = assemble(settings, mailbox, senses)
        self.agent = Agent(settings, self.parts, (WeeklyTest(senses),))
        self.agent.take_up()
        self.agent.receive(ManifestCame(self.station.sealed_manifest(), no_ack))
        self.agent.turn()

    def stop(self) -> None:
        """The power goes."""
        self.parts.link.close()
        self.parts.journal.close()
        self.parts.lock.close()

    def live(self, seconds: float) -> None:
        """Let time pass, looking as often as the chore does."""
        until = self.mono + seconds
        while self.mono < until:
            step = min(LOOK_S, until - self.mono)
            self.mono, self.wall = self.mono + step, self.wall + step
            self.agent.turn()

    def leap(self, seconds: float) -> None:
        """Let time pass at once."""
        self.mono, self.wall = self.mono + seconds, self.wall + seconds
        self.agent.turn()

    @property
    def tests(self) -> list[Receipt]:
        pending = self.parts.journal.pending(0, 500)
        receipts = pending.receipts if pending is not None else ()
        return [one for one in receipts if one.event is Event.SELF_TEST]


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    station = Station(tmp_path)
    monday_8 = (station.manifest.issued // 1000 // 604_800) * 604_800 + 4 * 86_400 + 3_600
    station.manifest = replace(
        station.manifest,
        weekly=Weekly(0, 540, silent=True),
        issued=monday_8 * 1000,
        valid_until=monday_8 * 1000 + DAY * 6,
    )
    found = Village(station, float(monday_8))
    yield found
    found.stop()
    station.close()


def test_once_a_week_at_its_hour(village: Village) -> None:
    village.start()
    village.live(SETTLED_S + 2 * LOOK_S)
    assert [one.reason for one in village.tests] == ["ok"]
    village.leap(3_600 - SETTLED_S - 3 * LOOK_S)
    assert len(village.tests) == 1
    village.live(5 * LOOK_S)
    assert len(village.tests) == 2
    found = village.tests[1].at
    assert 0 <= found - (village.station.manifest.issued + 3_600_000) <= 2 * LOOK_S * 1000
    village.live(600)
    assert len(village.tests) == 2


def test_one_that_was_due_while_the_power_was_off_is_made_when_it_is_back(village: Village) -> None:
    village.start()
    village.live(SETTLED_S + 2 * LOOK_S)
    village.stop()
    village.wall += 30 * 3_600
    village.start()
    village.live(2 * LOOK_S)
    assert len(village.tests) == 2
    village.stop()
    village.start()
    village.live(SETTLED_S + 5 * LOOK_S)
    assert len(village.tests) == 2


def test_a_speaker_that_does_not_know_the_time_makes_none_until_it_does(village: Village) -> None:
    village.steered = False
    village.start()
    village.live(SETTLED_S + 5 * LOOK_S)
    assert village.tests == []
    village.steered = True
    village.live(2 * LOOK_S)
    assert len(village.tests) == 1


def test_on_a_full_disk_it_does_not_sound_again_and_again(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    weekly = Weekly(0, 540, silent=False)
    village.station.manifest = replace(village.station.manifest, weekly=weekly)
    village.start()
    deck = village.parts.speaker._deck
    village.live(SETTLED_S - LOOK_S)
    monkeypatch.setattr("device_agent.journal.LEAST_FREE_BYTES", 1 << 62)
    village.live(10 * LOOK_S)
    assert deck.orders == []
    monkeypatch.setattr("device_agent.journal.LEAST_FREE_BYTES", 0)
    village.live(10 * LOOK_S)
    assert [one.play.airing for one in deck.orders] == [SELF_TEST]


def test_what_must_be_heard_does_not_wait_for_the_end_of_a_test(village: Village) -> None:
    village.station.manifest = replace(
        village.station.manifest, weekly=Weekly(0, 540, silent=False), lead_ms=10_000, items=(), cancelled=()
    )
    village.start()
    village.live(SETTLED_S + LOOK_S)
    test = village.parts.speaker._deck.orders[0]
    now = village.parts.time.now()
    village.agent._do(Play("airing-1", 1, (TonePart(1_000),), 100, now, 0, 0))
    assert test.stop.is_set()
    assert [one.stop.is_set() for one in village.parts.speaker._deck.orders[1:]] == [False]


def test_without_an_order_there_is_none(village: Village) -> None:
    village.station.manifest = replace(village.station.manifest, weekly=None)
    village.start()
    village.live(SETTLED_S + 5 * LOOK_S)
    assert village.tests == []


@given(
    day=st.integers(0, 6),
    minute=st.integers(0, 1439),
    begin=st.integers(1_600_000_000_000, 2_000_000_000_000),
    steps=st.lists(st.integers(1, 3 * DAY), min_size=1, max_size=60),
)
def test_whenever_the_power_comes_and_goes_no_week_has_two_and_no_day_online_lacks_one(
    day: int, minute: int, begin: int, steps: list[int]
) -> None:
    told = replace(TOLD, weekly=Weekly(day, minute, silent=True))
    now, tested, made = begin, begin, [begin]
    for step in steps:
        now += step
        if is_due(told, tested, now, settled=True):
            tested = now
            made.append(now)
        assert not is_due(told, tested, now, settled=True)
        assert now - tested < WEEK
    assert all(later - sooner > 0 for sooner, later in pairwise(made))
    assert len(made) <= 2 + (now - begin) // WEEK + 1


@pytest.mark.parametrize(("tested", "settled", "due"), [(0, False, False), (0, True, True), (10 * WEEK, True, True)])
def test_one_that_never_was_or_is_dated_in_the_future_is_made_once_all_is_settled(
    tested: int, settled: bool, due: bool
) -> None:
    assert is_due(TOLD, tested, 5 * WEEK, settled=settled) is due
    manifest: Manifest = replace(TOLD, weekly=None)
    assert not is_due(manifest, tested, 5 * WEEK, settled=settled)
    assert weekly.SETTLED_S > LOOK_S
