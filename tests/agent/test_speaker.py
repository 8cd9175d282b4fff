"""The pump with real decoders and real files: what it wrote is what is in the WAV."""

import math
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_agent import pcm
from device_agent.effects import ClipPart, SpokenPart
from device_agent.events import Cut, Sounding
from device_agent.sinks import Pacer, ProgramSink, SilentSink, SinkFailed, WavSink, open_sink
from firmware_config.protocol import PAUSE_MS, ClipRef, read_levels
from tests.agent.pump import Pump, hurried, program
from tests.agent.sounds import read_wav

pytestmark = [pytest.mark.sound, pytest.mark.xdist_group("agent")]


@pytest.fixture
def pump(tmp_path: Path) -> Iterator[Pump]:
    found = Pump(tmp_path)
    yield found
    found.speaker.close()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Pump]:
    """Not in real time."""
    found = Pump(tmp_path, real_time=False)
    yield found
    found.speaker.close()


@pytest.fixture
def tone(tmp_path: Path, two_seconds: tuple[ClipRef, bytes]) -> ClipPart:
    clip, data = two_seconds
    (tmp_path / f"{clip.sha256}.ogg").write_bytes(data)
    return ClipPart("vi", clip)


def test_length_level_and_peak_are_those_of_the_file(pump: Pump, tone: ClipPart) -> None:
    began = time.monotonic()
    pump.play(tone, lead_ms=200, tail_ms=100)
    done = pump.finished()
    assert 2.2 < time.monotonic() - began < 15
    pump.speaker.close()
    length, samples = read_wav(pump.wav)
    assert length == pytest.approx(2.3, abs=0.05)
    # A few milliseconds may be taken from the silence, so that the words begin when they should.
    assert not any(samples[: 9_000 * 2])
    assert done.evidence.ms == pytest.approx(2000, abs=40)
    assert done.evidence.languages == ("vi",)
    numbers = struct.unpack(f"<{len(samples) // 2}h", samples)
    loud = numbers[9_600 : 9_600 + 96_000]
    rms = math.sqrt(sum(number * number for number in loud) / len(loud))
    assert read_levels(done.evidence.seconds) == pytest.approx((-1_500, -1_500), abs=100)
    assert done.evidence.level == pytest.approx(pcm.centi_dbfs(rms), abs=30)
    assert done.evidence.peak == pytest.approx(pcm.centi_dbfs(max(map(abs, numbers))), abs=5)
    # A sine of -12 dB peak has an RMS 3 dB below.
    assert done.evidence.level == pytest.approx(-1_500, abs=60)


@pytest.mark.parametrize(("volume", "lower"), [(50, 1_000), (25, 2_000)])
def test_half_the_volume_is_ten_decibels_less(quick: Pump, tone: ClipPart, volume: int, lower: int) -> None:
    quick.play(tone, volume=volume)
    assert quick.finished().evidence.level == pytest.approx(-1_500 - lower, abs=60)


def test_volume_zero_is_silence(quick: Pump, tone: ClipPart) -> None:
    quick.play(tone, volume=0)
    done = quick.finished()
    assert (done.evidence.level, done.evidence.peak) == (pcm.FLOOR, pcm.FLOOR)
    assert done.evidence.seconds == "AA"
    quick.speaker.close()
    _, samples = read_wav(quick.wav)
    assert not any(samples)


def test_it_begins_on_the_moment(pump: Pump, tone: ClipPart) -> None:
    due = time.monotonic() + 2.0
    pump.play(tone, lead_ms=200, in_s=2.0)
    assert isinstance(pump.next(), Sounding)
    # The target is 20 ms on a speaker; this machine is shared.
    assert -0.1 < time.monotonic() - due < 5


def test_a_stop_fades_within_two_frames_and_says_what_was_heard(pump: Pump, tone: ClipPart) -> None:
    pump.play(tone)
    assert isinstance(pump.next(), Sounding)
    time.sleep(0.3)
    asked = time.monotonic()
    pump.speaker.stop("airing-1", 30)
    cut = pump.next()
    assert time.monotonic() - asked < 3
    assert isinstance(cut, Cut)
    assert cut.reason == ""
    assert cut.evidence is not None
    assert 0 < cut.evidence.ms < 1_900
    pump.speaker.close()
    _, samples = read_wav(pump.wav)
    last = struct.unpack("<960h", samples[-1920:])
    before = struct.unpack("<960h", samples[-3 * 1920 : -2 * 1920])
    assert max(map(abs, before)) > 5_000
    assert max(map(abs, last[:240])) < max(map(abs, before)) / 2
    assert not any(last[500:])


def test_a_stop_before_the_moment_makes_no_sound(pump: Pump, tone: ClipPart) -> None:
    pump.play(tone, in_s=5.0)
    time.sleep(0.1)
    pump.speaker.stop("airing-1", 30)
    cut = pump.next()
    assert cut == Cut("airing-1", 1, None, "")
    pump.speaker.close()
    assert read_wav(pump.wav)[0] == 0


