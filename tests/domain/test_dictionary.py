"""Own words in every language, and a reader that nobody chose leaves what is approved as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.script import explain, spoken
from broadcaster.domain import announcement
from broadcaster.domain.approval import Heard
from broadcaster.domain.errors import Malformed

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("language", ["vi", "en", "fr"])
def test_a_dictionary_is_read_in_every_language(language: str) -> None:
    own = {"Loa": "lo a"}
    assert spoken("Loa, loa!", language=language, dictionary=own) == "lo a, lo a!"
    assert [change.written for change in explain("Loa!", language=language, dictionary=own)] == ["Loa"]


@given(st.text(max_size=40))
def test_without_one_other_languages_are_only_tidied(text: str) -> None:
    assert explain(text, language="en") == []


def test_a_version_nobody_chose_a_voice_for_is_hashed_as_before() -> None:
    assert Heard("vi", "A", "c", None).listed() == ["vi", "A", "c", None]
    assert Heard("vi", "A", "c", None, "espeak-south", 100).listed() == ["vi", "A", "c", None, "espeak-south", 100]
    assert Heard("vi", "A", "c", None, "", 90).listed() == ["vi", "A", "c", None, "", 90]


@pytest.mark.parametrize(("voice", "speed"), [("", 100), ("gtts", 70), ("espeak-south", 140)])
def test_what_can_be_read_by(voice: str, speed: int) -> None:
    announcement.check_reader(voice, speed)


@pytest.mark.parametrize(("voice", "speed"), [("espeak-east", 100), ("../x", 100), ("", 69), ("", 141)])
def test_what_cannot(voice: str, speed: int) -> None:
    with pytest.raises(Malformed):
        announcement.check_reader(voice, speed)
