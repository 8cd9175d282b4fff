"""What people read is complete in every language, and every place in a sentence survives its translation."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.compiler import CodeGenerator

from broadcaster.web.i18n import LANGUAGES, catalogue, choose, decimal, length, moment, po_file, say
from broadcaster.web.render import environment
from tests.web.texts import everything, updated

pytestmark = pytest.mark.pages
PLACES = re.compile(r"%\(\w+\)s|\{\w+\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_is_complete(language: str) -> None:
    known = {message.id: message for message in catalogue(language) if message.id}
    assert everything() == set(known)
    wrong = [text for text, message in known.items() if message.fuzzy or not message.string]
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_survives(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            assert sorted(PLACES.findall(str(message.id))) == sorted(PLACES.findall(str(message.string))), message.id


def test_english_says_what_its_ids_say() -> None:
    assert [message.id for message in catalogue("en") if message.id and message.id != message.string] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_is_compiled_with_its_sentences(language: str) -> None:
    known, other = environment(language), environment(language).overlay()
    other.code_generator_class = CodeGenerator
    source = (
        """<b title="{{ _("Today") }}">{{ _("By day (%%)") }}</b>{{ _("%(n)s more are in the Excel file.", n="<") }}"""
        """{% set words = {"a": _("Save") if _("Write") else 1} %}{{ words.a }}{{ _("Save") | upper }}{{ _(x) }}"""
    )
    assert known.from_string(source).render(x="Today") == other.from_string(source).render(x="Today")
    assert say(language, "Today") in known.compile('{{ _("Today") }}', raw=True)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "vi"),
        ("", "vi"),
        ("de", "vi"),
        ("en-GB", "en"),
        ("de, fr;q=0.3, en;q=0.8", "en"),
        ("en;q=0, fr;q=0.1", "fr"),
        ("en;q=x", "vi"),
    ],
)
def test_the_language_a_program_asks_for(accepted: str | None, language: str) -> None:
    assert choose(accepted) == language


@given(st.text())
def test_any_header_gives_a_language(accepted: str) -> None:
    assert choose(accepted) in LANGUAGES


def test_moments_are_told_on_the_village_clock() -> None:
    now = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
    assert moment("vi", datetime(2026, 11, 25, 10, 0, tzinfo=UTC), now=now) == "17:00 hôm nay"
    assert moment("vi", datetime(2026, 11, 25, 17, 30, tzinfo=UTC), now=now) == "00:30 ngày mai"
    assert moment("vi", datetime(2026, 12, 1, 10, 0, tzinfo=UTC), now=now) == "17:00 Thứ Ba, 01/12/2026"
    assert moment("fr", None) == ""


def test_lengths_and_levels() -> None:
    assert (length(61_400), length(9_600)) == ("1:01", "0:10")
    assert (decimal("vi", -1655), decimal("en", 50)) == ("−16,6", "0.5")


def test_an_unknown_language_is_read_as_vietnamese() -> None:
    assert say("xx", "today") == "hôm nay"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_as_the_program_writes_it(language: str) -> None:
    assert po_file(language).read_text(encoding="utf-8") == updated(language)
