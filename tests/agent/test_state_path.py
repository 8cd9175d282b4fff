"""How a speaker says how it is where it has HTTPS alone."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from device_agent.clips import ClipStore
from device_agent.courier import Courier, PostState
from device_agent.journal import Journal
from device_agent.link import Link
from device_agent.mail import Mailbox, PathFailed
from device_agent.outbox import STATE_EACH_S, Outbox
from device_agent.paths import Answer, NotServed, PathDown, Reply
from device_agent.senses import REAL, Senses
from device_agent.timekeeper import Timekeeper
from firmware_config.pki import new_signing_key
from firmware_config.protocol import GENESIS, ClockState, Role, Signer, State
from tests.agent.mqtt_side import MqttSide, eventually
from tests.agent.processes import running_agent
from tests.agent.station import Station
from tests.broker import RunningBroker

pytestmark = pytest.mark.database


@dataclass
class Office:
    """Takes what is posted, or does not."""

    taken: list[bytes] = field(default_factory=list)
    failure: Exception | None = None
    meanwhile: Callable[[], None] = lambda: None

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        del headers
        assert (method, path) == ("POST", "/device/v1/state")
        self.meanwhile()
        if self.failure is not None:
            raise self.failure
        self.taken.append(body or b"")
        return Answer(204, {}, b"")

    def open(self, *_asked: object, **_more: object) -> Reply:
        raise NotServed(404)

    def use(self, urls: tuple[str, ...]) -> None:
        """There is one."""

    def close(self) -> None:
        """Nothing is open."""


class Desk:
    """An outbox and a courier whose clock stands until it is moved."""

    def __init__(self, folder: Path) -> None:
        self.clock = 1_000.0
        self.office, self.mailbox = Office(), Mailbox()
        senses: Senses = replace(REAL, mono=lambda: self.clock, chance=lambda: 0.5)
        journal = Journal(folder / "journal.sqlite")
        self.close = journal.close
        signer = Signer("loa-1", Role.SPEAKER, new_signing_key())
        time = Timekeeper(journal, senses)
        self.courier = Courier((self.office,), ClipStore(folder / "clips", 1_000), self.mailbox, time.now, senses)
        link = Link("loa-1", boot="boot-1", brokers=(), dial=None, mailbox=self.mailbox, senses=senses)
        self.outbox = Outbox(
            signer,
            boot="boot-1",
            journal=journal,
            link=link,
            courier=self.courier,
            timekeeper=time,
            path_after_s=5.0,
            senses=senses,
        )

    def say(self, volume: int, *, again: bool = False, version: int = 1) -> None:
        self.outbox.report(replace(state(volume), version=version), again=again, second_path=True)

    def work(self, seconds: float = 0.0) -> list[int]:
        """The volumes of those that arrived within so many seconds."""
        self.office.taken = []
        for _ in range(round(seconds) + 1):
            while self.courier.work():
                continue
            self.clock += 1.0
        self.clock -= 1.0
        return [State.from_bytes(raw).volume for raw in self.office.taken]


def state(volume: int) -> State:
    return State("loa-1", 1, 1, "", ClockState.TRUSTED, 0, volume, "agent", 0, GENESIS, "boot-1", ())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_state_is_told_once_a_minute_and_the_newest_takes_the_place_of_one_that_waits(desk: Desk) -> None:
    with contextlib.closing(desk):
        desk.say(1)
        assert desk.work() == [1]
        for volume in (2, 3, 4):
            desk.say(volume)
            desk.clock += 1
        assert desk.work(STATE_EACH_S - 5) == []
        assert desk.work(5) == [4]
        desk.say(4)
        # Which manifest it holds stands in each question.
        desk.say(4, version=2)
        assert desk.work(2 * STATE_EACH_S) == []
        desk.say(4, again=True)
        assert desk.work() == [4]


def test_what_did_not_arrive_is_told_again_unless_something_newer_is(desk: Desk) -> None:
    with contextlib.closing(desk):
        desk.office.failure = PathDown("no answer")
        desk.say(1)
        assert desk.work(5) == []
        assert isinstance(desk.mailbox.get(timeout=1), PathFailed)
        desk.office.meanwhile = lambda: desk.say(2) if desk.clock < 1_030 else None
        assert desk.work(30) == []
        desk.office.failure = None
        assert desk.work(3 * STATE_EACH_S) == [2]


def test_a_broadcaster_that_takes_no_state_is_not_asked_again_and_nothing_is_said_to_be_wrong(desk: Desk) -> None:
    with contextlib.closing(desk):
        desk.office.failure = NotServed(404)
        desk.say(1)
        assert desk.work() == []
        desk.office.failure = None
        assert desk.work(3 * STATE_EACH_S) == []
        assert desk.mailbox.empty()


def test_a_state_that_went_over_the_link_leaves_none_behind(desk: Desk) -> None:
    with contextlib.closing(desk):
        desk.courier.send(PostState(state(1).to_bytes()), 5)
        desk.courier.forget_states()
        assert desk.work(30) == []


@pytest.mark.whole
@pytest.mark.xdist_group("agent")
def test_a_speaker_without_a_broker_says_how_it_is(station: Station) -> None:
    config = station.bundle(brokers=("localhost:9",))
    with running_agent(config):
        eventually(lambda: station.states)
        eventually(lambda: station.receipts)
    told = len(station.states)
    # It told of the first one before it held a manifest, and the next would come a minute later.
    with running_agent(config):
        eventually(lambda: len(station.states) > told)
    assert station.states[-1].version == station.manifest.version
    assert "broker_unreachable" in station.states[-1].problems


@pytest.mark.whole
@pytest.mark.xdist_group("agent")
def test_a_broker_behind_which_nobody_listens_does_not_hide_it(
    station: Station, broker: RunningBroker, mqtt_side: MqttSide
) -> None:
    mqtt_side.answers = False
    with running_agent(station.bundle(brokers=(f"localhost:{broker.port}",)), LOA_AGENT_RESYNC_S="5"):
        eventually(lambda: any("broker_deaf" in state.problems for state in station.states), 60)
        mqtt_side.answers = True
        eventually(lambda: mqtt_side.states[-1].problems == (), 60)
