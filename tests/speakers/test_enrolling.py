"""A box comes into service with its label and code, once; its keys are its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from broadcaster.domain.errors import (
    BoxKeysBroken,
    LabelBlocked,
    LabelCodeWrong,
    LabelOver,
    LabelUnknown,
    LabelUsed,
    LoaError,
    NotAllowed,
    UnknownSpeaker,
    UnknownUnit,
)
from broadcaster.services.actor import Actor
from broadcaster.services.places import boxes, enrolling
from broadcaster.services.places.enrolling import Claimed, Label
from broadcaster.store.tables import AuditEntry, Enrolment, Speaker, Unit
from firmware_config import pki
from firmware_config.protocol.enrolment import EnrolRequest
from tests.cast import VAULT
from tests.speakers.box import Box, claim, enrolled, label_for
from tests.speakers.world import CLERK, OTHER, VILLAGE, World

pytestmark = pytest.mark.database


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_box_with_its_label_becomes_a_speaker_whose_key_only_it_has(world: World) -> None:
    made, box = label_for(world), Box()
    world.speaker("Loa bản hai", OTHER)
    airing = world.air(world.approved(), at=world.now + timedelta(hours=2))
    found = claim(world, box.asks(made.id, made.code))
    assert isinstance(found, Claimed)
    with world.database.read() as session:
        row = session.get_one(Speaker, found.speaker.id)
        assert (row.name, row.unit_id, row.enrolled_by) == ("Loa bản một", VILLAGE, CLERK.person_id)
        assert row.public_key == box.signing.public_key().public_bytes_raw()
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id.in_([row.id, made.id])))
        assert set(actions) == {"label", "enrol"}
    issued = pki.Issued(pki.tls_key_pem(box.tls), found.certificate)
    assert pki.check(issued, ca_pem=world.authority.certificate_pem, now=world.now) == found.speaker.id
    assert [item.airing for item in world.told(found.speaker.id).items] == [airing]


def test_the_code_is_kept_as_a_hash_that_the_database_alone_does_not_open(world: World) -> None:
    made = label_for(world)
    with world.database.read() as session:
        row = session.get_one(Enrolment, made.id)
        assert made.code not in repr(vars(row))
        assert row.code_sha256 != enrolling._mark(replace(VAULT, key=b"another"), made.id, made.code)


def test_after_five_wrong_codes_the_right_one_is_worth_nothing(world: World) -> None:
    made, box = label_for(world), Box()
    refused = [claim(world, box.asks(made.id, wrong(made.code))) for _ in range(enrolling.TRIES)]
    assert [type(one) for one in refused] == [LabelCodeWrong] * 4 + [LabelBlocked]
    assert [one.params["left"] for one in refused[:4] if isinstance(one, LoaError)] == [4, 3, 2, 1]
    assert isinstance(claim(world, box.asks(made.id, made.code)), LabelBlocked)
    with world.database.transaction() as session:
        anew = enrolling.again(session, CLERK, made.id, vault=VAULT, now=world.now)
    assert isinstance(claim(world, box.asks(anew.id, anew.code)), Claimed)


def test_a_label_makes_one_speaker_and_its_own_box_may_ask_again(world: World) -> None:
    made, box = label_for(world), Box()
    first, second = (claim(world, box.asks(made.id, made.code)) for _ in range(2))
    assert isinstance(first, Claimed)
    assert isinstance(second, Claimed)
    assert first.speaker.id == second.speaker.id
    assert isinstance(claim(world, Box().asks(made.id, made.code)), LabelUsed)
    with world.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Speaker)) == 1


def later(world: World, _made: Label) -> None:
    world.now += timedelta(days=7)


def cancelled(world: World, made: Label) -> None:
    with world.database.transaction() as session:
        enrolling.cancel(session, CLERK, made.id, now=world.now)


@pytest.mark.parametrize("end", [later, cancelled])
def test_a_label_that_is_over_makes_none(world: World, end: Callable[[World, Label], None]) -> None:
    made = label_for(world)
    end(world, made)
    assert isinstance(claim(world, Box().asks(made.id, made.code)), LabelOver)
    with world.database.read() as session:
        assert enrolling.waiting(session, frozenset({VILLAGE}), now=world.now) == []


def another_key(asked: EnrolRequest) -> EnrolRequest:
    return replace(asked, public_key=Box().signing.public_key().public_bytes_raw())


def another_request(asked: EnrolRequest) -> EnrolRequest:
    return replace(asked, request=Box().asks(asked.label, asked.code).request)


def no_request(asked: EnrolRequest) -> EnrolRequest:
    box = Box()
    public = box.signing.public_key().public_bytes_raw()
    return replace(asked, public_key=public, request="no request", proof=box.signing.sign(b"no request").hex())


@pytest.mark.parametrize("spoil", [another_key, another_request, no_request])
def test_keys_that_the_box_cannot_prove_are_refused_and_the_label_stays_good(
    world: World, spoil: Callable[[EnrolRequest], EnrolRequest]
) -> None:
    made, box = label_for(world), Box()
    assert isinstance(claim(world, spoil(box.asks(made.id, made.code))), BoxKeysBroken)
    assert isinstance(claim(world, box.asks(made.id, made.code)), Claimed)


def test_labels_need_a_right_a_unit_and_a_box_that_is_still_there_to_replace(world: World) -> None:
    with world.database.transaction() as session, pytest.raises(NotAllowed):
        enrolling.begin(session, Actor("x", "X"), name="x", unit_id=VILLAGE, vault=VAULT, now=world.now)
    with pytest.raises(UnknownUnit):
        label_for(world, unit="nowhere")
    old = enrolled(world)
    enrolled(world, replaces=old)
    with pytest.raises(UnknownSpeaker):
        label_for(world, replaces=old)
    assert isinstance(claim(world, Box().asks("aaaaaaaa", "000000")), LabelUnknown)


def test_of_many_boxes_with_one_label_one_comes_into_service(world: World) -> None:
    made = label_for(world)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda box: claim(world, box.asks(made.id, made.code)), [Box() for _ in range(6)]))
    assert sorted(type(one).__name__ for one in found) == ["Claimed", *["LabelUsed"] * 5]


def test_however_many_guess_at_once_five_codes_are_tried(world: World) -> None:
    made, box = label_for(world), Box()
    asked = [box.asks(made.id, f"{(int(made.code) + step) % 1_000_000:06}") for step in range(1, 13)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda one: claim(world, one), asked))
    assert sum(isinstance(one, LabelCodeWrong) for one in found) == enrolling.TRIES - 1
    with world.database.read() as session:
        assert session.get_one(Enrolment, made.id).attempts == enrolling.TRIES
        wrong_ones = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "label_wrong")
        assert session.scalar(wrong_ones) == enrolling.TRIES


def test_a_new_box_hangs_where_the_old_one_hangs_by_now_and_only_one_does(world: World) -> None:
    old = enrolled(world)
    first, second = (label_for(world, replaces=old) for _ in range(2))
    with world.database.transaction() as session:
        boxes.move(session, CLERK, old, OTHER, now=world.now)
    found = claim(world, Box().asks(first.id, first.code))
    assert isinstance(found, Claimed)
    with world.database.read() as session:
        assert session.get_one(Speaker, found.speaker.id).unit_id == OTHER
    assert isinstance(claim(world, Box().asks(second.id, second.code)), LabelOver)


def test_a_label_printed_before_a_merge_is_good_in_what_the_village_became(world: World) -> None:
    made = label_for(world)
    with world.database.transaction() as session:
        village = session.get_one(Unit, VILLAGE)
        village.closed_at, village.successor_id = world.now, OTHER
    found = claim(world, Box().asks(made.id, made.code))
    assert isinstance(found, Claimed)
    assert found.speaker.unit_id == OTHER
