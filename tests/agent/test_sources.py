"""What the decoder gives is what was measured when the clip was made."""

import math
from array import array
from pathlib import Path

import pytest

from audio.render import Studio
from audio.score import score
from audio.voices import VoiceSettings, voices
from device_agent import sources

pytestmark = pytest.mark.sound


def test_a_siren_is_decoded_no_louder_than_it_was_measured(tmp_path: Path) -> None:
    studio = Studio(tmp_path / "clips", tmp_path / "cache", voices(VoiceSettings(tmp_path), ["espeak"]))
    made = studio.render(score("Lũ quét.", klass="emergency", repeat=1))
    decoded, peak = sources.clip(made.path, made.clip.ms), 0
    while (frame := decoded.frame()) is not None:
        peak = max(peak, *map(abs, array("h", frame)))
    decoded.close()
    assert 20 * math.log10(peak / 32_768) == pytest.approx(made.clip.true_peak, abs=0.5)
