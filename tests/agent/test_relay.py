"""The amplifier's relay on gpiozero's own board without pins."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from device_agent.relay import GpioRelay, NoRelay
from device_agent.technician import open_relay
from tests.agent.mqtt_side import eventually
from tests.agent.small_settings import settings

pytestmark = [pytest.mark.sound, pytest.mark.xdist_group("agent")]

LINE = 17


@pytest.fixture
def board() -> Iterator[MockFactory]:
    found = MockFactory()
    yield found
    found.close()


def pin(board: MockFactory) -> MockPin:
    found = board.pin(LINE)
    assert isinstance(found, MockPin)
    return found


@pytest.mark.parametrize("active_low", [False, True])
def test_closed_while_it_plays_and_open_otherwise(board: MockFactory, active_low: bool) -> None:
    problems: list[str] = []
    relay = GpioRelay(LINE, active_low=active_low, tell=problems.append, tail_s=0.4, factory=board)
    open_state = int(active_low)
    assert pin(board).state == open_state
    relay.close()
    assert pin(board).state == 1 - open_state
    assert relay.closed
    relay.open()
    # What the card still holds is heard with the amplifier on.
    time.sleep(0.1)
    assert relay.closed
    eventually(lambda: not relay.closed)
    assert pin(board).state == open_state
    # Before it is driven a pin of this board has the state 0.
    assert [int(one.state) for one in pin(board).states][-3:] == [open_state, 1 - open_state, open_state]
    relay.release()
    assert problems == []


def test_between_two_that_follow_at_once_it_stays_closed(board: MockFactory) -> None:
    relay = GpioRelay(LINE, active_low=False, tell=lambda _: None, tail_s=0.05, factory=board)
    relay.close()
    relay.open()
    relay.close()
    time.sleep(0.15)
    assert relay.closed
    assert [int(one.state) for one in pin(board).states] == [0, 1]
    relay.release()


def test_a_line_that_cannot_be_had_is_a_problem_until_it_can(board: MockFactory) -> None:
    problems: list[str] = []
    other = GpioRelay(LINE, active_low=False, tell=problems.append, factory=board)
    relay = GpioRelay(LINE, active_low=False, tell=problems.append, factory=board)
    relay.close()
    assert problems == ["relay_failed"]
    other.release()
    relay.close()
    assert problems == ["relay_failed", ""]
    assert relay.closed
    relay.release()


def test_a_board_without_any_pins_is_a_problem_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "no-such-pins")
    problems: list[str] = []
    relay = GpioRelay(LINE, active_low=False, tell=problems.append, tail_s=0.0)
    relay.close()
    relay.open()
    relay.release()
    assert problems == ["relay_failed"]


def test_systemd_opens_it_after_whatever_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_relay(settings(tmp_path)) == 0
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "no-such-pins")
    assert open_relay(settings(tmp_path, relay_gpio=LINE)) == 1
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    assert open_relay(settings(tmp_path, relay_gpio=LINE)) == 0


def test_an_amplifier_that_is_always_on_needs_nothing() -> None:
    relay = NoRelay()
    relay.close()
    relay.open()
