"""A column of secrets: sealed where it is stored, in clear where it is used, and told apart where the key is lost."""

from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine.default import DefaultDialect

from broadcaster.store.sealed import MARK, SealedText, lost, opened, seal_with
from tests.vault import VAULT

pytestmark = pytest.mark.pure

SEALED, HERE, ELSEWHERE = SealedText(), DefaultDialect(), DefaultDialect()
seal_with(HERE, VAULT)
seal_with(ELSEWHERE, replace(VAULT, key=urlsafe_b64encode(b"another key of thirty-two bytes.")))


def stored(secret: str) -> str:
    """What the database gets of it."""
    return SEALED.process_bind_param(secret, HERE) or ""


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_what_is_stored_says_nothing_of_the_secret_and_comes_back_whole(secret: str) -> None:
    sealed = stored(secret)
    assert sealed.startswith(MARK)
    assert len(secret) < 4 or secret not in sealed
    assert SEALED.process_result_value(sealed, HERE) == secret
    assert stored(secret) != sealed


@given(st.text(min_size=1).filter(lambda secret: not secret.startswith(MARK)))
def test_what_an_earlier_release_stored_is_read_as_it_is(secret: str) -> None:
    assert SEALED.process_result_value(secret, HERE) == secret == opened(secret)


def test_under_another_key_it_is_told_apart_and_stays_as_it_was() -> None:
    sealed = stored("1:abc")
    for dialect in (ELSEWHERE, DefaultDialect()):
        found = SEALED.process_result_value(sealed, dialect)
        assert lost(found)
        assert (str(found), opened(found)) == (sealed, "")
        again = SEALED.process_bind_param(found, HERE)
        assert (again, type(again)) == (sealed, str)
    assert not lost(SEALED.process_result_value(sealed, HERE))


@pytest.mark.parametrize("nothing", [None, ""])
def test_nothing_stays_nothing(nothing: str | None) -> None:
    assert SEALED.process_bind_param(nothing, HERE) == nothing == SEALED.process_result_value(nothing, HERE)


def test_a_database_without_a_vault_stores_no_secret() -> None:
    with pytest.raises(ValueError, match="vault"):
        SEALED.process_bind_param("1:abc", DefaultDialect())
