"""A loudspeaker is hung elsewhere, its box replaced or taken down; what was heard stays, what is planned follows."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcaster.domain.errors import HangsThere, NameTypedWrong, NotAllowed, UnknownSpeaker
from broadcaster.services.actor import Actor
from broadcaster.services.hours import rules
from broadcaster.services.places import boxes, groups, tending
from broadcaster.services.speaking import relay
from broadcaster.store.tables import Airing, Announcement, AuditEntry, Delivery, GroupMember, Speaker
from firmware_config import protocol
from tests.speakers.box import enrolled
from tests.speakers.world import CLERK, COMMUNE, OTHER, VILLAGE, World

pytestmark = pytest.mark.database
SOON = timedelta(hours=2)


def items(world: World, speaker: str) -> set[str]:
    return {item.airing for item in world.told(speaker).items}


def aired(world: World, *audience: tuple[str, str]) -> str:
    return world.air(world.approved(audience=audience), at=world.now + SOON)


def test_what_is_planned_follows_a_loudspeaker_to_its_new_unit_and_back(world: World) -> None:
    one, stays = enrolled(world), enrolled(world, name="Loa bản một 2")
    everywhere, here, there = (aired(world, ("unit", unit)) for unit in (COMMUNE, VILLAGE, VILLAGE))
    enrolled(world, name="Loa bản hai", unit=OTHER)
    elsewhere = aired(world, ("unit", OTHER))
    with world.database.transaction() as session:
        found = boxes.move(session, CLERK, one, OTHER, now=world.now)
    assert (found.before, found.after, found.kept, len(found.left), len(found.joined)) == (VILLAGE, OTHER, 1, 2, 1)
    assert items(world, one) == {everywhere, elsewhere}
    assert items(world, stays) == {everywhere, here, there}
    with world.database.read() as session:
        units_heard = session.scalars(
            select(Delivery.unit_id).where(Delivery.speaker_id == one, Delivery.state == "planned")
        )
        assert set(units_heard) == {OTHER}
    with world.database.transaction() as session:
        boxes.move(session, CLERK, one, VILLAGE, now=world.now)
    assert items(world, one) == {everywhere, here, there}


def test_a_look_at_a_move_changes_nothing(world: World) -> None:
    one = enrolled(world)
    here = aired(world, ("unit", VILLAGE))
    with world.database.transaction() as session:
        found = boxes.look_at_move(session, CLERK, one, OTHER, now=world.now)
    assert [title for _, title in found.left] == ["Họp bản"]
    assert items(world, one) == {here}
    with world.database.read() as session:
        assert session.get_one(Speaker, one).unit_id == VILLAGE
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "move")).all() == []


def test_the_rules_of_the_new_place_hold_for_what_a_loudspeaker_takes_along(world: World) -> None:
    one, stays = enrolled(world), enrolled(world, name="Loa bản một 2")
    everywhere = aired(world, ("unit", COMMUNE))
    morning = {"hours": [{"days": [0, 1, 2, 3, 4, 5, 6], "start": 330, "end": 420}]}
    with world.database.transaction() as session:
        rules.set(session, CLERK, OTHER, morning, decision="1/QĐ", now=world.now)
        found = boxes.move(session, CLERK, one, OTHER, now=world.now)
    assert (found.kept, found.refused) == (1, 1)
    assert items(world, one) == set()
    assert items(world, stays) == {everywhere}


def test_a_move_needs_rights_on_both_sides_and_another_place(world: World) -> None:
    one = enrolled(world)
    with world.database.transaction() as session, pytest.raises(HangsThere):
        boxes.move(session, CLERK, one, VILLAGE, now=world.now)
    with world.database.transaction() as session, pytest.raises(NotAllowed):
        boxes.move(session, Actor("x", "X"), one, OTHER, now=world.now)
    with world.database.transaction() as session, pytest.raises(UnknownSpeaker):
        boxes.move(session, CLERK, "nobody", OTHER, now=world.now)


def test_a_new_box_goes_on_where_the_broken_one_ended(world: World) -> None:
    old = enrolled(world)
    with world.database.transaction() as session:
        tending.tend(session, CLERK, old, {"volume_max": 60, "languages": ("vi",)}, now=world.now)
        groups.create(session, CLERK, id="cho", name="Chợ", unit_id=COMMUNE, speakers=[old], now=world.now)
    planned = {aired(world, ("speaker", old)), aired(world, ("group", "cho")), aired(world, ("unit", VILLAGE))}
    assert items(world, old) == planned
    new = enrolled(world, replaces=old)
    assert items(world, new) == planned
    with world.database.read() as session:
        before, row = session.get_one(Speaker, old), session.get_one(Speaker, new)
        assert before.revoked_at == world.now
        assert (row.replaces_id, row.name, row.unit_id, row.volume_max) == (old, before.name, before.unit_id, 60)
        assert row.languages == ["vi"]
        assert session.scalars(select(GroupMember.speaker_id)).all() == [new]
        ended = session.scalars(select(Delivery.state).where(Delivery.speaker_id == old)).all()
        assert ended == ["cancelled"] * 3
        assert [one.id for one in boxes.line_of(session, row)] == [new, old]
        assert boxes.successor(session, old) == new


def test_what_was_approved_for_the_old_box_is_what_the_new_one_hears(world: World) -> None:
    old = enrolled(world)
    announcement = world.approved(audience=[("speaker", old)])
    world.air(announcement, at=world.now + SOON)
    world.told(old)
    new = enrolled(world, replaces=old)
    newest = enrolled(world, replaces=new)
    [item] = world.told(newest).items
    with world.database.read() as session:
        row = session.get_one(Announcement, announcement)
        assert [(entry.ref, entry.heard_at) for entry in row.audience] == [(old, newest)]
        assert session.get_one(Airing, item.airing).reference == item.announcement
        assert {each.content_sha256 for each in row.approvals} == {row.content_sha256}


def test_a_loudspeaker_is_taken_down_once_its_name_was_typed(world: World) -> None:
    one = enrolled(world)
    airing = aired(world, ("unit", VILLAGE))
    with world.database.read() as session:
        assert [title for _, title in boxes.planned(session, one, now=world.now)] == ["Họp bản"]
    with world.database.transaction() as session, pytest.raises(NameTypedWrong):
        boxes.retire(session, CLERK, one, typed="Loa", reason="Cháy", now=world.now)
    with world.database.transaction() as session:
        boxes.retire(session, CLERK, one, typed="loa ban mot", reason="Cháy", now=world.now)
    with world.database.read() as session:
        assert session.get_one(Speaker, one).revoked_reason == "Cháy"
        held = session.get_one(Delivery, (airing, one))
        assert (held.state, held.reason) == ("cancelled", "out_of_service")


def sounded(world: World, speaker: str) -> list[protocol.Command]:
    """What it is told once its test was asked for and the relay has looked."""
    with world.database.transaction() as session:
        tending.self_test(session, CLERK, speaker, now=world.now)
    with world.database.transaction() as session:
        claims = relay.claim(session, relay.URGENT, now=world.now, limit=9)
        built = relay.publications(session, claims, signing=world.signing, clips=world, now=world.now)
        relay.done(session, claims)
    world.now += timedelta(seconds=1)
    keys, now = world.signing.keys.ring(), int(world.now.timestamp() * 1000)
    lives = [protocol.unpack_live(one.payload).command for _, some in built for one in some]
    return [
        protocol.accept_command(one, me=speaker, places=None, keys=keys, now=now, seen=lambda _id: False)
        for one in lives
    ]


def test_a_test_tone_is_another_command_each_time_and_goes_to_one_loudspeaker(world: World) -> None:
    one = enrolled(world)
    first, second = sounded(world, one), sounded(world, one)
    assert [command.action for command in first + second] == [protocol.SelfTest(silent=False)] * 2
    assert {command.to for command in first + second} == {f"d:{one}"}
    assert first[0].id != second[0].id
    with world.database.transaction() as session, pytest.raises(NotAllowed):
        tending.self_test(session, Actor("x", "X"), one, now=world.now)


def test_a_test_tone_nobody_took_in_time_is_not_sounded_later(world: World) -> None:
    one = enrolled(world)
    with world.database.transaction() as session:
        tending.self_test(session, CLERK, one, now=world.now)
    world.now += tending.TEST_LIFE + timedelta(seconds=1)
    with world.database.transaction() as session:
        assert relay.claim(session, relay.URGENT, now=world.now, limit=9) == []
