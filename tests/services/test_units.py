"""The tree: loaded from a file, renamed, hung elsewhere; groups across it; rules and zones handed down."""

import tomllib
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest
from sqlalchemy import select

from broadcaster.domain import errors
from broadcaster.services.actor import SYSTEM
from broadcaster.services.places import groups, units
from broadcaster.store import places
from broadcaster.store.database import Database
from broadcaster.store.tables import GroupMember, OutboxEntry, Speaker, Unit
from firmware_config.protocol import valid_id
from tests.cast import COMMUNE, GROUP, NOW, OTHER_COMMUNE, OTHER_SPEAKER, SPEAKERS, VILLAGES, Cast, speaker

pytestmark = pytest.mark.database


def demo() -> dict[str, Any]:
    return tomllib.loads((files("broadcaster.demo") / "yen_chau.toml").read_text(encoding="utf-8"))


def wanted(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(OutboxEntry.key)))


def test_the_demo_commune_is_merged_from_five_and_has_57_villages(database: Database) -> None:
    with database.transaction() as session:
        made = units.load_tree(session, SYSTEM, demo(), now=NOW)
    with database.transaction() as session:
        assert units.load_tree(session, SYSTEM, demo(), now=NOW) == 0
    with database.read() as session:
        villages = session.scalars(select(Unit).where(Unit.level == "village")).all()
        areas = session.scalars(select(Unit).where(Unit.level == "area")).all()
        assert (made, len(villages), len(areas)) == (64, 57, 5)
        assert all(area.former_names for area in areas)
        assert all(valid_id(village.id) for village in villages)
        assert {places.path(session, village.id)[:2] for village in villages} == {("son-la", "yen-chau")}
        assert len({village.name for village in villages}) == 57


def test_a_file_that_leaves_something_out_is_refused_whole(database: Database) -> None:
    data = {"units": [{"id": "xa", "name": "Xã", "level": "commune"}, {"id": "ban", "name": "Bản", "parent": "xa"}]}
    with pytest.raises(errors.Malformed, match="level"), database.transaction() as session:
        units.load_tree(session, SYSTEM, data, now=NOW)
    with database.read() as session:
        assert session.scalars(select(Unit)).all() == []


def test_renaming_keeps_the_old_name_and_touches_no_speaker(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        units.change(session, cast.owner, VILLAGES[0], name="Bản Mới", now=NOW)
    with database.read() as session:
        unit = session.get_one(Unit, VILLAGES[0])
        assert (unit.name, unit.former_names) == ("Bản Mới", ["Bản Nà Pản"])
        assert session.get_one(Speaker, SPEAKERS[0]).unit_id == VILLAGES[0]


def test_a_unit_cannot_hang_under_itself(database: Database, cast: Cast) -> None:
    for below in (COMMUNE, VILLAGES[0]):
        with pytest.raises(errors.UnitCycle), database.transaction() as session:
            units.change(session, SYSTEM, COMMUNE, parent=below, now=NOW)


def test_merging_moves_whole_subtrees_and_tells_their_speakers(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        units.change(session, SYSTEM, OTHER_COMMUNE, parent=COMMUNE, now=NOW)
    with database.read() as session:
        assert places.tree(session).path(OTHER_COMMUNE)[-2:] == (COMMUNE, OTHER_COMMUNE)
    assert f"manifest:{OTHER_SPEAKER}" in wanted(database)


def test_only_who_tends_both_ends_may_move_a_unit(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.NotAllowed), database.transaction() as session:
        units.change(session, cast.owner, VILLAGES[0], parent=OTHER_COMMUNE, now=NOW)
    with pytest.raises(errors.NotAllowed), database.transaction() as session:
        units.change(session, cast.stranger, VILLAGES[0], name="Của tôi", now=NOW)


@pytest.mark.parametrize("wrong", ["X", "ban/moi", "#", "-ban", "bản"])
def test_an_id_must_be_fit_for_topics_and_paths(database: Database, cast: Cast, wrong: str) -> None:
    with pytest.raises(errors.Malformed), database.transaction() as session:
        units.create(session, cast.owner, id=wrong, name="Bản", level="village", parent=COMMUNE, now=NOW)


def test_names_are_used_once_and_parents_must_exist(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.AlreadyExists), database.transaction() as session:
        units.create(session, cast.owner, id=VILLAGES[0], name="Bản", level="village", parent=COMMUNE, now=NOW)
    with pytest.raises(errors.UnknownUnit), database.transaction() as session:
        units.create(session, cast.owner, id="ban-moi", name="Bản", level="village", parent="khong-co", now=NOW)
    with pytest.raises(errors.NotAllowed), database.transaction() as session:
        units.create(session, cast.owner, id="tinh-moi", name="Tỉnh", level="province", parent=None, now=NOW)


def test_the_zone_comes_from_the_nearest_unit_that_has_one(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        assert units.zone_of(session, VILLAGES[0]) == "Asia/Ho_Chi_Minh"
        session.get_one(Unit, COMMUNE).zone = "Europe/Paris"
        assert units.zone_of(session, VILLAGES[0]) == "Europe/Paris"


def test_languages_are_ours_and_people_can_be_counted(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        units.change(session, cast.owner, COMMUNE, languages=["vi", "hmn", "vi"], people=33_000, now=NOW)
        unit = session.get_one(Unit, COMMUNE)
        assert (unit.languages, unit.people) == (["vi", "hmn"], 33_000)
    for wrong in ({"languages": ["tlh"]}, {"people": -1}):
        with pytest.raises((errors.UnknownLanguage, errors.Malformed)), database.transaction() as session:
            units.change(session, cast.owner, COMMUNE, now=NOW, **wrong)
    with database.read() as session:
        unit = session.get_one(Unit, COMMUNE)
        assert (unit.languages, unit.people) == (["vi", "hmn"], 33_000)


@pytest.mark.parametrize("taken", ["loa", "loa-sites"])
def test_names_that_stand_for_something_else_in_a_chain_are_taken(database: Database, cast: Cast, taken: str) -> None:
    with pytest.raises(errors.AlreadyExists), database.transaction() as session:
        units.create(session, cast.owner, id=taken, name="Loa", level="village", parent=COMMUNE, now=NOW)


def test_a_group_has_exactly_the_members_it_was_given(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        groups.set_members(session, cast.owner, GROUP, SPEAKERS[1:], now=NOW + timedelta(days=1))
    with database.read() as session:
        members = set(session.scalars(select(GroupMember.speaker_id).where(GroupMember.group_id == GROUP)))
    assert members == set(SPEAKERS[1:])
    assert {f"manifest:{SPEAKERS[0]}", f"manifest:{SPEAKERS[2]}"} <= wanted(database)


def test_a_group_takes_only_speakers_in_service_where_one_tends_units(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.NotAllowed), database.transaction() as session:
        groups.set_members(session, cast.owner, GROUP, [OTHER_SPEAKER], now=NOW)
    with pytest.raises(errors.UnknownSpeaker), database.transaction() as session:
        groups.set_members(session, cast.owner, GROUP, ["loa-khong-co"], now=NOW)
    with pytest.raises(errors.UnknownGroup), database.transaction() as session:
        groups.set_members(session, cast.owner, "nhom-khong-co", [], now=NOW)
    with database.transaction() as session:
        session.add(speaker("loa-cu", VILLAGES[0]))
        session.flush()
        session.get_one(Speaker, "loa-cu").revoked_at = NOW
    with pytest.raises(errors.UnknownSpeaker), database.transaction() as session:
        groups.set_members(session, cast.owner, GROUP, ["loa-cu"], now=NOW)
