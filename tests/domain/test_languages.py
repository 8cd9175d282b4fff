"""Languages as data: tags that are tags, names people can read, and the order in which they are offered."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain import languages
from broadcaster.domain.errors import UnknownLanguage
from broadcaster.domain.languages import LANGUAGES
from broadcaster.domain.starting_phrases import PATTERNS, PHRASES, meaning, parts, values

pytestmark = pytest.mark.pure

NAMED = ("vi", "hmn", "ium", "pcc", "tyz", "blt", "nut", "mtq", "km", "rad", "jra", "bdq", "cjm", "sed", "kpm", "hre")


def test_the_languages_villages_speak_are_declared_by_their_tags() -> None:
    assert {*NAMED, "en", "fr"} <= set(LANGUAGES)
    assert next(iter(LANGUAGES)) == "vi"
    assert {tag for tag, language in LANGUAGES.items() if language.voice} == {"vi", "en", "fr"}
    for tag, language in LANGUAGES.items():
        assert re.fullmatch(r"[a-z]{2,3}", tag)
        assert tag == language.tag
        assert all(language.name(reader) for reader in ("vi", "en", "fr"))
        assert language.own


def test_no_two_languages_are_called_the_same() -> None:
    for reader in ("vi", "en", "fr"):
        assert len({language.name(reader) for language in LANGUAGES.values()}) == len(LANGUAGES)


@pytest.mark.parametrize("tag", ["vi", "vi-VN", "vi-x-south", "hmn-Latn"])
def test_a_variant_belongs_to_its_language(tag: str) -> None:
    assert languages.require(tag).tag == tag.partition("-")[0]


@given(st.text(max_size=10))
def test_any_other_text_is_no_language(text: str) -> None:
    if text.partition("-")[0] not in LANGUAGES:
        assert languages.find(text) is None
        assert not languages.has_voice(text)
        with pytest.raises(UnknownLanguage):
            languages.require_all(["vi", text])


@given(st.lists(st.sampled_from([*LANGUAGES, "xx"])))
def test_a_units_own_languages_come_first_and_none_is_lost(own: list[str]) -> None:
    offered = [language.tag for language in languages.ordered(own)]
    first = [tag for tag in dict.fromkeys(own) if tag != "xx"]
    assert offered[: len(first)] == first
    assert sorted(offered) == sorted(LANGUAGES)


def test_a_voice_bank_begins_with_sentences_of_its_own_phrases() -> None:
    used = {part["phrase"] for _, order in PATTERNS.values() for part in parts(order) if "phrase" in part}
    assert used <= set(PHRASES)
    kinds = {part["kind"] for _, order in PATTERNS.values() for part in parts(order) if "kind" in part}
    assert kinds == {"time", "date", "number", "place"}


def test_every_value_has_a_meaning_of_its_own() -> None:
    said = [words for _, _, words in values()]
    assert len(said) == len(set(said)) == 24 + 11 + 31 + 12 + 20
    assert (meaning("hour", "0"), meaning("day", "4"), meaning("place", "ban-x")) == ("0 giờ", "ngày 4", "ban-x")
