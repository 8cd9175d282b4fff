"""The alarm clock goes on whatever its ticks do."""

import threading
from collections.abc import Callable

import pytest

from broadcaster.links.alarm import Alarm, Tick
from tests.links.parties import until

pytestmark = pytest.mark.database


def test_every_tick_is_called_at_once_and_one_that_raises_is_called_again() -> None:
    calls: list[str] = []

    def bad() -> None:
        calls.append("bad")
        raise ValueError("on purpose")

    note: Callable[[], None] = lambda: calls.append("good")  # noqa: E731
    alarm = Alarm([Tick("bad", 0.05, bad), Tick("good", 3600.0, note)])
    alarm.start()
    assert until(lambda: calls.count("bad") >= 3 and "good" in calls)
    alarm.stop()
    assert alarm.failures["bad"] >= 3
    assert alarm.failures["good"] == 0


def test_a_tick_that_is_still_running_is_not_started_a_second_time() -> None:
    running, most, ended = [0], [0], threading.Event()

    def slow() -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        ended.wait(0.3)
        running[0] -= 1

    alarm = Alarm([Tick("slow", 0.05, slow)])
    alarm.start()
    assert until(lambda: most[0] == 1)
    threading.Event().wait(0.5)
    ended.set()
    alarm.stop()
    assert most[0] == 1


def test_after_stop_nothing_is_called() -> None:
    calls: list[int] = []
    alarm = Alarm([Tick("count", 0.05, lambda: calls.append(1))])
    alarm.start()
    assert until(lambda: len(calls) > 1)
    alarm.stop()
    seen = len(calls)
    threading.Event().wait(0.2)
    assert len(calls) == seen
