"""How loud a clip leaves the speaker, whatever it is: measured by ffmpeg in the file the real pump wrote."""

from pathlib import Path

import pytest

from audio.measure import loudness
from bench.loudness import LIMIT_LU, measured, spread
from device_agent import sources
from device_agent.effects import SpokenPart
from tests.agent.pump import Pump

pytestmark = [pytest.mark.sound, pytest.mark.xdist_group("agent")]


def test_a_voice_a_recording_and_a_siren_are_equally_loud(tmp_path: Path) -> None:
    heard = dict(measured(tmp_path, volume=100))
    assert heard.keys() == {"voice", "recording", "siren"}
    assert spread(heard) <= LIMIT_LU
    assert all(lufs == pytest.approx(-16, abs=1) for lufs in heard.values())


def test_half_the_volume_takes_ten_decibels_of_each(tmp_path: Path) -> None:
    assert all(lufs == pytest.approx(-26, abs=1) for _, lufs in measured(tmp_path, volume=50))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("vi", "Khẩn cấp: lũ đang về, mời bà con lên chỗ cao."),
        ("en", "Emergency: a flood is coming, please go to higher ground now."),
        ("fr", "Alerte : une crue arrive, montez tout de suite sur les hauteurs."),
    ],
)
def test_the_boards_own_voice_is_as_loud_as_a_clip(tmp_path: Path, language: str, text: str) -> None:
    assert language in sources.VOICES
    pump = Pump(tmp_path, real_time=False)
    pump.play(SpokenPart(language, text))
    pump.finished()
    pump.speaker.close()
    assert loudness(pump.wav).lufs == pytest.approx(-16, abs=LIMIT_LU)
