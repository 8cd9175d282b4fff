"""Killed exactly between commit and publish, and between publish and mark: it repeats, and nothing is lost."""

import subprocess
import sys
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from broadcaster.links.embedded_broker import EmbeddedBroker
from broadcaster.store.tables import OutboxEntry, SpeakerManifest
from tests.links.parties import Fatal, Place, listening, until
from tests.links.test_relay import airings_in, make_house, pending, speaker_of
from tests.speakers.world import World

pytestmark = pytest.mark.broker


def die_at(point: str, world: World, place: Place) -> int:
    """What the doomed process left as its status."""
    place.files("broadcaster")
    url = world.database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.links.doomed", url, str(place.folder), str(place.port), point]
    return subprocess.run(command, timeout=60, check=False).returncode


@pytest.mark.parametrize("point", ["claimed", "published", "acknowledged"])
def test_t03_killed_between_two_steps_the_outbox_drains_within_five_seconds(
    broker: EmbeddedBroker, world: World, place: Place, fatal: Fatal, point: str
) -> None:
    world.live_now()
    names = [world.speaker(f"Loa {number}") for number in range(3)]
    airing = world.air(world.approved(), at=world.now + timedelta(hours=1))
    assert die_at(point, world, place) == 9
    assert pending(world) > 0
    house = make_house(world, place, fatal)
    began = time.monotonic()
    house.start()
    assert until(lambda: pending(world) == 0)
    assert time.monotonic() - began < 5.0
    for name in names:
        with listening(speaker_of(world, place, name)) as speaker:
            assert until(lambda s=speaker, n=name: airings_in(world, s, n) == [airing])  # type: ignore[misc]
    with world.database.read() as session:
        # Dying and repeating is no news: nobody was sent a second version.
        assert set(session.scalars(select(SpeakerManifest.version))) == {1}
        assert session.scalar(select(func.count()).where(OutboxEntry.kind == "manifest")) == 0
    house.stop()
