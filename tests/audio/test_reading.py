"""A voice that was chosen reads first, at its region and speed; others step in, and old scores keep their name."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.render import Studio
from audio.score import ANYBODY, Reader, Score, Speech, score
from audio.voices.espeak import Espeak
from audio.voices.reading import offered, readers

pytestmark = pytest.mark.database
HAVE = [Espeak(name="other"), Espeak()]


def test_each_region_that_sounds_otherwise_is_offered() -> None:
    assert offered([Espeak()], "vi") == [Reader("espeak", region) for region in ("north", "central", "south")]
    assert offered([Espeak()], "en") == [Reader("espeak", "")]
    assert offered([Espeak()], "hmn") == []


def test_the_chosen_voice_is_asked_first_and_the_others_step_in() -> None:
    assert [voice.name for voice in readers(HAVE, "vi", ANYBODY)] == ["espeak", "other"]
    found = readers(HAVE, "vi", Reader("other", "south", 90))
    assert [(voice.name, voice.speaks("vi")) for voice in found] == [("other", "vi-vn-x-south"), ("espeak", "vi")]
    assert len({voice.identity for voice in (*found, *HAVE)}) == 2


@given(st.builds(Reader, st.sampled_from(["", "espeak"]), st.sampled_from(["", "south"]), st.integers(70, 140)))
def test_only_a_choice_changes_the_name_of_a_score(reader: Reader) -> None:
    usual, chosen = score("Chào bà con."), score("Chào bà con.", reader=reader)
    assert (usual.canonical() == chosen.canonical()) == (reader == ANYBODY)


def test_a_score_without_a_choice_has_the_name_it_always_had() -> None:
    canonical = Score((Speech("Chào", "vi"),), "vi").canonical()
    assert canonical == b'["vi", [["Speech", {"language": "vi", "text": "Ch\\u00e0o"}]]]'


def test_slower_sounds_longer_and_another_region_sounds_otherwise(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "clips", tmp_path / "cache", [Espeak()])
    (tmp_path / "clips").mkdir()
    usual, slow, south = (
        studio.render(score("Mời bà con đi họp lúc bảy giờ tối.", repeat=1, reader=reader)).clip
        for reader in (ANYBODY, Reader(speed=80), Reader("espeak", "south"))
    )
    assert 1.15 < slow.ms / usual.ms < 1.3
    assert len({usual.sha256, slow.sha256, south.sha256}) == 3
    again = studio.render(score("Mời bà con đi họp lúc bảy giờ tối.", repeat=1, reader=Reader(speed=80)))
    assert again.clip == slow
    assert hashlib.sha256(again.path.read_bytes()).hexdigest() == slow.sha256
