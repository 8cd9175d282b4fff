"""Codes count once and wrong ones are counted; nobody adds or uses a factor for somebody else."""

from datetime import timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from broadcaster.domain import errors
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.people import factors, passkeys, people, second_factor
from broadcaster.services.people.factors import Account
from broadcaster.services.people.second_factor import BLOCK, STEP, TRIES, Method, Second, step_of
from broadcaster.services.people.vault import Vault
from broadcaster.store.database import Database
from broadcaster.store.tables import AuditEntry, Challenge, Factor, Person
from tests.cast import NOW, TOTP_SECRET, VAULT, Cast, code

pytestmark = pytest.mark.database
HALF = timedelta(seconds=STEP)


def verify(database: Database, actor: Actor, second: Second | None, *, later: timedelta = timedelta()) -> None:
    with database.transaction() as session:
        second_factor.verify(session, actor, second, VAULT, now=NOW + later)


def totp(digits: str) -> Second:
    return Second(Method.TOTP, digits)


def test_a_code_counts_once(database: Database, cast: Cast) -> None:
    verify(database, cast.clerk, totp(code()))
    with pytest.raises(errors.CodeUsed):
        verify(database, cast.clerk, totp(code()))
    with pytest.raises(errors.CodeUsed):
        verify(database, cast.clerk, totp(code(NOW - HALF)), later=timedelta(seconds=1))
    verify(database, cast.clerk, totp(code(NOW + HALF)), later=HALF)
    verify(database, cast.approver, totp(code()))


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_phone_may_be_half_a_minute_off(database: Database, cast: Cast, steps: int) -> None:
    digits = code(NOW + steps * HALF)
    verify(database, cast.clerk, totp(f" {digits[:3]} {digits[3:]} "))


@pytest.mark.parametrize("steps", [-2, 2])
def test_and_no_more(database: Database, cast: Cast, steps: int) -> None:
    with pytest.raises(errors.WrongCode):
        verify(database, cast.clerk, totp(code(NOW + steps * HALF)))


@given(st.text(max_size=10))
def test_only_the_six_digits_are_right(typed: str) -> None:
    right = {pyotp.TOTP(TOTP_SECRET).at(NOW + steps * HALF) for steps in (-1, 0, 1)}
    assert (step_of(typed, TOTP_SECRET, NOW) is not None) == ("".join(typed.split()) in right)


def test_five_wrong_codes_block_for_five_minutes_and_not_for_ever(database: Database, cast: Cast) -> None:
    for _ in range(TRIES):
        with pytest.raises(errors.WrongCode):
            verify(database, cast.clerk, totp("000000"))
    with pytest.raises(errors.FactorBlocked) as blocked:
        verify(database, cast.clerk, totp(code()))
    assert blocked.value.params == {"minutes": 5}
    verify(database, cast.approver, totp(code()))
    later = BLOCK + timedelta(seconds=1)
    verify(database, cast.clerk, totp(code(NOW + later)), later=later)
    with database.read() as session:
        assert session.get_one(Person, cast.clerk.person_id).factor_failures == 0
        told = session.scalars(select(AuditEntry.action).where(AuditEntry.person_id == cast.clerk.person_id)).all()
    assert (told.count("wrong_code"), told.count("factor_blocked")) == (TRIES - 1, 1)


def test_a_right_code_forgives_the_wrong_ones_before_it(database: Database, cast: Cast) -> None:
    for attempt in range(2 * TRIES):
        later = attempt * HALF * 2
        if attempt % 2:
            verify(database, cast.clerk, totp(code(NOW + later)), later=later)
        else:
            with pytest.raises(errors.WrongCode):
                verify(database, cast.clerk, totp("000000"), later=later)


def test_without_a_factor_or_an_answer(database: Database, cast: Cast) -> None:
    with pytest.raises(errors.NoFactor):
        verify(database, cast.village_head, totp(code()))
    for nothing in (None, totp("")):
        with pytest.raises(errors.SecondFactorNeeded):
            verify(database, cast.clerk, nothing)


def test_the_secret_is_not_in_the_database(database: Database, cast: Cast) -> None:
    with database.read() as session:
        sealed = session.scalars(select(Factor.secret)).all()
    assert sealed
    assert all(TOTP_SECRET.encode() not in (secret or b"") for secret in sealed)
    with pytest.raises(errors.FactorUnreadable):
        Vault(b"A" * 43 + b"=", VAULT.url).unseal(sealed[0] or b"")


