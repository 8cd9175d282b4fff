"""A loudspeaker is tended from afar: its next manifest says so, the log book how it was, and it can be set back."""

from typing import Any

import pytest
from sqlalchemy import select, update

from broadcaster.domain.errors import BadVolume, NotAllowed, UnknownSpeaker
from broadcaster.services.actor import Actor
from broadcaster.services.places import speakers, tending
from broadcaster.store.tables import AuditEntry, OutboxEntry, Speaker
from firmware_config.protocol import Klass, Weekly
from tests.speakers.world import CLERK, NOW, World

pytestmark = pytest.mark.database

MB = 1_000_000
ALL: dict[str, Any] = {
    "volume_max": 80,
    "volumes": {"normal": 40},
    "languages": ["hmn", "vi"],
    "sink": "aplay:hw:1,0",
    "lead_ms": 500,
    "tail_ms": 250,
    "month_bytes": 500 * MB,
    "test_day": 2,
    "test_minute": 600,
    "test_silent": False,
}


def tend(world: World, speaker: str, **given: Any) -> None:
    with world.database.transaction() as session:
        tending.tend(session, CLERK, speaker, given, now=NOW)


def wanted(world: World, speaker: str) -> list[int]:
    with world.database.read() as session:
        asked = select(OutboxEntry.generation).where(OutboxEntry.key == f"manifest:{speaker}")
        return list(session.scalars(asked))


def test_everything_decided_is_in_the_next_manifest(world: World) -> None:
    speaker = world.speaker()
    before = world.told(speaker)
    assert (before.sink, before.month_bytes, before.weekly) == ("", 0, Weekly(0, 540, silent=True))
    tend(world, speaker, **ALL)
    after = world.told(speaker)
    assert after.version == before.version + 1
    assert after.volume_max == 80
    assert after.volumes == {Klass.NORMAL: 40, Klass.PRIORITY: 80, Klass.EMERGENCY: 80}
    assert (after.sink, after.lead_ms, after.tail_ms, after.month_bytes) == ("aplay:hw:1,0", 500, 250, 500 * MB)
    assert after.weekly == Weekly(2, 600, silent=False)


@pytest.mark.parametrize("name", sorted(ALL.keys() - {"languages"}))
def test_each_of_them_alone_makes_another_manifest(world: World, name: str) -> None:
    speaker = world.speaker()
    before = world.told(speaker).version
    tend(world, speaker, **{name: ALL[name]})
    assert world.told(speaker).version == before + 1


def test_its_languages_are_those_of_what_it_plays(world: World) -> None:
    speaker = world.speaker()
    world.air(world.approved())
    tend(world, speaker, languages=["hmn", "vi"])
    [item] = world.told(speaker).items
    assert item.languages == ("hmn", "vi")


def test_the_log_book_keeps_before_and_after(world: World) -> None:
    speaker = world.speaker()
    tend(world, speaker, volume_max=70, lead_ms=400)
    with world.database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "tend")).one()
        assert entry.details == {
            "before": {"lead_ms": 0, "volume_max": 100},
            "after": {"lead_ms": 400, "volume_max": 70},
        }
        assert entry.person_id == CLERK.person_id


def test_what_is_as_it_was_is_no_change(world: World) -> None:
    speaker = world.speaker()
    before = wanted(world, speaker)
    tend(world, speaker, volume_max=100)
    assert wanted(world, speaker) == before
    tend(world, speaker, volume_max=99)
    assert wanted(world, speaker) == [generation + 1 for generation in before]


def test_nobody_tended_it_yet(world: World) -> None:
    speaker = world.speaker()
    with world.database.read() as session:
        assert tending.last_change(session, speaker) is None


def test_it_is_set_back_once_and_only_the_last_change(world: World) -> None:
    speaker = world.speaker()
    tend(world, speaker, volume_max=70)
    with world.database.read() as session:
        first = tending.last_change(session, speaker)
    assert first is not None
    tend(world, speaker, **ALL)
    with world.database.transaction() as session:
        assert not tending.set_back(session, CLERK, speaker, first.seq, now=NOW)
        last = tending.last_change(session, speaker)
        assert last is not None
        assert tending.set_back(session, CLERK, speaker, last.seq, now=NOW)
    with world.database.read() as session:
        row = session.get_one(Speaker, speaker)
        assert (row.volume_max, row.languages, row.month_bytes, row.test_silent) == (70, [], 0, True)


def test_wrong_values_change_nothing(world: World) -> None:
    speaker = world.speaker()
    with pytest.raises(BadVolume):
        tend(world, speaker, lead_ms=300, volume_max=300)
    with world.database.read() as session:
        assert session.get_one(Speaker, speaker).lead_ms == 0


def test_it_takes_the_right_and_a_speaker_in_service(world: World) -> None:
    speaker = world.speaker()
    with world.database.transaction() as session, pytest.raises(NotAllowed):
        tending.tend(session, Actor("x", "X"), speaker, {"volume_max": 1}, now=NOW)
    with world.database.transaction() as session:
        speakers.revoke(session, CLERK, speaker, reason="stolen", now=NOW)
    with pytest.raises(UnknownSpeaker):
        tend(world, speaker, volume_max=1)


def test_a_speaker_of_an_earlier_version_is_told_only_what_it_reads(world: World) -> None:
    speaker = world.speaker()
    tend(world, speaker, **ALL)
    with world.database.transaction() as session:
        session.execute(update(Speaker).where(Speaker.id == speaker).values(agent="loa-agent 0.2.0"))
    found = world.told(speaker)
    assert (found.sink, found.month_bytes, found.weekly) == ("", 0, None)
    assert found.volume_max == 80