def test_two_languages_with_a_pause_between(quick: Pump, tone: ClipPart) -> None:
    quick.play(tone, ClipPart("en", tone.clip))
    done = quick.finished()
    assert done.evidence.languages == ("vi", "en")
    quick.speaker.close()
    assert read_wav(quick.wav)[0] == pytest.approx(4.0 + PAUSE_MS / 1000, abs=0.08)


def test_the_board_speaks_vietnamese_itself(quick: Pump) -> None:
    quick.play(SpokenPart("vi", "Khẩn cấp: lũ đang về, mời bà con lên chỗ cao."))
    done = quick.finished()
    assert done.evidence.ms > 1_500
    assert done.evidence.level > -3_500


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"not an Ogg at all", "decoder_failed"), (b"#EXTM3U\nfile:///etc/hostname\n", "decoder_failed")],
)
def test_what_is_no_clip_is_a_failure_and_not_silence(pump: Pump, content: bytes, reason: str) -> None:
    (pump.folder / f"{'a' * 64}.ogg").write_bytes(content)
    pump.play(ClipPart("vi", ClipRef("a" * 64, len(content), 2_000)))
    assert pump.next() == Cut("airing-1", 1, None, "decoder_failed")


def test_a_clip_shorter_than_it_was_signed_is_not_finished(quick: Pump, tone: ClipPart) -> None:
    quick.play(ClipPart("vi", ClipRef(tone.clip.sha256, tone.clip.bytes, 9_000)))
    assert isinstance(quick.next(), Sounding)
    cut = quick.next()
    assert isinstance(cut, Cut)
    assert cut.reason == "decoder_short"


def test_the_next_run_appends_and_a_torn_file_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    first = WavSink(path, hurried())
    for _ in range(3):
        first.write(b"\1\2" * 960)
    # What a kill leaves: a header of the past and half a sample; the object is abandoned as the process would be.
    with path.open("ab") as file:
        file.write(b"\7")
    first._file.close()
    second = WavSink(path)
    second.write(b"\3\4" * 960)
    second.close()
    length, samples = read_wav(path)
    assert length == pytest.approx(0.08)
    assert samples == b"\1\2" * 960 * 3 + b"\3\4" * 960


def test_between_items_a_file_does_not_grow(quick: Pump, tone: ClipPart) -> None:
    quick.play(tone)
    quick.finished()
    size = quick.wav.stat().st_size
    time.sleep(0.3)
    assert quick.wav.stat().st_size == size


def test_a_program_on_stdin_gets_the_frames_and_silence_when_idle(tmp_path: Path, tone: ClipPart) -> None:
    out = tmp_path / "out.raw"
    other = Pump(tmp_path, program("sh", "-c", f"while head -c 1920 >> {out}; do sleep 0.002; done"))
    other.play(tone)
    assert other.finished().evidence.ms == pytest.approx(2000, abs=40)
    size = out.stat().st_size
    time.sleep(0.2)
    other.speaker.close()
    assert out.stat().st_size > size
    assert other.problems == []


def test_a_card_that_is_not_there_is_reported_and_the_item_cut(tmp_path: Path, tone: ClipPart) -> None:
    other = Pump(tmp_path, program("no-such-player"))
    other.play(tone)
    cut = other.next()
    assert cut == Cut("airing-1", 1, None, "sink_failed")
    assert other.problems == ["no_sound_card"]
    other.speaker.close()
    assert not other.speaker.alive


def test_a_sink_is_chosen_by_its_name(tmp_path: Path) -> None:
    assert isinstance(open_sink("silent", "d"), SilentSink)
    player = open_sink("aplay:default", "d")
    assert isinstance(player, ProgramSink)
    player.drop()
    wav = open_sink(f"wav:{tmp_path}/sounds", "loa-1")
    wav.close()
    assert (tmp_path / "sounds/loa-1.wav").exists()
    with pytest.raises(SinkFailed, match="unknown sink"):
        open_sink("pulse", "d")


def test_pacing_follows_the_clock_and_never_hurries_after_a_pause() -> None:
    now, slept = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 6))
        now[0] += seconds

    pacer = Pacer(lambda: now[0], sleep)
    pacer.wait(pcm.FRAME_BYTES)
    assert slept == []
    now[0] += 0.005
    assert pacer.wait(pcm.FRAME_BYTES) == pytest.approx(0.02)
    assert slept == [0.015]
    now[0] += 60
    pacer.begin()
    pacer.wait(pcm.FRAME_BYTES // 4)
    pacer.wait(pcm.FRAME_BYTES)
    assert slept == [0.015, 0.005]


def test_a_full_disk_is_a_failing_sink(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    sink = WavSink(tmp_path / "sound.wav")
    sink._file.close()
    sink._file = full.open("r+b", buffering=0)
    with pytest.raises(SinkFailed):
        sink.write(pcm.SILENCE)
    sink._file.close()


def test_closing_ends_the_thread_in_mid_play(pump: Pump, tone: ClipPart) -> None:
    pump.play(tone)
    assert isinstance(pump.next(), Sounding)
    pump.speaker.close()
    assert not pump.speaker.alive
    assert threading.active_count() < 20