def account(actor: Actor, *, age: timedelta = timedelta()) -> Account:
    return Account(actor, NOW - age, VAULT)


def test_codes_are_added_by_proving_them_once(database: Database, cast: Cast) -> None:
    mine = account(cast.technician)
    with database.transaction() as session:
        begun = factors.begin_codes(session, mine, now=NOW)
        assert factors.mine(session, cast.technician.person_id) == []
    with pytest.raises(errors.NoFactor):
        verify(database, cast.technician, totp(pyotp.TOTP(begun.secret).at(NOW)))
    with pytest.raises(errors.WrongCode), database.transaction() as session:
        factors.confirm_codes(session, mine, begun.id, "000000", now=NOW)
    with pytest.raises(errors.NotFound), database.transaction() as session:
        factors.confirm_codes(session, account(cast.clerk), begun.id, pyotp.TOTP(begun.secret).at(NOW), now=NOW)
    with database.transaction() as session:
        factors.confirm_codes(session, mine, begun.id, pyotp.TOTP(begun.secret).at(NOW), now=NOW)
    with pytest.raises(errors.CodeUsed):
        verify(database, cast.technician, totp(pyotp.TOTP(begun.secret).at(NOW)))
    verify(database, cast.technician, totp(pyotp.TOTP(begun.secret).at(NOW + HALF)), later=HALF)


def test_an_old_sign_in_adds_nothing(database: Database, cast: Cast) -> None:
    old = account(cast.technician, age=factors.FRESH_SIGN_IN + timedelta(seconds=1))
    with pytest.raises(errors.SignInTooOld), database.transaction() as session:
        factors.begin_codes(session, old, now=NOW)
    with pytest.raises(errors.SignInTooOld), database.transaction() as session:
        factors.add_passkey(session, old, "{}", now=NOW)


def test_whoever_has_one_proves_themselves_to_add_or_remove(database: Database, cast: Cast) -> None:
    mine = account(cast.clerk)
    with pytest.raises(errors.SecondFactorNeeded), database.transaction() as session:
        factors.begin_codes(session, mine, now=NOW)
    with database.read() as session:
        held = factors.mine(session, cast.clerk.person_id)[0].id
    with pytest.raises(errors.SecondFactorNeeded), database.transaction() as session:
        factors.remove(session, mine, held, None, now=NOW)
    with pytest.raises(errors.NotFound), database.transaction() as session:
        factors.remove(session, account(cast.approver), held, totp(code()), now=NOW)
    with database.transaction() as session:
        factors.remove(session, mine, held, totp(code()), now=NOW)
        assert factors.mine(session, cast.clerk.person_id) == []


def test_a_lost_phone_is_taken_away_by_the_owner_and_signs_out(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        link = people.one_time_link(session, SYSTEM, cast.approver.person_id, now=NOW)
        browsing = people.redeem_link(session, link, now=NOW)
    for nobody in (cast.clerk, cast.stranger, cast.approver):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            factors.reset(session, nobody, cast.approver.person_id, now=NOW)
    with database.transaction() as session:
        assert factors.reset(session, cast.owner, cast.approver.person_id, now=NOW) == 1
        assert people.session_of(session, browsing.secret, now=NOW) is None
    with pytest.raises(errors.NoFactor):
        verify(database, cast.approver, totp(code()))


@pytest.mark.parametrize(
    "answer", ["", "[]", "{}", "khoá", '{"response": {"clientDataJSON": "e30"}}', '{"response": 5}']
)
def test_a_broken_answer_of_a_passkey_is_refused(database: Database, cast: Cast, answer: str) -> None:
    with pytest.raises((errors.PasskeyRefused, errors.SecondFactorNeeded)):
        verify(database, cast.clerk, Second(Method.PASSKEY, answer))


def test_a_challenge_is_one_persons_and_about_one_thing(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        first = passkeys.ask(session, cast.clerk, VAULT, about="a" * 32, now=NOW)
        second = passkeys.ask(session, cast.clerk, VAULT, about="a" * 32, now=NOW)
        rows = session.scalars(select(Challenge)).all()
    assert first["challenge"] != second["challenge"]
    assert {(row.person_id, row.about, row.used_at) for row in rows} == {(cast.clerk.person_id, "a" * 32, None)}
    assert first["rpId"] == "testserver"
