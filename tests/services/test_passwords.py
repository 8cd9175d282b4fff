"""Passwords: kept as hashes, judged alike whoever is asked for, and guessing is slowed without keeping anybody out."""

from datetime import timedelta

import pytest
from argon2 import extract_parameters
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select

from broadcaster.domain import errors
from broadcaster.services.actor import SYSTEM
from broadcaster.services.people import passwords, people, throttle
from broadcaster.services.people.people import SignedIn
from broadcaster.store.database import Database
from broadcaster.store.tables import AuditEntry, Base, Person, Throttle
from tests.cast import NOW, Cast

pytestmark = pytest.mark.database
MINUTE = timedelta(minutes=1)
RIGHT = "sông Đà mùa nước đỏ"
HOME, ABROAD = "10.0.0.9", "203.0.113.7"
LOGIN = "truong-ban"


@pytest.fixture
def told(database: Database, cast: Cast) -> Database:
    """The village head has a password, and has no phone."""
    with database.transaction() as session:
        passwords.set_password(session, SYSTEM, cast.village_head.person_id, RIGHT, now=NOW)
    return database


def come(
    database: Database, password: str, *, login: str = LOGIN, origin: str = ABROAD, later: timedelta = timedelta()
) -> SignedIn:
    with database.transaction() as session:
        return passwords.check(session, login, password, now=NOW + later, origin=origin)


def refusal(database: Database, password: str, **how: object) -> str:
    with pytest.raises(errors.LoaError) as caught:
        come(database, password, **how)  # type: ignore[arg-type]
    return caught.value.code


def test_the_right_password_signs_in_and_only_its_hash_is_kept(told: Database, cast: Cast) -> None:
    begun = come(told, RIGHT)
    assert (begun.actor.person_id, begun.half) == (cast.village_head.person_id, False)
    with told.read() as session:
        kept = [str(list(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table))]
        assert not any(RIGHT in row for row in kept)
        assert session.get_one(Person, cast.village_head.person_id).password.startswith("$argon2id$")


def test_a_name_in_capitals_and_letters_written_otherwise_are_the_same(told: Database) -> None:
    assert come(told, "sông Đà mùa nước đỏ ", login="TRUONG-BAN").secret


def test_an_unknown_name_one_without_a_password_and_a_closed_account_are_answered_alike(
    told: Database, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    real = passwords.HASH.verify_and_update

    def watched(password: str, kept: str) -> tuple[bool, str | None]:
        looked.append(kept.partition("m=")[2].partition("$")[0])
        return real(password, kept)

    monkeypatch.setattr(PasswordHash, "verify_and_update", lambda _self, password, kept: watched(password, kept))
    with told.transaction() as session:
        passwords.set_password(session, SYSTEM, cast.technician.person_id, RIGHT, now=NOW)
        people.disable(session, cast.owner, cast.technician.person_id, now=NOW)
    for login in (LOGIN, "khong-co-ai", "can-bo-van-hoa", "can-bo-ky-thuat"):
        assert refusal(told, RIGHT if login != LOGIN else "sai rồi nhé", login=login) == "wrong_password"
    assert looked == ["19456,t=2,p=1"] * 4


def test_a_name_nobody_has_is_blocked_as_soon_and_as_long_as_any(told: Database) -> None:
    for login in (LOGIN, "khong-co-ai"):
        answers = [refusal(told, "sai", login=login, origin=f"198.51.100.{n}") for n in range(6)]
        assert answers == ["wrong_password"] * 5 + ["too_many_tries"]


def test_after_five_minutes_the_right_password_is_taken_from_anywhere(told: Database) -> None:
    for n in range(5):
        refusal(told, "sai", origin=f"198.51.100.{n}")
    assert refusal(told, RIGHT) == "too_many_tries"
    # Being tried meanwhile does not keep it shut longer.
    for minute in range(1, 5):
        assert refusal(told, "sai", later=minute * MINUTE) == "too_many_tries"
    assert come(told, RIGHT, later=5 * MINUTE).secret


def test_from_where_one_came_in_before_nobody_elsewhere_can_keep_one_out(told: Database) -> None:
    come(told, RIGHT, origin=HOME)
    for n in range(8):
        refusal(told, "sai", origin=f"198.51.100.{n}")
    assert refusal(told, RIGHT, origin=ABROAD) == "too_many_tries"
    assert come(told, RIGHT, origin=HOME).secret


def test_the_known_address_is_slowed_too(told: Database) -> None:
    come(told, RIGHT, origin=HOME)
    answers = [refusal(told, "sai", origin=HOME) for _ in range(11)]
    assert answers == ["wrong_password"] * 10 + ["too_many_tries"]
    assert come(told, RIGHT, origin=HOME, later=5 * MINUTE).secret


def test_an_address_that_tries_many_names_is_slowed_and_its_other_people_are_not(told: Database, cast: Cast) -> None:
    come(told, RIGHT, origin=HOME)
    answers = [refusal(told, "sai", login=f"ten-{n}", origin=HOME) for n in range(21)]
    assert answers == ["wrong_password"] * 20 + ["too_many_tries"]
    assert come(told, RIGHT, origin=HOME).secret
    with told.transaction() as session:
        link = people.one_time_link(session, SYSTEM, cast.clerk.person_id, now=NOW)
        assert people.redeem_link(session, link, now=NOW, origin=HOME).secret


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::5", "2001:db8:1:2:9::1", True),
        ("2001:db8:1:2::5", "2001:db8:1:3::5", False),
        ("::ffff:10.0.0.9", "10.0.0.9", True),
        ("10.0.0.9", "10.0.0.8", False),
        ("testclient", "testclient", True),
    ],
)
def test_an_address_is_counted_by_whose_it_is(one: str, other: str, *, same: bool) -> None:
    assert (throttle.network(one) == throttle.network(other)) is same


