"""How long a text will sound is guessed well enough to plan by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.pace import pace_of
from audio.score import score
from audio.script import spoken
from audio.voices.espeak import Espeak

pytestmark = pytest.mark.database
TEXT = "Kính mời bà con đến nhà văn hoá xã lúc 19 giờ 30 để họp bàn về việc làm đường. Đề nghị bà con đến đúng giờ."
DATED = "UBND xã mời bà con cài Zalo để nhận tin. Họp lúc 19h30 ngày 27/11/2026."


@given(st.integers(1, 5000), st.integers(1, 3), st.integers(70, 140), st.sampled_from(["vi", "en", "fr", "hmn"]))
def test_more_words_and_more_often_take_longer_and_faster_takes_less(
    letters: int, repeat: int, speed: int, language: str
) -> None:
    pace, text = pace_of(language, "normal"), "a" * letters
    here = pace.seconds(text, repeat=repeat, speed=speed)
    assert here <= pace.seconds(text + 100 * "a", repeat=repeat, speed=speed)
    assert here <= pace.seconds(text, repeat=repeat + 1, speed=speed)
    assert here >= pace.seconds(text, repeat=repeat, speed=speed + 10)


def test_nothing_takes_no_time() -> None:
    assert pace_of("vi", "priority").seconds(" \n", repeat=3) == 0


@pytest.mark.parametrize("text", [TEXT, DATED])
def test_the_guess_is_near_to_what_a_voice_takes(text: str) -> None:
    parts = score(spoken(text), repeat=2).parts
    voice = Espeak()
    real = sum(voice.speak(part.text, "vi").ms if hasattr(part, "text") else getattr(part, "ms", 0) for part in parts)
    guess = pace_of("vi", "normal").seconds(text, repeat=2)
    assert 0.8 < guess * 1000 / real < 1.25, (guess, real)
