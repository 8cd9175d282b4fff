"""What a provider would not take is said in the reader's language."""

import importlib
import pkgutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

import broadcaster.mirrors
from broadcaster.domain import zalo
from broadcaster.services.outlets import official_tokens, unreadable
from broadcaster.web.reasons import REASONS, reason, reasons

pytestmark = pytest.mark.pure


def meanings() -> set[str]:
    """Of every channel with a table of errors."""
    names = [module.name for module in pkgutil.iter_modules(broadcaster.mirrors.__path__)]
    modules = [importlib.import_module(f"broadcaster.mirrors.{name}") for name in names]
    tables = [module.ERRORS for module in modules if hasattr(module, "ERRORS")]
    assert len(tables) >= 4
    return {meaning for table in tables for _, meaning in table.values()} | {zalo.UNLISTED[1]}


def test_every_meaning_of_every_table_is_said_in_the_readers_language() -> None:
    assert meanings() - set(REASONS) == set()
    assert {unreadable.WORDS, official_tokens.UNREADABLE} <= set(REASONS)


@pytest.mark.parametrize("language", ["vi", "fr"])
def test_the_words_of_the_provider_stay_behind_ours(language: str) -> None:
    for each in REASONS:
        assert reason(language, f"{each}: Not so: 7").endswith(": Not so: 7")
        assert reason(language, each) != each


@given(st.text())
def test_what_is_not_ours_stays_as_it_is(words: str) -> None:
    assert reason("vi", words) == words or words.partition(": ")[0] in REASONS
    assert reasons("en", {"detail": words}) == {"detail": words}
