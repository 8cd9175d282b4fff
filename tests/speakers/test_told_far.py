"""What a manifest says to a loudspeaker that is told weeks ahead, and what of it a speaker can take."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from broadcaster.domain.schedule import HORIZON, seen_until
from broadcaster.services.airtime import cancelling
from broadcaster.services.moments import millis
from broadcaster.services.places.ahead_days import set_ahead
from broadcaster.services.speaking import fitting
from broadcaster.services.speaking.fitting import MOST, fitted
from broadcaster.store.tables import Airing, Announcement, Speaker
from firmware_config import protocol
from firmware_config.protocol import Manifest
from firmware_config.protocol.codecs import LAST_MOMENT
from firmware_config.protocol.manifest import MAX_ITEMS
from tests.protocol.cast import ITEM, MANIFEST
from tests.speakers.test_told import recurring
from tests.speakers.world import CLERK, NOW, World

pytestmark = pytest.mark.database

DAY = timedelta(days=1)
DAY_MS = 86_400_000


def see(world: World, speaker: str, days: int) -> None:
    with world.database.transaction() as session:
        set_ahead(session, CLERK, speaker, days, now=world.now)


def test_each_is_told_its_own_days(world: World) -> None:
    far, middle, near = (world.speaker(name) for name in ("A", "B", "C"))
    see(world, far, 35)
    see(world, middle, 10)
    recurring(world, world.approved(), "05:30", "17:00")
    found = {speaker: world.told(speaker) for speaker in (far, middle, near)}
    assert [len(found[one].items) for one in (far, middle, near)] == [72, 22, 6]
    for speaker, days in ((far, 35), (middle, 10)):
        assert found[speaker].through == millis(seen_until(NOW, days)) + 1
        assert found[speaker].items[-1].start < found[speaker].through
        assert found[speaker].valid_until - found[speaker].issued == (days + 4) * DAY_MS
    assert found[near].through == millis(NOW + HORIZON) + 1
    assert found[near].valid_until - found[near].issued == 7 * DAY_MS


def test_the_longest_manifest_there_can_be_passes_the_speakers_own_limits(world: World) -> None:
    speaker = world.speaker()
    world.now = NOW.replace(hour=0, minute=0)
    see(world, speaker, 35)
    recurring(world, world.approved(), "06:59", "17:00")
    assert world.told(speaker).items[-1].start - millis(world.now) > 35 * DAY_MS


def test_a_program_of_the_first_versions_is_told_three_days(world: World) -> None:
    speaker = world.speaker()
    see(world, speaker, 35)
    with world.database.transaction() as session:
        session.execute(update(Speaker).values(agent="loa-agent 0.2.0"))
    recurring(world, world.approved(), "05:30")
    found = world.told(speaker)
    assert len(found.items) == 3
    assert found.through == LAST_MOMENT


def test_seeing_less_far_takes_nothing_back(world: World) -> None:
    speaker = world.speaker()
    see(world, speaker, 35)
    recurring(world, world.approved(), "05:30")
    before = world.told(speaker)
    see(world, speaker, 3)
    after = world.told(speaker)
    assert (after.version, len(after.items), after.cancelled) == (before.version + 1, 3, ())
    assert after.through < before.items[-1].start


def test_what_is_taken_back_beyond_its_days_is_named(world: World) -> None:
    speaker = world.speaker()
    see(world, speaker, 35)
    announcement = world.approved()
    recurring(world, announcement, "05:30")
    see(world, speaker, 3)
    with world.database.transaction() as session:
        cancelling.cancel_airings(session, session.get_one(Announcement, announcement), reason="x", now=NOW)
    found = world.told(speaker)
    with world.database.read() as session:
        every = session.execute(select(Airing.id, Airing.planned_at).where(Airing.cancelled_at.is_not(None))).all()
    assert len(every) == 36
    assert found.items == ()
    assert set(found.cancelled) == {row.id for row in every}


def test_weeks_taken_back_within_its_days_are_missing_and_not_named(world: World) -> None:
    speaker = world.speaker()
    see(world, speaker, 35)
    announcement = world.approved()
    recurring(world, announcement, "05:30")
    with world.database.transaction() as session:
        cancelling.cancel_airings(session, session.get_one(Announcement, announcement), reason="x", now=NOW)
    found = world.told(speaker)
    assert found.items == ()
    assert len(found.cancelled) == 3
    assert found.through > millis(NOW + 35 * DAY)


def test_what_is_taken_back_behind_the_cut_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    speaker = world.speaker()
    see(world, speaker, 35)
    announcement = world.approved()
    recurring(world, announcement, "05:30")
    recurring(world, world.approved(), "17:00")
    before = world.told(speaker)
    with world.database.transaction() as session:
        cancelling.cancel_airings(session, session.get_one(Announcement, announcement), reason="x", now=NOW)
    monkeypatch.setattr(fitting, "MAX_ITEMS", 20)
    after = world.told(speaker)
    named = {*after.cancelled, *(one.airing for one in after.items)}
    held = [one for one in before.items if one.airing not in named and one.start >= after.through]
    with world.database.read() as session:
        gone = set(session.scalars(select(Airing.id).where(Airing.cancelled_at.is_not(None))))
    assert len(gone) == 36
    assert held
    assert not gone & {one.airing for one in held}
    assert len(after.cancelled) < 36


@pytest.mark.parametrize("languages", [("vi",), ("vi", "hmn", "en", "fr", "tay")])
def test_more_than_a_speaker_can_take_is_cut_at_the_far_end(languages: tuple[str, ...]) -> None:
    items = tuple(
        replace(
            ITEM,
            airing=f"0199aaaa-bbbb-cccc-dddd-{number:012d}",
            start=ITEM.start + number * 60_000,
            latest_start=ITEM.start + number * 60_000,
            expires=ITEM.expires + number * 60_000,
            languages=languages,
        )
        for number in reversed(range(700))
    )
    found = Manifest.from_bytes(fitted(replace(MANIFEST, items=items)))
    kept = {one.airing for one in found.items}
    assert 400 < len(kept) <= MAX_ITEMS
    assert len(found.to_bytes()) <= MOST
    assert len(protocol.seal(Manifest.TYPE, found.to_bytes(), *[])) < 262_144
    assert found.through == min(one.start for one in items if one.airing not in kept)
    assert all(one.start < found.through for one in found.items)


def test_what_stands_by_is_never_cut() -> None:
    far = ITEM.start + 35 * DAY_MS
    waiting = replace(ITEM, airing="standby", start=far, latest_start=far, expires=far, standby=True)
    many = tuple(replace(ITEM, airing=f"0199-{number}") for number in range(600))
    found = Manifest.from_bytes(fitted(replace(MANIFEST, items=(*many, waiting))))
    assert "standby" in {one.airing for one in found.items}


def test_what_fits_is_left_as_it_is() -> None:
    assert fitted(MANIFEST) == MANIFEST.to_bytes()
