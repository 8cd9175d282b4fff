"""On a full disk what waits behind a sound does not begin in the room that is kept for emergencies."""

import time

import pytest

from device_agent.agent import Agent
from device_agent.ledger import Stage
from firmware_config.protocol import ClipRef, Event, SpokenVersion
from tests.agent.mqtt_side import eventually
from tests.agent.station import Station, announcement, item, now_ms
from tests.agent.test_hard_times import living, settings_of

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("agent")]


def stage(agent: Agent, airing: str) -> Stage:
    return agent.desk.state.ledger[airing].stage


def test_what_waits_behind_a_sound_does_not_use_up_the_kept_room(
    station: Station, two_seconds: tuple[ClipRef, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with living(settings_of(station.bundle(sink="silent"))) as agent:
        eventually(lambda: station.receipts)
        station.add_clip(*two_seconds)
        of = station.announce(announcement(SpokenVersion("vi", "Xin chào bà con", two_seconds[0]), now=now_ms()))
        start = now_ms() + 3_000
        station.plan(item("first", of, start=start), item("second", of, start=start + 100))
        eventually(lambda: agent.desk.state.playing is not None)
        with monkeypatch.context() as full:
            full.setattr("device_agent.journal.LEAST_FREE_BYTES", 1 << 62)
            eventually(lambda: stage(agent, "first") is Stage.HEARD)
            time.sleep(1.0)
            assert stage(agent, "second") is Stage.ARMED
        station.wait_for("second", Event.HEARD)
