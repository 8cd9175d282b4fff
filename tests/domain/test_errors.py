"""Every refusal: a code, a status, and three sentences a person can act on."""

import re
import string

import pytest

import broadcaster.web.problems  # noqa: F401  (it adds the refusals that only HTTP knows)
from broadcaster.domain.errors import ERRORS, InThePast, LoaError, NotAllowed, message_ids
from broadcaster.domain.errors import __all__ as names

pytestmark = pytest.mark.pure

errors = pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS.keys())


@errors
def test_it_is_complete(error: type[LoaError]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", error.code)
    assert 400 <= error.status < 600
    assert all(re.fullmatch(r"[“A-Z{].*[.…?]", sentence, re.DOTALL) for sentence in error.sentences())
    assert "\n" not in "".join(error.sentences())


@errors
def test_it_says_its_message_with_what_it_was_given(error: type[LoaError]) -> None:
    fields = {field for _, field, _, _ in string.Formatter().parse(error.message()) if field}
    raised = error(**dict.fromkeys(fields, "X"))
    assert "{" not in str(raised)
    assert set(raised.params) == fields


def test_codes_are_unique() -> None:
    with pytest.raises(TypeError, match="not_allowed"):
        type("Other", (LoaError,), {"code": NotAllowed.code})
    assert ERRORS["not_allowed"] is NotAllowed


def test_each_is_exported() -> None:
    ours = [error for error in ERRORS.values() if error.__module__.startswith("broadcaster.domain.errors")]
    assert {error.__name__ for error in ours} <= set(names)


def test_what_is_missing_is_found_where_it_is_raised() -> None:
    with pytest.raises(KeyError):
        InThePast()


def test_translators_get_each_sentence_once() -> None:
    assert len(message_ids()) == len(set(message_ids()))
    assert all(sentence in message_ids() for error in ERRORS.values() for sentence in error.sentences())
