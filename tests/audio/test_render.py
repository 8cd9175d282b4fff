"""Clips are made for real and every one of them is measured."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.chimes import CHIMES
from audio.clip import clip_path
from audio.errors import CannotLevel, DiskFull, NoFfmpeg, NoSuchClip, NothingToSay, NoVoice
from audio.level import drive_for, encode, level
from audio.measure import loudness
from audio.pcm import Pcm
from audio.render import Rendered, Studio
from audio.score import NO_LANGUAGE, Chime, Klass, Score, Silence, Sound, Speech, chime_score, score
from audio.voices.base import Voice
from audio.voices.espeak import Espeak
from tests.audio.fakes import ToneVoice, clicks, probed, second_opinion, tone, wav

pytestmark = pytest.mark.sound

NOTICE = "Mai họp dân tại nhà văn hoá bản."


def studio(folder: Path, *voices: Voice) -> Studio:
    return Studio(folder / "clips", folder / "cache", voices or (Espeak(),))


def short(text: str = "xin chào bà con") -> Score:
    return score(text, opening="", closing="", repeat=1)


@pytest.mark.parametrize(
    "made",
    [*(score(NOTICE, klass=klass) for klass in Klass), score("Meeting at noon.", language="en"), short("Họp!")],
    ids=["normal", "priority", "emergency", "english", "one word"],
)
def test_every_clip_is_as_loud_as_the_others_by_two_meters(made: Score, tmp_path: Path) -> None:
    rendered = studio(tmp_path).render(made)
    lufs, true_peak = second_opinion(rendered.path)
    assert lufs == pytest.approx(-16, abs=0.5)
    assert rendered.clip.lufs == pytest.approx(lufs, abs=0.3)
    assert true_peak <= -1.5
    assert rendered.clip.true_peak == pytest.approx(true_peak, abs=0.4)
    assert rendered.clip.voice == f"espeak/{made.language}"


@pytest.mark.parametrize("name", CHIMES)
def test_a_chime_alone_is_measured_as_every_player_hears_it(name: str, tmp_path: Path) -> None:
    rendered = studio(tmp_path).render(Score((Chime(name),), "vi"))
    lufs, true_peak = second_opinion(rendered.path)
    assert lufs == pytest.approx(-16, abs=0.5)
    assert true_peak <= -1.5
    assert rendered.clip.true_peak == pytest.approx(true_peak, abs=0.4)


def test_the_chime_of_a_class_is_one_clip_whoever_asks_for_it(tmp_path: Path) -> None:
    one, other = (studio(tmp_path / side).render(chime_score("emergency")) for side in ("one", "other"))
    assert one.clip == other.clip
    assert (one.clip.language, one.clip.voice) == (NO_LANGUAGE, "chime")
    assert one.clip.ms <= 6000
    drill = studio(tmp_path / "one").render(chime_score("priority", "drill")).clip
    assert drill.sha256 != one.clip.sha256


def test_a_clip_is_ogg_opus_mono_and_small(tmp_path: Path) -> None:
    rendered = studio(tmp_path).render(score(NOTICE))
    facts = probed(rendered.path)
    assert (facts["codec_name"], facts["format_name"]) == ("opus", "ogg")
    assert (facts["sample_rate"], facts["channels"], facts["nb_streams"]) == ("48000", "1", "1")
    assert 18_000 < int(facts["bit_rate"]) < 32_000
    assert rendered.clip.bytes == rendered.path.stat().st_size
    assert rendered.path == clip_path(tmp_path / "clips", rendered.clip.sha256)


def test_the_clip_lasts_as_long_as_its_parts(tmp_path: Path) -> None:
    rendered = studio(tmp_path, ToneVoice()).render(score("a" * 20, repeat=2, opening="b" * 10, closing=""))
    again = len("Xin nhắc lại thông báo.") * 100
    expected = 1000 + 600 + 2000 + 1500 + again + 750 + 2000
    assert rendered.clip.ms == pytest.approx(expected, abs=20)


def test_two_processes_make_the_same_bytes(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from audio.render import Studio; from audio.score import score;"
        "from audio.voices.espeak import Espeak; here = Path(sys.argv[1]);"
        f"print(Studio(here / 'clips', here / 'cache', [Espeak()]).render(score({NOTICE!r})).clip.sha256)"
    )
    names = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", program, str(tmp_path / side)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for side in ("one", "two")
    ]
    assert names[0] == names[1]
    assert len(names[0].strip()) == 64


def test_the_second_time_nobody_speaks_and_nothing_is_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    voice = ToneVoice()
    first = studio(tmp_path, voice).render(score(NOTICE))
    monkeypatch.setenv("PATH", "")
    begun = time.perf_counter()
    assert studio(tmp_path, voice).render(score(NOTICE)) == first
    assert time.perf_counter() - begun < 0.1
    assert len(voice.said) == 4


def test_a_body_read_three_times_and_a_usual_opening_are_spoken_once(tmp_path: Path) -> None:
    voice = ToneVoice()
    studio(tmp_path, voice).render(score("Một.", repeat=3))
    assert sorted(voice.said).count("Một.") == 1
    before = list(voice.said)
    studio(tmp_path, voice).render(score("Hai.", repeat=3))
    assert voice.said == [*before, "Hai."]


def test_the_next_voice_reads_everything_when_the_first_fails_half_way(tmp_path: Path) -> None:
    good, weak = ToneVoice("espeak"), ToneVoice("gtts", broken_after=2)
    rendered = studio(tmp_path, good, weak).render(score(NOTICE))
    assert rendered.clip.voice == "espeak/vi"
    assert len(good.said) == 4


def test_a_better_voice_is_asked_again_once_it_is_back(tmp_path: Path) -> None:
    plain, fine = ToneVoice("espeak"), ToneVoice("gtts", rate=24_000, resting=True)
    made = studio(tmp_path, plain, fine)
    assert made.render(short()).clip.voice == "espeak/vi"
    fine.resting = False
    assert made.render(short()).clip.voice == "gtts/vi"


def test_a_resting_voice_is_used_for_what_it_has_said_before(tmp_path: Path) -> None:
    plain, fine = ToneVoice("espeak"), ToneVoice("gtts")
    made = studio(tmp_path, plain, fine)
    made.render(short())
    fine.resting = True
    assert made.render(Score((Speech("xin chào bà con", "vi"),), "vi")).clip.voice == "gtts/vi"
    assert plain.said == []


def test_each_language_of_a_score_has_its_voice_and_the_clip_names_its_own(tmp_path: Path) -> None:
    parts = (Speech("xin chào", "vi"), Silence(300), Speech("good morning", "en"))
    voices = ToneVoice("gtts", languages=("en",), rate=24_000), ToneVoice("espeak", languages=("vi",))
    assert studio(tmp_path, *voices).render(Score(parts, "vi")).clip.voice == "espeak/vi"
    assert [voice.said for voice in voices] == [["good morning"], ["xin chào"]]


@pytest.mark.parametrize("voices", [(ToneVoice(languages=("en",)),), (ToneVoice(broken_after=0),)])
def test_a_language_nobody_speaks_is_named_and_nothing_is_kept(tmp_path: Path, voices: tuple[Voice, ...]) -> None:
    with pytest.raises(NoVoice) as refused:
        studio(tmp_path, *voices).render(short())
    assert (refused.value.code, refused.value.params) == ("no_voice", {"language": "vi"})
    assert not (tmp_path / "clips").exists()


@pytest.mark.parametrize("text", ["…", "!!", "\N{ZERO WIDTH SPACE}"])
def test_a_text_without_a_word_is_refused_not_aired_as_silence(text: str, tmp_path: Path) -> None:
    with pytest.raises(NothingToSay):
        studio(tmp_path).render(short(text))


def test_a_recording_can_be_part_of_a_score(tmp_path: Path) -> None:
    made = studio(tmp_path, ToneVoice())
    jingle = made.render(Score((Chime("priority"),), "vi"))
    both = made.render(Score((Sound(jingle.clip.sha256), Silence(500), Speech("xin chào", "vi")), "vi"))
    assert both.clip.ms == pytest.approx(jingle.clip.ms + 500 + 800, abs=20)
    assert both.clip.lufs == pytest.approx(-16, abs=0.5)
    assert both.clip.voice == "recording"
    with pytest.raises(NoSuchClip):
        made.render(Score((Sound("0" * 64),), "vi"))


def lost(rendered: Rendered) -> None:
    rendered.path.unlink()


def cut(rendered: Rendered) -> None:
    rendered.path.write_bytes(rendered.path.read_bytes()[:-10])


@pytest.mark.parametrize("harm", [lost, cut])
def test_a_clip_lost_or_cut_on_the_disk_is_made_again(tmp_path: Path, harm: object) -> None:
    made = studio(tmp_path, ToneVoice())
    first = made.render(short())
    assert callable(harm)
    harm(first)
    assert made.render(short()) == first
    assert loudness(first.path).ms == first.clip.ms


def test_half_written_caches_do_not_matter(tmp_path: Path) -> None:
    made = studio(tmp_path, ToneVoice())
    first = made.render(short())
    for file in (tmp_path / "cache").rglob("*.*"):
        file.write_bytes(b"RIFF" if file.suffix == ".wav" else b'{"sha256"')
    assert made.render(short()) == first


def test_the_cache_of_phrases_keeps_within_its_size(tmp_path: Path) -> None:
    made = Studio(tmp_path / "clips", tmp_path / "cache", [ToneVoice()], cache_bytes=100_000)
    for text in ("xin chào bà con", "kính mời bà con", "cảm ơn bà con"):
        made.render(short(text))
    held = [file.stat().st_size for file in (tmp_path / "cache" / "phrases").rglob("*.wav")]
    assert 0 < sum(held) <= 100_000


def test_progress_climbs_from_nothing_to_all(tmp_path: Path) -> None:
    told: list[float] = []
    studio(tmp_path, ToneVoice()).render(short(), told.append)
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 1)
    assert len(told) >= 4


@pytest.mark.parametrize(
    ("sound", "rough"),
    [
        (clicks(seconds=0.02), -30.0),
        (tone(4, amplitude=0.999, hertz=997), -6.0),
        (tone(4, amplitude=0.004), -52.0),
        (tone(4, amplitude=0.3), -22.0),
        (tone(4, amplitude=0.3), -9.0),
    ],
    ids=["clicks", "full scale", "whisper", "guess too low", "guess too high"],
)
def test_any_sound_can_be_levelled_even_from_a_poor_guess(tmp_path: Path, sound: Pcm, rough: float) -> None:
    made = tmp_path / "made.ogg"
    heard = level(wav(tmp_path / "source.wav", sound), made, rough=rough)
    lufs, true_peak = second_opinion(made)
    assert lufs == pytest.approx(-16, abs=0.5)
    assert true_peak <= -1.5
    assert heard.ms == pytest.approx(sound.ms, abs=2)


@given(st.floats(-30, 10), st.floats(0, 24), st.floats(-40, -1))
def test_aiming_finds_the_drive_for_any_limiter_that_takes_more_the_harder_it_is_driven(
    first: float, knee: float, wanted: float
) -> None:
    def behind_limiter(drive: float) -> float:
        return drive - 20 if drive < knee else knee - 20 + (drive - knee) * 0.5

    points = {drive: behind_limiter(drive) for drive in (first, first + 4)}
    for _ in range(4):
        drive = drive_for(points, wanted)
        points[drive] = behind_limiter(drive)
    assert points[drive] == pytest.approx(wanted, abs=0.4)


def test_silence_has_no_loudness_to_bring_anywhere(tmp_path: Path) -> None:
    with pytest.raises(CannotLevel):
        level(wav(tmp_path / "silence.wav", Pcm(bytes(88_200), 22_050)), tmp_path / "made.ogg", rough=-30)


def test_a_full_disk_is_called_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        encode(wav(tmp_path / "tone.wav", tone(2)), Path("/dev/full"), drive=0)


def test_without_ffmpeg_the_error_names_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoFfmpeg) as missing:
        studio(tmp_path, ToneVoice()).render(short())
    assert missing.value.code == "no_ffmpeg"
    assert not list((tmp_path / "clips").glob("**/*.ogg"))
