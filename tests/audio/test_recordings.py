"""What phones record is taken in; everything else is refused with its own reason."""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio import errors
from audio.clip import clip_path
from audio.errors import (
    AudioError,
    NoFfmpeg,
    RecordingBomb,
    RecordingBroken,
    RecordingNotSound,
    RecordingRefused,
    RecordingSilent,
    RecordingTooLarge,
    RecordingTooLong,
    RecordingTooShort,
)
from audio.measure import loudness
from audio.pcm import Pcm
from audio.programs import Limits
from audio.recordings import RecordingLimits, accept
from tests.audio.fakes import clicks, ffmpeg_made, probed, second_opinion, tone, wav

pytestmark = pytest.mark.sound

PHONES = {
    "a.webm": ("-c:a", "libopus"),
    "a.m4a": ("-c:a", "aac"),
    "fragmented.mp4": ("-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov"),
    "a.wav": (),
    "stereo.wav": ("-ac", "2", "-ar", "44100", "-c:a", "pcm_s24le"),
    "a.mp3": ("-c:a", "libmp3lame"),
    "bare.mp3": ("-c:a", "libmp3lame", "-write_xing", "0", "-id3v2_version", "0"),
    "opus.ogg": ("-c:a", "libopus"),
    "vorbis.ogg": ("-c:a", "libvorbis"),
    "a.flac": (),
    "a.aac": ("-c:a", "aac", "-f", "adts"),
}


@pytest.mark.parametrize("name", PHONES)
def test_what_a_phone_records_becomes_a_clip_like_any_other(name: str, tmp_path: Path) -> None:
    quiet = wav(tmp_path / "source.wav", tone(3, amplitude=0.02))
    sent = ffmpeg_made(tmp_path / name, quiet, *PHONES[name]).rename(tmp_path / "no name tells")
    clip = accept(sent, language="vi", clips=tmp_path / "clips")
    path = clip_path(tmp_path / "clips", clip.sha256)
    lufs, true_peak = second_opinion(path)
    assert lufs == pytest.approx(-16, abs=0.5)
    assert clip.lufs == pytest.approx(-16, abs=0.5)
    assert max(true_peak, clip.true_peak) <= -1.5
    assert clip.ms == pytest.approx(3000, abs=100)
    assert (clip.voice, clip.language) == ("recording", "vi")
    assert probed(path)["codec_name"] == "opus"
    assert clip.bytes == path.stat().st_size


def test_a_stream_is_taken_like_a_file_and_gives_the_same_clip(tmp_path: Path) -> None:
    sent = wav(tmp_path / "a.wav", tone(1))
    from_file = accept(sent, language="vi", clips=tmp_path / "one")
    assert accept(io.BytesIO(sent.read_bytes()), language="vi", clips=tmp_path / "two") == from_file


def test_only_the_sound_of_a_film_is_taken(tmp_path: Path) -> None:
    film = ffmpeg_made(
        tmp_path / "film.mp4",
        wav(tmp_path / "a.wav", tone(2)),
        *("-f", "lavfi", "-i", "testsrc=d=2:s=64x64", "-c:v", "mpeg4", "-c:a", "aac"),
    )
    assert accept(film, language="vi", clips=tmp_path / "clips").ms == pytest.approx(2000, abs=100)


def cut_film(folder: Path) -> Path:
    whole = ffmpeg_made(folder / "a.m4a", wav(folder / "a.wav", tone(3)), "-c:a", "aac")
    whole.write_bytes(whole.read_bytes()[:3000])
    return whole


def film_without_sound(folder: Path) -> Path:
    source = wav(folder / "a.wav", tone(1))
    return ffmpeg_made(
        folder / "film.mp4", source, *("-f", "lavfi", "-i", "testsrc=d=1:s=64x64", "-an", "-c:v", "mpeg4")
    )


def made_of(data: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / "sent.mp3").write_bytes(data)
        return folder / "sent.mp3"

    return make


def sound(pcm: Pcm) -> Callable[[Path], Path]:
    return lambda folder: wav(folder / "sent.wav", pcm)


def long_silence(folder: Path) -> Path:
    """Make eleven minutes of nothing in a few kilobytes."""
    return ffmpeg_made(folder / "long.flac", wav(folder / "a.wav", Pcm(bytes(2 * 8000 * 660), 8000)))


REFUSALS: dict[str, tuple[Callable[[Path], Path], type[AudioError]]] = {
    "nothing": (made_of(b""), RecordingNotSound),
    "a list of files called .mp3": (made_of(b"#EXTM3U\n#EXTINF:9,\n/etc/hostname\n"), RecordingNotSound),
    "a list behind the head of an MP3": (
        made_of(b"ID3\4\0\0\0\0\0\0#EXTM3U\n#EXTINF:9,\n/etc/hostname\n"),
        RecordingNotSound,
    ),
    "a list of files to join": (made_of(b"ffconcat version 1.0\nfile /etc/hostname\n"), RecordingNotSound),
    "a picture": (made_of(b"\x89PNG\r\n\x1a\n" + bytes(500)), RecordingNotSound),
    "a film without sound": (film_without_sound, RecordingNotSound),
    "a head and rubbish": (made_of(b"OggS" + bytes(range(256)) * 9), RecordingBroken),
    "cut off on the way": (cut_film, RecordingBroken),
    "silence": (sound(Pcm(bytes(2 * 48_000), 48_000)), RecordingSilent),
    "hiss of a covered microphone": (sound(tone(2, amplitude=0.001)), RecordingSilent),
    "a slip of the finger": (sound(tone(0.3)), RecordingTooShort),
    "nothing but clicks of the cable": (sound(clicks(seconds=0.002)), RecordingBroken),
    "eleven minutes": (long_silence, RecordingTooLong),
}