def test_success_forgets_failures_and_a_day_forgets_all(told: Database) -> None:
    for _ in range(4):
        refusal(told, "sai")
    come(told, RIGHT)
    come(told, RIGHT)
    refusal(told, "sai", login="ai-do", later=timedelta(days=1, minutes=1))
    with told.read() as session:
        assert len(session.scalars(select(Throttle)).all()) == 2


def test_the_log_book_tells_of_it_and_names_nobody_unknown(told: Database, cast: Cast) -> None:
    for login in (LOGIN, "khong-co-ai"):
        for n in range(5):
            refusal(told, "sai", login=login, origin=f"198.51.100.{n}")
    with told.read() as session:
        told_of = session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in_blocked")).all()
        assert [entry.subject_id for entry in told_of] == [cast.village_head.person_id]


def test_a_hash_by_older_parameters_is_renewed(told: Database, cast: Cast) -> None:
    old = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8192, parallelism=1),)).hash(RIGHT)
    with told.transaction() as session:
        session.get_one(Person, cast.village_head.person_id).password = old
    come(told, RIGHT)
    with told.read() as session:
        kept = session.get_one(Person, cast.village_head.person_id).password
    assert (extract_parameters(kept).memory_cost, extract_parameters(kept).time_cost) == (19_456, 2)
    assert come(told, RIGHT).secret


def test_who_has_a_phone_is_in_by_half_only(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        passwords.set_password(session, cast.clerk, cast.clerk.person_id, RIGHT, now=NOW)
        begun = passwords.check(session, "can-bo-van-hoa", RIGHT, now=NOW, origin=HOME)
    assert begun.half
    with database.read() as session:
        assert people.session_of(session, begun.secret, now=NOW) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("ngắn quá", "password_too_short"),
        ("Trưởng bản 2026", "password_guessable"),
        ("x" * 201, "password_too_long"),
    ],
)
def test_a_bad_password_is_not_taken(database: Database, cast: Cast, password: str, code: str) -> None:
    with pytest.raises(errors.LoaError) as caught, database.transaction() as session:
        passwords.set_password(session, SYSTEM, cast.village_head.person_id, password, now=NOW)
    assert caught.value.code == code


def test_nobody_sets_the_password_of_somebody_else(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.NotAllowed), database.transaction() as session:
        passwords.set_password(session, cast.owner, cast.clerk.person_id, RIGHT, now=NOW)
