"""A new installation: an address that works once, an owner, a commune; and nobody else gets in that way."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from broadcaster.domain import errors
from broadcaster.domain.permissions import Action
from broadcaster.services.actor import Actor
from broadcaster.services.people import passwords, people
from broadcaster.services.places import beginning
from broadcaster.store.database import Database
from broadcaster.store.tables import Base, Person, Unit
from tests.cast import COMMUNE, NOW, Cast

pytestmark = pytest.mark.database

PASSWORD = "tiếng loa buổi sớm"
ZONE = "Asia/Ho_Chi_Minh"


def door(database: Database) -> str:
    with database.transaction() as session:
        secret = beginning.open_door(session)
    assert secret is not None
    return secret


def owner(database: Database, secret: str, *, password: str = PASSWORD) -> Actor:
    with database.transaction() as session:
        made = beginning.make_owner(session, secret, login="quan-tri", name="Quản trị", password=password, now=NOW)
        return people.actor_of(session, made.id, origin="127.0.0.1")


def test_of_the_address_only_a_hash_is_kept_and_a_new_start_makes_another(database: Database) -> None:
    first, second = door(database), door(database)
    with database.read() as session:
        rows = [str(list(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table))]
        assert not any(second in row for row in rows)
        beginning.check_door(session, second)
        with pytest.raises(errors.LinkSpent):
            beginning.check_door(session, first)


def test_the_owner_names_the_commune_and_may_do_everything_in_it(database: Database) -> None:
    me = owner(database, door(database))
    with database.read() as session:
        assert beginning.may_name(session, me)
    with database.transaction() as session:
        made = beginning.name_commune(session, me, name="Xã Yên Châu", zone=ZONE, now=NOW).id
    with database.read() as session:
        unit, mine = session.get_one(Unit, made), people.actor_of(session, me.person_id, origin="")
        assert (unit.name, unit.zone, unit.parent_id) == ("Xã Yên Châu", ZONE, None)
        assert all(mine.may(action, [made]) for action in Action)
        assert not beginning.may_name(session, mine)
        assert passwords.look(session, "quan-tri", PASSWORD, now=NOW, origin="").person_id == me.person_id


def test_the_address_is_spent_with_the_owner(database: Database) -> None:
    secret = door(database)
    owner(database, secret)
    with pytest.raises(errors.LinkSpent):
        owner(database, secret)
    with database.transaction() as session:
        assert beginning.open_door(session) is None


def test_what_is_refused_spends_nothing(database: Database) -> None:
    secret = door(database)
    with pytest.raises(errors.PasswordTooShort):
        owner(database, secret, password="ngắn")
    with database.read() as session:
        beginning.check_door(session, secret)
        assert session.scalar(select(Person.id)) is None


@pytest.mark.parametrize("secret", ["", "x", "0" * 43])
def test_an_untrue_address_makes_nobody(database: Database, secret: str) -> None:
    door(database)
    with pytest.raises(errors.LinkSpent):
        owner(database, secret)


def test_there_is_no_way_in_where_somebody_is(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        assert beginning.open_door(session) is None
        with pytest.raises(errors.NotAllowed):
            beginning.name_commune(session, cast.owner, name="Xã khác", zone=ZONE, now=NOW)


def test_a_commune_is_named_once_and_by_nobody_else(database: Database) -> None:
    me = owner(database, door(database))
    other = replace(me, person_id="somebody")
    with database.transaction() as session, pytest.raises(errors.NotAllowed):
        beginning.name_commune(session, other, name="Xã Yên Châu", zone=ZONE, now=NOW)
    for wrong, refusal in ((("Xã", "Asia/Nowhere"), errors.UnknownZone), ((" ", ZONE), errors.Malformed)):
        with database.transaction() as session, pytest.raises(refusal):
            beginning.name_commune(session, me, name=wrong[0], zone=wrong[1], now=NOW)
    with database.transaction() as session:
        beginning.name_commune(session, me, name="Xã Yên Châu", zone=ZONE, now=NOW)
    with database.transaction() as session, pytest.raises(errors.AlreadyExists):
        beginning.name_commune(session, me, name="Xã Yên Châu", zone=ZONE, now=NOW)


def test_what_was_named_is_corrected_by_whoever_tends_it(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        beginning.correct(session, cast.owner, COMMUNE, name="Xã Yên Châu mới", zone="Asia/Bangkok", now=NOW)
        unit = session.get_one(Unit, COMMUNE)
        assert (unit.name, unit.former_names, unit.zone) == ("Xã Yên Châu mới", ["Xã Yên Châu"], "Asia/Bangkok")
    for name, zone in (("Xã Yên Châu mới", ZONE), ("Tên khác", "Asia/Bangkok")):
        with database.transaction() as session, pytest.raises(errors.NotAllowed):
            beginning.correct(session, cast.clerk, COMMUNE, name=name, zone=zone, now=NOW)
