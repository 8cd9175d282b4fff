"""What feeds make of words and languages, whatever they are."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from broadcaster.services.outlets.listen_again import Passage
from broadcaster.web.residents.entries import fit, in_order, wished

pytestmark = pytest.mark.pure
TAGS = ("vi", "hmn", "tyz", "en", "fr", "km")


@given(st.text(st.characters(codec=None, exclude_categories=[]), max_size=50))
@example("\r\n")
def test_any_words_fit_into_xml_and_come_out_again(text: str) -> None:
    element = etree.Element("a")
    element.text = fit(text)
    read = etree.fromstring(etree.tostring(element, encoding="utf-8"))
    assert (read.text or "") == fit(text)
    assert all(
        ord(letter) < 32 or "\ud800" <= letter <= "\udfff" or letter > "\ufffd" for letter in set(text) - set(fit(text))
    )


@given(st.lists(st.sampled_from(TAGS), unique=True), st.lists(st.sampled_from(TAGS), max_size=4))
def test_the_languages_wanted_come_first_and_none_is_lost(spoken: list[str], order: list[str]) -> None:
    passages = [Passage(tag, "", None) for tag in spoken]
    found = [each.language for each in in_order(passages, order)]
    first = [tag for tag in dict.fromkeys(order) if tag in spoken]
    assert found[: len(first)] == first
    assert found[len(first) :] == [tag for tag in spoken if tag not in first]


@given(st.text(max_size=20))
def test_only_languages_of_ours_are_taken(tag: str) -> None:
    assert wished(wished(tag)) == wished(tag)
    assert wished("vi-VN") == "vi"
    assert wished("../x") == ""
