"""The order to be silent, on the loudspeaker: an emergency falls silent too, and nothing due comes after it."""

import pytest

from device_agent import events
from firmware_config.protocol import Event, Klass
from tests.agent.scenes import Scene

pytestmark = pytest.mark.pure


def test_an_emergency_falls_silent_and_what_it_pushed_aside_does_not_come_back() -> None:
    scene = Scene()
    ordinary = scene.ready(1)
    scene.sound()
    alarm = scene.ready(2, Klass.EMERGENCY)
    scene.cut()
    scene.sound()
    assert scene.told(alarm)[-1] is Event.STARTED
    scene.tell(events.Stop(None))
    assert [stop.airing for stop in scene.stops()][-1] == alarm
    scene.cut()
    scene.pass_time(900_000)
    assert scene.playing is None
    assert [scene.told(airing)[-1] for airing in (ordinary, alarm)] == [Event.CANCELLED] * 2
    assert {scene.why(airing) for airing in (ordinary, alarm)} == {"stopped"}


def test_what_is_planned_for_later_is_played_all_the_same() -> None:
    scene = Scene()
    later = scene.ready(1, start=scene.now + 60_000, latest_start=scene.now + 600_000, expires=scene.now + 900_000)
    scene.tell(events.Stop(None))
    scene.pass_time(60_000)
    assert scene.playing == later
