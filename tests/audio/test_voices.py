"""The voices: one real program, one stand-in service at the transport, one stand-in program."""

from __future__ import annotations

import re
import ssl
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest

from audio.errors import VoiceFailed
from audio.render import Studio
from audio.score import Score, Speech, score
from audio.voices import PREFERENCE, USUAL, VOICES, VoiceSettings, preferred, voices
from audio.voices.base import Voice, best_match
from audio.voices.espeak import LANGUAGES, Espeak
from audio.voices.gtts import RATE, Gtts
from audio.voices.piper import Piper
from tests.audio.fakes import FakeGoogle, answer, mp3

pytestmark = pytest.mark.sound

LONG = "Từ ngày hai mươi lăm tháng mười một, bà con đến nhà văn hoá bản để làm thủ tục. " * 3


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def gtts_on(folder: Path, google: FakeGoogle, clock: Clock) -> Gtts:
    return Gtts(folder / "gtts.json", transport=google, wall=clock, steady=clock)


def executable(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize("language", ["vi", "vi-VN", "vi-x-south", "vi_x_central", "en", "fr-CA", "zh"])
def test_espeak_speaks(language: str) -> None:
    spoken = Espeak().speak("một hai ba", language)
    assert spoken.rate == 22_050
    assert 400 < spoken.ms < 6000
    assert any(spoken.frames)


def test_espeak_takes_a_text_that_looks_like_an_option_or_a_command() -> None:
    assert Espeak().speak("-w /tmp/x; $(reboot) `reboot` <break/>", "vi").ms > 500


def test_slower_is_longer_and_sounds_different_to_the_cache() -> None:
    slow, fast = Espeak(speed=100), Espeak(speed=200)
    assert slow.speak(LONG, "vi").ms > 1.4 * fast.speak(LONG, "vi").ms
    assert slow.identity != fast.identity


@pytest.mark.parametrize("voice", [Espeak(program="no-such-program"), Espeak(program="false")])
def test_a_missing_or_failing_program_is_a_voice_that_failed(voice: Espeak) -> None:
    with pytest.raises(VoiceFailed) as failed:
        voice.speak("xin chào", "vi")
    assert failed.value.params["voice"] == "espeak"


def test_a_speech_broken_off_half_way_is_not_taken_for_the_whole(tmp_path: Path) -> None:
    crashing = executable(tmp_path / "espeak", '#!/bin/sh\nespeak-ng "$@"\nexit 3\n')
    with pytest.raises(VoiceFailed):
        Espeak(program=str(crashing)).speak("xin chào", "vi")


def test_every_language_espeak_is_said_to_speak_it_really_does() -> None:
    silent = [language for language in LANGUAGES if not any(Espeak().speak("1 2 3", language).frames)]
    assert silent == []


def test_a_language_is_found_by_its_tag_then_without_its_last_parts() -> None:
    known = {"vi": "V", "vi-x-south": "S"}
    asked = ("vi", "VI-vn", "vi_x_south", "vi-x-north", "v", "km", "")
    assert [best_match(tag, known) for tag in asked] == ["V", "V", "S", "V", None, None, None]


def test_gtts_asks_in_pieces_and_returns_all_of_them_joined(tmp_path: Path) -> None:
    google, clock = FakeGoogle(), Clock()
    spoken = gtts_on(tmp_path, google, clock).speak(LONG, "vi-VN")
    assert len(google.asked) >= 3
    assert all(len(text) <= 100 and language == "vi" for text, language in google.asked)
    words = re.findall(r"\w+", " ".join(text for text, _ in google.asked))
    assert words == re.findall(r"\w+", LONG)
    assert spoken.rate == RATE
    assert spoken.ms == pytest.approx(1000 * len(google.asked), rel=0.1)


def test_gtts_checks_whom_it_talks_to(tmp_path: Path) -> None:
    voice = Gtts(tmp_path / "gtts.json")
    pool = voice._client._transport._pool  # type: ignore[attr-defined]
    assert pool._ssl_context.verify_mode is ssl.CERT_REQUIRED
    assert voice._client.base_url.scheme == "https"
    assert voice._client.timeout == httpx.Timeout(5.0)


TROUBLES: dict[str, dict[str, Any]] = {
    "unreachable": {"down": True},
    "too many requests": {"status": 429},
    "broken": {"status": 503},
    "a page of a captive portal": {"body": "<html>Welcome to the hotel</html>"},
    "no sound for this language": {"body": ')]}\'\n\n[["wrb.fr","jQ1olc",null]]'},
    "not base64": {"body": answer(b"x").replace("eA==", "!!!!")},
    "not JSON within": {"body": '[["wrb.fr","jQ1olc","[\\"eA="]]'},
    "another shape": {"body": '[["wrb.fr","jQ1olc","{\\"a\\":1}"]]'},
    "bytes that are no sound": {"body": answer(b"no sound at all" * 40)},
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_after_two_failures_gtts_rests_also_in_the_next_process(tmp_path: Path, trouble: dict[str, Any]) -> None:
    google, clock = FakeGoogle(), Clock()
    vars(google).update(trouble)
    for _ in range(2):
        with pytest.raises(VoiceFailed):
            gtts_on(tmp_path, google, clock).speak("xin chào", "vi")
    asked = len(google.asked)
    again = gtts_on(tmp_path, google, clock)
    assert not again.ready()
    with pytest.raises(VoiceFailed):
        again.speak("xin chào", "vi")
    assert len(google.asked) == asked
    clock.now += 61
    vars(google).update(down=False, status=200, body=None)
    assert again.ready()
    assert again.speak("xin chào", "vi").ms == pytest.approx(1000, abs=100)


def test_gtts_is_not_asked_more_often_than_its_bucket_allows(tmp_path: Path) -> None:
    google, clock = FakeGoogle(), Clock()
    voice = gtts_on(tmp_path, google, clock)
    for _ in range(60):
        voice._take(1, "vi")
    with pytest.raises(VoiceFailed) as busy:
        voice.speak("xin chào", "vi")
    assert busy.value.params["reason"] == "too busy"
    assert google.asked == []
    assert voice.ready()
    clock.now += 1
    voice.speak("xin chào", "vi")


def test_a_clip_is_spoken_by_gtts_when_it_answers_and_by_espeak_when_not(tmp_path: Path) -> None:
    google, clock = FakeGoogle(), Clock()
    fine = gtts_on(tmp_path, google, clock)
    studio = Studio(tmp_path / "clips", tmp_path / "cache", [Espeak(), fine])
    line = Score((Speech("xin chào bà con", "vi"),), "vi")
    assert studio.render(line).clip.voice == "gtts/vi"
    google.down = True
    assert studio.render(line).clip.voice == "gtts/vi"
    assert studio.render(score("Mai họp dân.", repeat=1)).clip.voice == "espeak/vi"


PIPER = """#!/usr/bin/env python3
import sys
assert sys.argv[1] == "--model" and sys.argv[3:] == ["--output-raw"], sys.argv
for line in sys.stdin:
    sys.stdout.buffer.write(b"\\x00\\x10\\x00\\xf0" * 50 * len(line.strip()))
"""


def piper_in(folder: Path, program: str = PIPER) -> Piper:
    script, model = executable(folder / "piper", program), folder / "vi.onnx"
    model.write_bytes(b"a voice")
    Path(f"{model}.json").write_text('{"audio": {"sample_rate": 16000}}', encoding="utf-8")
    return Piper({"vi": model}, program=str(script))


def test_piper_speaks_at_the_rate_of_its_voice_file(tmp_path: Path) -> None:
    voice = piper_in(tmp_path)
    spoken = voice.speak("xin\nchào", "vi-VN")
    assert (spoken.rate, len(spoken.frames)) == (16_000, 2 * 100 * len("xin chào"))
    assert voice.speaks("en") is None


def test_piper_without_its_file_speaks_nothing_and_a_crash_is_a_failure(tmp_path: Path) -> None:
    absent = Piper({"vi": tmp_path / "none.onnx"})
    assert (absent.speaks("vi"), absent.ready()) == (None, False)
    with pytest.raises(VoiceFailed):
        piper_in(tmp_path, "#!/bin/sh\nexit 3\n").speak("xin chào", "vi")


def test_the_registry_makes_every_voice_by_its_name_and_refuses_another(tmp_path: Path) -> None:
    made = voices(VoiceSettings(tmp_path))
    assert [voice.name for voice in made] == list(VOICES)
    assert all(isinstance(voice, Voice) for voice in made)
    assert [voice.name for voice in voices(VoiceSettings(tmp_path), ["espeak"])] == ["espeak"]
    with pytest.raises(ValueError, match="no such voice: hal"):
        voices(VoiceSettings(tmp_path), ["hal"])
    assert {name for order in (USUAL, *PREFERENCE.values()) for name in order} <= set(VOICES)


def test_vietnamese_asks_the_natural_voice_first(tmp_path: Path) -> None:
    made = voices(VoiceSettings(tmp_path))
    assert [voice.name for voice in preferred(made, "vi-VN")] == ["gtts", "espeak"]
    assert preferred(made, "hmn") == []


def test_the_stand_in_answers_as_gtts_itself_expects() -> None:
    found = re.search(r'jQ1olc","\[\\"(.*)\\"]', answer(mp3()))
    assert found is not None
    assert len(found[1]) > 1000
