"""The pump when its program, its decoder or its orders give trouble."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_agent.effects import ClipPart, SpokenPart
from device_agent.events import Cut, Sounding
from device_agent.sinks import SilentSink
from firmware_config.protocol import ClipRef
from tests.agent.mqtt_side import eventually
from tests.agent.pump import Pump, program
from tests.agent.sounds import read_wav

pytestmark = [pytest.mark.sound, pytest.mark.xdist_group("agent")]


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Pump]:
    found = Pump(tmp_path, SilentSink)
    yield found
    found.speaker.close()


@pytest.fixture
def tone(tmp_path: Path, two_seconds: tuple[ClipRef, bytes]) -> ClipPart:
    clip, data = two_seconds
    (tmp_path / f"{clip.sha256}.ogg").write_bytes(data)
    return ClipPart("vi", clip)


def test_a_program_that_takes_no_more_sound_is_a_failing_card_and_not_the_end(tmp_path: Path, tone: ClipPart) -> None:
    stuck = Pump(tmp_path, program(sys.executable, "-c", "import time; time.sleep(600)"))
    stuck.play(tone)
    assert stuck.cut().reason == "sink_stuck"
    assert stuck.problems == ["sink_stuck"]
    stuck.speaker.close(timeout=10)
    assert not stuck.speaker.alive


def test_what_is_stopped_after_its_last_word_was_played_in_full(quiet: Pump, tone: ClipPart) -> None:
    quiet.play(tone, tail_ms=60_000)
    order = quiet.speaker._deck.orders[0]
    eventually(lambda: order.languages == ["vi"])
    quiet.speaker.stop("airing-1", 30)
    assert quiet.finished().evidence.languages == ("vi",)


def test_turning_down_is_felt_at_once_and_never_turns_up(tmp_path: Path, tone: ClipPart) -> None:
    heard = Pump(tmp_path)
    heard.play(tone, volume=20)
    assert isinstance(heard.next(), Sounding)
    heard.speaker.turn_down("airing-1", 100)
    eventually(lambda: heard.wav.stat().st_size > 60_000)
    heard.speaker.turn_down("airing-1", 0)
    done = heard.finished()
    assert done.evidence.level == pytest.approx(-1_500 - 2_322, abs=100)
    heard.speaker.close()
    _, samples = read_wav(heard.wav)
    assert any(samples[:48_000])
    assert not any(samples[-9_600:])


def test_a_short_clip_without_a_single_frame_was_not_played(quiet: Pump, tmp_path: Path, tone: ClipPart) -> None:
    whole = (tmp_path / f"{tone.clip.sha256}.ogg").read_bytes()
    second_page = whole.index(b"OggS", whole.index(b"OggS", 4) + 4)
    (tmp_path / f"{'b' * 64}.ogg").write_bytes(whole[:second_page])
    quiet.play(ClipPart("vi", ClipRef("b" * 64, second_page, 500)))
    cut = quiet.next()
    assert isinstance(cut, Cut)
    assert cut.reason.startswith("decoder")


def killed_at_once(folder: Path) -> None:
    program = folder / "espeak-ng"
    program.write_text("#!/bin/sh\nPATH=$REAL espeak-ng -v vi --stdout 'Xin chao'\nkill -9 $$\n")
    program.chmod(0o755)


def test_a_voice_that_died_in_mid_speech_has_not_finished(
    quiet: Pump, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at_once(tmp_path)
    monkeypatch.setenv("REAL", os.environ["PATH"])
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    quiet.play(SpokenPart("vi", "Khẩn cấp: lũ đang về."))
    assert isinstance(quiet.next(), Sounding)
    cut = quiet.next()
    assert isinstance(cut, Cut)
    assert cut.reason == "decoder_failed"


def test_no_thread_is_left_behind(quiet: Pump, tone: ClipPart) -> None:
    before = threading.active_count()
    quiet.play(tone)
    quiet.next()
    began = time.monotonic()
    quiet.speaker.close()
    assert time.monotonic() - began < 5
    # The pump and its watch.
    assert threading.active_count() == before - 2
