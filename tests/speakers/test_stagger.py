"""Hanging a loudspeaker elsewhere gives it and its neighbours new offsets, and nobody else a new manifest."""

import pytest
from sqlalchemy import delete, select

from broadcaster.domain.errors import NotAllowed, UnknownSpeaker
from broadcaster.domain.where import Where
from broadcaster.services.actor import Actor
from broadcaster.services.places import speakers
from broadcaster.store.tables import AuditEntry, OutboxEntry, Speaker
from tests.speakers.world import CLERK, OTHER, VILLAGE, World

pytestmark = pytest.mark.database

HERE = Where(21.05, 104.3)
THREE_HUNDRED_METRES_EAST = Where(21.05, 104.30289)
FAR = Where(21.2, 104.3)


def offsets(world: World) -> dict[str, int]:
    with world.database.read() as session:
        return {row.id: row.stagger_ms for row in session.execute(select(Speaker.id, Speaker.stagger_ms))}


def hang(world: World, speaker: str, where: Where, actor: Actor = CLERK) -> set[str]:
    """Hang it there; whose manifests are wanted because of it."""
    with world.database.transaction() as session:
        session.execute(delete(OutboxEntry))
    with world.database.transaction() as session:
        speakers.hang(session, actor, speaker, where, now=world.now)
    with world.database.read() as session:
        return set(session.scalars(select(OutboxEntry.ref).where(OutboxEntry.kind == "manifest")))


def test_the_second_of_two_neighbours_begins_when_the_sound_of_the_first_arrives(world: World) -> None:
    one, two, far, unknown = (world.speaker(name) for name in ("A", "B", "C", "D"))
    assert hang(world, one, HERE) == set()
    assert hang(world, far, FAR) == set()
    later = hang(world, two, THREE_HUNDRED_METRES_EAST)
    assert len(later) == 1
    assert later < {one, two}
    found = offsets(world)
    assert sorted(found.values()) == [0, 0, 0, pytest.approx(875, abs=5)]
    assert found[far] == found[unknown] == 0


def test_moving_the_middle_moves_the_others_only_in_time(world: World) -> None:
    one, two = world.speaker("A"), world.speaker("B")
    hang(world, one, HERE)
    [later] = hang(world, two, THREE_HUNDRED_METRES_EAST)
    assert hang(world, later, FAR) == {later}
    assert set(offsets(world).values()) == {0}


def test_saying_the_same_place_again_is_no_news(world: World) -> None:
    one = world.speaker("A")
    hang(world, one, HERE)
    assert hang(world, one, HERE) == set()
    with world.database.read() as session:
        told = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == one)).all()
    assert told == ["enrol", "hang"]


def test_a_post_has_its_name_within_its_unit(world: World) -> None:
    one, two, other = world.speaker("A"), world.speaker("B"), world.speaker("C", OTHER)
    hang(world, one, Where(HERE.latitude, HERE.longitude, "Cột 1"))
    hang(world, two, Where(post="Cột 1"))
    hang(world, other, Where(THREE_HUNDRED_METRES_EAST.latitude, THREE_HUNDRED_METRES_EAST.longitude, "Cột 1"))
    found = offsets(world)
    assert found[one] == found[two]
    assert found[other] != found[one]


def test_taking_one_out_of_service_lets_its_neighbour_begin_at_once(world: World) -> None:
    one, two = world.speaker("A"), world.speaker("B")
    hang(world, one, HERE)
    [later] = hang(world, two, THREE_HUNDRED_METRES_EAST)
    first = one if later == two else two
    with world.database.transaction() as session:
        speakers.revoke(session, CLERK, first, reason="Hỏng", now=world.now)
    assert offsets(world)[later] == 0


def test_enrolling_with_a_place(world: World) -> None:
    one = world.speaker("A")
    hang(world, one, HERE)
    with world.database.transaction() as session:
        found = speakers.enrol(
            session,
            CLERK,
            name="B",
            unit_id=VILLAGE,
            authority=world.authority,
            where=THREE_HUNDRED_METRES_EAST,
            now=world.now,
        )
    assert max(offsets(world).values()) == pytest.approx(875, abs=5)
    assert found.device in offsets(world)


def test_only_who_tends_it_may_say_where_it_hangs(world: World) -> None:
    one = world.speaker("A")
    with pytest.raises(NotAllowed):
        hang(world, one, HERE, Actor("x", "X"))
    with pytest.raises(UnknownSpeaker):
        hang(world, "loa-khong-co", HERE)