@pytest.mark.parametrize(("make", "refusal"), REFUSALS.values(), ids=REFUSALS)
def test_what_cannot_be_aired_is_refused_and_nothing_is_kept(
    make: Callable[[Path], Path], refusal: type[AudioError], tmp_path: Path
) -> None:
    with pytest.raises(refusal) as refused:
        accept(make(tmp_path), language="vi", clips=tmp_path / "clips")
    assert type(refused.value) is refusal
    assert str(refused.value) == refusal.__doc__
    assert list((tmp_path / "clips").iterdir()) == []


HEADS = [
    b"OggS",
    b"\x1aE\xdf\xa3",
    b"\0\0\0\x20ftypM4A ",
    b"RIFF\x24\0\0\0WAVEfmt ",
    b"fLaC",
    b"ID3\4",
    b"\xff\xfb\x90\x64",
]


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(HEADS), st.binary(max_size=400))
def test_whatever_follows_a_good_head_it_is_a_clip_or_a_refusal(head: bytes, rest: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, suppress(RecordingRefused):
        clip = accept(io.BytesIO(head + rest), language="vi", clips=Path(folder))
        assert clip.lufs == pytest.approx(-16, abs=0.5)


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(["webm", "m4a", "mp3", "flac", "wav"]), st.data())
def test_a_recording_spoiled_anywhere_is_a_clip_or_a_refusal(suffix: str, data: st.DataObject) -> None:
    spoiled = bytearray(recorded(suffix))
    for at in data.draw(st.lists(st.integers(0, len(spoiled) - 1), min_size=1, max_size=30)):
        spoiled[at] ^= data.draw(st.integers(1, 255))
    with tempfile.TemporaryDirectory() as folder, suppress(RecordingRefused):
        clip = accept(io.BytesIO(bytes(spoiled)), language="vi", clips=Path(folder))
        assert clip.lufs == pytest.approx(-16, abs=0.5)


@cache
def recorded(suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source = wav(Path(folder) / "source.wav", tone(1))
        return ffmpeg_made(Path(folder) / f"made.{suffix}", source).read_bytes()


def test_what_a_power_cut_left_half_made_is_cleared_away_a_day_later(tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    for name, age_s in ((".making-old", 90_000), (".making-now", 60), ("ab", 90_000)):
        (clips / name).mkdir(parents=True)
        (clips / name / "made.ogg").touch()
        os.utime(clips / name, (time.time() - age_s,) * 2)
    accept(wav(tmp_path / "a.wav", tone(1)), language="vi", clips=clips)
    left = {path.name for path in clips.iterdir()}
    assert {".making-now", "ab"} <= left
    assert ".making-old" not in left


class Endless(io.RawIOBase):
    """A body that never ends."""

    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.given += size
        return b"OggS" + bytes(size - 4)


def test_an_endless_upload_is_stopped_at_its_limit(tmp_path: Path) -> None:
    body, rules = Endless(), RecordingLimits(most_bytes=3 << 20)
    with pytest.raises(RecordingTooLarge) as refused:
        accept(body, language="vi", clips=tmp_path, limits=rules)  # type: ignore[arg-type]
    assert refused.value.params == {"most_bytes": 3 << 20}
    assert body.given <= 5 << 20


@pytest.mark.parametrize(
    "programs",
    [Limits(file=1 << 20), Limits(memory=64 << 20), Limits(wall_s=0.01)],
    ids=["disk", "memory", "time"],
)
def test_what_unpacks_to_more_than_allowed_is_a_bomb(programs: Limits, tmp_path: Path) -> None:
    packed = ffmpeg_made(tmp_path / "a.flac", wav(tmp_path / "a.wav", tone(30)))
    with pytest.raises(RecordingBomb):
        accept(packed, language="vi", clips=tmp_path / "clips", limits=RecordingLimits(programs=programs))


def test_without_ffmpeg_a_recording_is_not_blamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = wav(tmp_path / "a.wav", tone(1))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoFfmpeg):
        accept(sent, language="vi", clips=tmp_path / "clips")


def test_length_and_loudness_of_any_file_can_be_read(tmp_path: Path) -> None:
    measured = loudness(wav(tmp_path / "a.wav", tone(2, hertz=997, amplitude=0.5)))
    assert measured.ms == 2000
    assert -16 < measured.lufs < -8
    assert measured.true_peak == pytest.approx(-6, abs=0.3)
    silent = loudness(wav(tmp_path / "b.wav", Pcm(bytes(96_000), 48_000)))
    assert (silent.lufs, silent.true_peak) == (-70, float("-inf"))


def test_every_failure_has_its_heading_in_the_docs() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "audio.md").read_text(encoding="utf-8")
    codes = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "code")}
    assert {line[4:] for line in guide.splitlines() if line.startswith("### ")} == codes
