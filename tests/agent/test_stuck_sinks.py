"""A sink that hangs, ends or eats slowly: said, started again, and without a crash loop."""

import threading
import time
from pathlib import Path

import pytest

from device_agent import card, speaker
from device_agent.effects import ClipPart
from device_agent.sinks import SilentSink, Sink, SinkFailed, SinkStuck, WavSink
from firmware_config.protocol import ClipRef
from tests.agent.mqtt_side import eventually
from tests.agent.pump import Pump, hurried, program

pytestmark = [pytest.mark.sound, pytest.mark.xdist_group("agent")]


@pytest.fixture
def tone(tmp_path: Path, two_seconds: tuple[ClipRef, bytes]) -> ClipPart:
    clip, data = two_seconds
    (tmp_path / f"{clip.sha256}.ogg").write_bytes(data)
    return ClipPart("vi", clip)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch looks, and a sink is tried again, without patience."""
    monkeypatch.setattr(speaker, "_LOOK_S", 0.02)
    monkeypatch.setattr(card, "PAUSES_S", (0.1, 0.2))


class Hung(SilentSink):
    """A disk behind a broken cable: the call does not come back."""

    def __init__(self, free: threading.Event) -> None:
        super().__init__(hurried())
        self._free = free

    def write(self, frame: bytes) -> float:
        self._free.wait()
        return super().write(frame)


def test_a_write_that_does_not_return_is_left_behind_and_said(tmp_path: Path, tone: ClipPart, soon: None) -> None:
    free, opened = threading.Event(), list[Sink]()

    def opens() -> Sink:
        opened.append(WavSink(tmp_path / "sound.wav", hurried()) if opened else Hung(free))
        return opened[-1]

    pump = Pump(tmp_path, opens)
    alive = threading.active_count()
    pump.play(tone)
    cut = pump.next()
    assert (cut.airing, getattr(cut, "reason", "")) == ("airing-1", "sink_stuck")
    assert pump.problems == ["sink_stuck"]
    pump.play(tone, airing="airing-2")
    while (done := pump.next()).airing == "airing-2" and getattr(done, "reason", "") == "sink_stuck":
        time.sleep(0.05)
        pump.play(tone, airing="airing-2")
    assert pump.finished().evidence.ms == pytest.approx(2_000, abs=40)
    assert pump.problems == ["sink_stuck", ""]
    assert len(opened) == 2
    free.set()
    eventually(lambda: threading.active_count() <= alive)
    pump.speaker.close()
    assert pump.events.empty()


@pytest.mark.parametrize("hangs", [True, False])
def test_what_was_heard_to_its_end_is_not_heard_again_because_the_card_failed_after_it(
    tmp_path: Path, tone: ClipPart, soon: None, hangs: bool
) -> None:
    free = threading.Event()

    class Ends(SilentSink):
        """Fails in the silence after the last word."""

        frames = 0

        def write(self, frame: bytes) -> float:
            self.frames += 1
            if self.frames > 110 and hangs:
                free.wait()
            if self.frames > 110:
                raise SinkFailed("the cable is out")
            return super().write(frame)

    pump = Pump(tmp_path, lambda: Ends(hurried()))
    pump.play(tone, tail_ms=1_000)
    assert pump.finished().evidence.ms == pytest.approx(2_000, abs=40)
    assert pump.problems[0] == ("sink_stuck" if hangs else "no_sound_card")
    free.set()
    pump.speaker.close()


def test_what_hangs_again_and_again_does_not_fill_the_board_with_threads(
    tmp_path: Path, tone: ClipPart, soon: None
) -> None:
    free, before = threading.Event(), threading.active_count()
    pump = Pump(tmp_path, lambda: Hung(free))
    until = time.monotonic() + 4.0
    while time.monotonic() < until:
        pump.play(tone)
        assert pump.cut().reason == "sink_stuck"
        time.sleep(0.02)
    assert threading.active_count() - before <= 6
    assert pump.problems == ["sink_stuck"]
    free.set()
    eventually(lambda: pump.speaker.alive)
    pump.play(tone, airing="airing-2")
    eventually(lambda: threading.active_count() - before <= 3)
    pump.speaker.close()


def test_a_program_that_ends_is_tried_again_with_growing_pauses(tmp_path: Path) -> None:
    tries, well = tmp_path / "tries", tmp_path / "well"
    script = f"echo >> {tries}; test -e {well} && exec cat > /dev/null"
    pump = Pump(tmp_path, program("sh", "-c", script))
    time.sleep(2.5)
    # At once, after 1 s; the next time after 2 s more.
    assert len(tries.read_text()) in {1, 2}
    assert pump.problems == ["no_sound_card"]
    well.touch()
    eventually(lambda: pump.problems == ["no_sound_card", ""], seconds=30)
    pump.speaker.close()


def test_a_program_that_eats_slowly_is_found_out(tmp_path: Path, tone: ClipPart) -> None:
    pump = Pump(tmp_path, program("sh", "-c", "while head -c 1920 > /dev/null; do sleep 0.06; done"))
    eventually(lambda: pump.problems == ["sink_stuck"], seconds=20)
    pump.play(tone)
    assert pump.cut().reason == "sink_stuck"
    pump.speaker.close()


def test_a_program_that_keeps_no_time_is_not_fed_faster_than_sound_is_heard(tmp_path: Path) -> None:
    eaten = tmp_path / "eaten"
    pump = Pump(tmp_path, program("sh", "-c", f"exec cat > {eaten}"))
    time.sleep(2.0)
    pump.speaker.close()
    assert eaten.stat().st_size / 96_000 < 2.0 + 1.5


def test_a_disk_that_is_full_is_no_crash_and_is_said(tmp_path: Path, tone: ClipPart, soon: None) -> None:
    full = threading.Event()
    full.set()

    class Filling(WavSink):
        def write(self, frame: bytes) -> float:
            if full.is_set():
                raise SinkFailed("No space left on device")
            return super().write(frame)

    pump = Pump(tmp_path, lambda: Filling(tmp_path / "sound.wav", hurried()))
    pump.play(tone)
    assert pump.cut().reason == "sink_failed"
    assert pump.problems == ["no_sound_card"]
    full.clear()
    time.sleep(0.3)
    pump.play(tone, airing="airing-2")
    assert pump.finished().airing == "airing-2"
    assert pump.problems == ["no_sound_card", ""]
    pump.speaker.close()


def test_a_sink_that_cannot_be_opened_is_a_problem_and_not_the_end(tmp_path: Path, tone: ClipPart) -> None:
    def opens() -> Sink:
        raise SinkStuck("the card sleeps")

    pump = Pump(tmp_path, opens)
    eventually(lambda: pump.problems == ["sink_stuck"])
    pump.play(tone)
    cut = pump.cut()
    assert (cut.evidence, cut.reason) == (None, "sink_stuck")
    assert pump.speaker.alive
    pump.speaker.close()
