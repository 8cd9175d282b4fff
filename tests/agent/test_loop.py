"""The loop: what is sounded before an announcement is looked for in a second input."""

import time
from pathlib import Path

import pytest

from device_agent.code_tone import MS, CodeTone
from device_agent.effects import ClipPart
from device_agent.listening import AFTER_MS, TONE_MS, Loop, ProgramEar, WavEar, open_loop
from firmware_config.protocol import ClipRef
from tests.agent.pump import CardLike, Pump
from tests.agent.sounds import read_wav

pytestmark = [pytest.mark.sound, pytest.mark.xdist_group("agent")]

LEAD_MS = TONE_MS + 200


@pytest.fixture
def words(tmp_path: Path, two_seconds: tuple[ClipRef, bytes]) -> ClipPart:
    clip, data = two_seconds
    (tmp_path / f"{clip.sha256}.ogg").write_bytes(data)
    return ClipPart("vi", clip)


def pump_with(loop: Loop | None, folder: Path) -> Pump:
    return Pump(folder, lambda: CardLike(folder / "sound.wav"), loop=loop)


@pytest.mark.parametrize("volume", [100, 20])
def test_what_is_heard_back_is_proof_and_its_level_is_told(tmp_path: Path, words: ClipPart, volume: int) -> None:
    pump = pump_with(Loop(WavEar(tmp_path / "sound.wav"), "loa-1"), tmp_path)
    pump.play(words, lead_ms=LEAD_MS, volume=volume, in_s=1.0)
    evidence = pump.finished().evidence
    pump.speaker.close()
    assert evidence.proof == "loop"
    assert evidence.loop == pytest.approx(-1_580 + (0 if volume == 100 else -2_322), abs=200)
    # The notes are not counted as words.
    assert evidence.ms == pytest.approx(2_000, abs=40)
    assert abs(evidence.late_ms) < 100


def test_a_horn_that_is_mute_is_no_proof(tmp_path: Path, words: ClipPart) -> None:
    pump = pump_with(Loop(WavEar(tmp_path / "nothing.wav"), "loa-1"), tmp_path)
    pump.play(words, lead_ms=LEAD_MS, in_s=1.0)
    evidence = pump.finished().evidence
    pump.speaker.close()
    assert (evidence.proof, evidence.loop) == ("frames", None)
    assert evidence.ms == pytest.approx(2_000, abs=40)


def test_the_neighbours_notes_are_no_proof(tmp_path: Path, words: ClipPart) -> None:
    class OtherNotes(Loop):
        def sound(self, rate: int) -> bytes:
            return CodeTone("loa-2").sound(rate)

    pump = pump_with(OtherNotes(WavEar(tmp_path / "sound.wav"), "loa-1"), tmp_path)
    pump.play(words, lead_ms=LEAD_MS, in_s=1.0)
    assert pump.finished().evidence.proof == "frames"
    pump.speaker.close()


def test_the_notes_lie_in_the_silence_before_and_only_where_something_listens(tmp_path: Path, words: ClipPart) -> None:
    begins, lengths = {}, {}
    for name, loop in (("deaf", None), ("loop", Loop(WavEar(tmp_path / "none.wav"), "loa-1"))):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{words.clip.sha256}.ogg").write_bytes((tmp_path / f"{words.clip.sha256}.ogg").read_bytes())
        pump = Pump(folder, loop=loop, real_time=False)
        pump.play(words, lead_ms=LEAD_MS)
        pump.finished()
        pump.speaker.close()
        lengths[name], samples = read_wav(pump.wav)
        begins[name] = next(at for at, value in enumerate(samples) if value) / 96
    # A quarter of the silence may be taken where an order came late.
    assert LEAD_MS * 0.74 <= begins["deaf"] <= LEAD_MS + 5
    assert (LEAD_MS - TONE_MS) * 0.1 <= begins["loop"] <= LEAD_MS - TONE_MS + 5
    assert lengths["loop"] == pytest.approx(lengths["deaf"], abs=0.2)
    assert MS + AFTER_MS == TONE_MS


def test_an_input_that_fails_hears_nothing_and_holds_nothing_up(tmp_path: Path, words: ClipPart) -> None:
    assert ProgramEar(["no-such-recorder"]).hear(0.2) == b""
    assert ProgramEar(["false"]).hear(5.0) == b""
    assert len(ProgramEar(["cat", "/dev/zero"]).hear(0.1)) > 1_000
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    assert WavEar(broken).hear(0.0) == b""


def test_what_is_pushed_aside_does_not_wait_for_what_may_still_be_heard(tmp_path: Path, words: ClipPart) -> None:
    class SlowEar:
        def hear(self, seconds: float) -> bytes:
            time.sleep(seconds + 8)
            return b""

    pump = pump_with(Loop(SlowEar(), "loa-1"), tmp_path)
    pump.play(words, lead_ms=LEAD_MS)
    order = pump.speaker._deck.orders[0]
    while order.meter.ms < 1_900:
        time.sleep(0.01)
    time.sleep(0.3)
    pump.speaker.stop(order.play.airing, 30)
    began = time.monotonic()
    assert pump.finished().evidence.proof == "frames"
    assert time.monotonic() - began < 1.5
    pump.speaker.close()


def test_an_input_is_chosen_by_its_name(tmp_path: Path) -> None:
    assert open_loop("", "loa-1") is None
    assert open_loop("arecord:default", "loa-1") is not None
    assert open_loop(f"wav:{tmp_path}/in.wav", "loa-1") is not None
    with pytest.raises(ValueError, match="unknown loop"):
        open_loop("pulse:1", "loa-1")
