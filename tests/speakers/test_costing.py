"""The cost in megabytes out of real rows: who has the sound already, whose month is spent, what is not made yet."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from broadcaster.domain.data_cost import OVERHEAD, Cost
from broadcaster.services.airtime import costing
from broadcaster.services.airtime.costing import BYTES_PER_LETTER
from broadcaster.store.tables import Announcement, Delivery, Speaker, Version
from tests.speakers.world import CLIP, NOW, OTHER, World

pytestmark = pytest.mark.database

MB = 1_000_000
SOUND = len(CLIP) * 108 // 100


def foreseen(world: World, announcement: str) -> Cost:
    with world.database.read() as session:
        return costing.foreseen(session, session.get_one(Announcement, announcement), now=world.now)


def say(world: World, speaker: str, **values: Any) -> None:
    with world.database.transaction() as session:
        session.execute(update(Speaker).where(Speaker.id == speaker).values(**values))


def test_everybody_fetches_it_who_does_not_have_it(world: World) -> None:
    one, two = world.speaker("A"), world.speaker("B", OTHER)
    announcement = world.approved()
    found = foreseen(world, announcement)
    assert (found.speakers, found.fetching, found.total) == (2, 2, 2 * (OVERHEAD + SOUND))
    airing = world.air(announcement)
    with world.database.transaction() as session:
        mine = (Delivery.airing_id == airing, Delivery.speaker_id == one)
        session.execute(update(Delivery).where(*mine).values(stored_at=NOW))
    found = foreseen(world, announcement)
    assert (found.fetching, found.total, found.costliest) == (1, 2 * OVERHEAD + SOUND, two)
    world.now += timedelta(days=3)
    assert foreseen(world, announcement).fetching == 2, "what is over is no longer kept"


def test_whose_month_is_spent_is_told_by_what_it_said_this_month(world: World) -> None:
    one = world.speaker("A")
    announcement = world.approved()
    spent = {"month_bytes": 50 * MB, "bytes_used": 60 * MB}
    say(world, one, **spent, health_at=NOW)
    assert foreseen(world, announcement).short == (one,)
    say(world, one, health_at=NOW - timedelta(days=25))
    assert foreseen(world, announcement).short == ()
    say(world, one, health_at=None)
    assert foreseen(world, announcement).short == ()


def test_what_is_not_spoken_yet_is_guessed_by_its_length(world: World) -> None:
    world.speaker("A")
    announcement = world.approved()
    with world.database.transaction() as session:
        of = Version.announcement_id == announcement
        session.execute(update(Version).where(of).values(clip_sha256=None, text="x" * 100))
        repeat = session.get_one(Announcement, announcement).repeat
    assert foreseen(world, announcement).total == OVERHEAD + repeat * 100 * BYTES_PER_LETTER * 108 // 100
