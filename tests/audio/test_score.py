"""The order of what is heard, and the values of a clip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.clip import Clip, clip_path
from audio.errors import AudioError
from audio.formats import CLIP, Format, sniff
from audio.score import (
    FRAMES,
    MANNERS,
    OPENINGS,
    Chime,
    Kind,
    Klass,
    Piece,
    Score,
    Silence,
    Sound,
    Speech,
    chime_score,
    played,
    score,
)
from audio.voices.restraint import Bucket, Circuit

pytestmark = pytest.mark.pure

SHA = "ab" * 32
CLIP_VALUE = Clip(SHA, 1000, 5000, -16.0, -2.5, "vi", "espeak/vi")


def words(made: Score) -> list[str]:
    return [part.text for part in made.parts if isinstance(part, Speech)]


@pytest.mark.parametrize("klass", list(Klass))
def test_each_class_has_its_own_chime_apart_from_its_words_and_number_of_readings(klass: Klass) -> None:
    assert chime_score(klass).parts[0] == Chime(klass.value)
    made = score("Mai họp dân.", klass=klass)
    assert not any(isinstance(part, Chime) for part in made.parts)
    assert words(made)[0] == OPENINGS["vi"][klass]
    assert words(made).count("Mai họp dân.") == MANNERS[klass].repeat
    assert isinstance(made.parts[-1], Speech)
    assert isinstance(made.parts[-2], Silence)


def test_between_two_readings_there_is_a_pause_and_a_word_of_repetition() -> None:
    made = score("A.", repeat=2, opening="", closing="")
    assert made.parts == (
        Speech("A.", "vi"),
        Silence(1500),
        Speech("Xin nhắc lại thông báo.", "vi"),
        Silence(750),
        Speech("A.", "vi"),
    )


def test_own_opening_and_closing_replace_the_usual_ones_and_empty_ones_leave_them_out() -> None:
    assert words(score("A.", repeat=1, opening="Mở.", closing="Hết.")) == ["Mở.", "A.", "Hết."]
    assert words(score("A.", repeat=1, opening="", closing="")) == ["A."]


def test_a_language_without_phrases_has_only_its_body() -> None:
    assert words(score("Nyob zoo.", language="hmn", repeat=2)) == ["Nyob zoo.", "Nyob zoo."]


def test_a_variant_of_a_language_uses_the_phrases_of_the_language() -> None:
    made = score("A.", language="vi-x-south", repeat=1)
    assert words(made)[0] == OPENINGS["vi"][Klass.NORMAL]
    assert {part.language for part in made.parts if isinstance(part, Speech)} == {"vi-x-south"}


@pytest.mark.parametrize("kind", [Kind.DRILL, Kind.TEST])
@pytest.mark.parametrize("language", ["vi", "en", "fr", "fr-CA", "hmn"])
def test_what_is_not_meant_says_so_first_and_last_in_words_people_understand(kind: Kind, language: str) -> None:
    frame = FRAMES[kind].get(language[:2], FRAMES[kind]["vi"])
    said = words(score("A.", language=language, kind=kind))
    assert (said[0], said[-1]) == (frame, frame)
    assert said.count(frame) == 2
    heard = played([Sound(SHA)], language=language, klass="priority", kind=kind, repeat=2)
    first, *middle, last = [part for part in heard.parts if not isinstance(part, Silence)]
    assert first == last == Speech(frame, language if language != "hmn" else "vi")
    assert middle == [Sound(SHA)] * 2


@pytest.mark.parametrize("klass", list(Klass))
def test_a_drill_never_begins_with_the_chime_of_what_is_meant(klass: Klass) -> None:
    assert chime_score(klass, "drill").parts[0] == chime_score(klass, "test").parts[0] == Chime("drill")
    assert frames(score("A.", klass=klass)) == frames(played([Sound(SHA)], language="vi", klass=klass)) == []


def frames(made: Score) -> list[str]:
    return [text for text in words(made) if any(text in kind.values() for kind in FRAMES.values())]


@pytest.mark.parametrize(
    "wrong", [{"body": " \n"}, {"klass": "urgent"}, {"kind": "serious"}, {"repeat": 0}, {"repeat": 11}], ids=str
)
def test_what_is_no_announcement_has_no_score(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        score(**({"body": "A."} | wrong))


PARTS = st.one_of(
    st.builds(Chime, st.sampled_from(["normal", "emergency"])),
    st.builds(Silence, st.integers(0, 5000)),
    st.builds(Speech, st.text(max_size=8), st.sampled_from(["vi", "en"])),
    st.builds(Sound, st.just(SHA)),
    st.builds(Piece, st.just(SHA)),
)
SCORES = st.builds(Score, st.lists(PARTS, max_size=4).map(tuple), st.sampled_from(["vi", "en"]))


@given(SCORES, SCORES)
def test_two_scores_have_the_same_canonical_bytes_exactly_when_they_are_equal(one: Score, two: Score) -> None:
    assert (one.canonical() == two.canonical()) == (one == two)
    assert one.canonical() == replace(one).canonical()


def kinds(base: type[AudioError]) -> list[type[AudioError]]:
    return [base, *(kind for below in base.__subclasses__() for kind in kinds(below))]


def test_every_failure_has_a_code_of_its_own_and_a_sentence() -> None:
    known = kinds(AudioError)
    assert len({kind.code for kind in known}) == len(known) > 15
    for kind in known:
        assert str(kind(detail=1)) == kind.__doc__
        assert kind(detail=1).params == {"detail": 1}


def test_a_clip_reads_back_what_it_wrote() -> None:
    assert Clip.from_dict(CLIP_VALUE.to_dict()) == CLIP_VALUE


@pytest.mark.parametrize(
    "wrong",
    [
        {"sha256": "ab"},
        {"sha256": "AB" * 32},
        {"bytes": 0},
        {"bytes": True},
        {"ms": 1.5},
        {"lufs": "loud"},
        {"voice": None},
        {"more": 1},
    ],
    ids=str,
)
def test_anything_else_is_not_read_as_a_clip(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Clip.from_dict(CLIP_VALUE.to_dict() | wrong)


def test_a_clip_lies_under_the_first_two_digits_of_its_name() -> None:
    assert clip_path(Path("clips"), SHA) == Path("clips/ab") / f"{SHA}.ogg"


@given(st.text(max_size=70))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        clip_path(Path("clips"), name)


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"OggS\0\2" + bytes(22) + b"OpusHead", CLIP),
        (b"OggS\0\2" + bytes(22) + b"\x01vorbis", Format("ogg")),
        (b"\x1aE\xdf\xa3\x9f", Format("matroska")),
        (b"\0\0\0\x20ftypM4A ", Format("mov")),
        (b"RIFF\x24\0\0\0WAVEfmt ", Format("wav")),
        (b"fLaC\0\0\0\x22", Format("flac")),
        (b"ID3\4\0\0", Format("mp3")),
        (b"\xff\xfb\x90\x64", Format("mp3")),
        (b"\xff\xf1\x50\x80", Format("aac")),
        (b"#!AMR\n\x3c", Format("amr")),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", None),
        (b"ID3\4\0\0\0\0\0\0#EXTM3U\nfile:///etc/passwd\n", None),
        (b"ffconcat version 1.0\nfile x\n", None),
        (b'<?xml version="1.0"?><MPD>', None),
        (b"\x89PNG\r\n", None),
        (b"XXXX\x24\0\0\0WAVEfmt ", None),
        (b"\xff\xff\xff\xff", None),
        (b"", None),
    ],
)
def test_a_container_is_known_by_its_first_bytes(head: bytes, form: Format | None) -> None:
    assert sniff(head) == form


@given(st.binary(max_size=80))
def test_sniffing_never_fails_and_only_names_demuxers_of_sound(head: bytes) -> None:
    form = sniff(head)
    assert form is None or form.demuxer in {"ogg", "matroska", "mov", "wav", "flac", "mp3", "aac", "amr"}


def test_a_circuit_opens_at_the_second_failure_and_then_twice_as_long_up_to_half_an_hour() -> None:
    circuit, pauses = Circuit(), []
    for _ in range(9):
        circuit = circuit.failed(1000.0)
        pauses.append(max(0.0, circuit.open_until - 1000.0))
    assert pauses == [0, 60, 120, 240, 480, 960, 1800, 1800, 1800]
    assert circuit.answered() == Circuit()


@given(st.integers(1, 40), st.floats(0, 2e9), st.floats(-1e6, 1e6))
def test_a_circuit_is_shut_only_during_its_pause(failures: int, now: float, later: float) -> None:
    circuit = Circuit()
    for _ in range(failures):
        circuit = circuit.failed(now)
    then = now + later
    resting = then < circuit.open_until <= then + Circuit.LONGEST_PAUSE_S
    assert circuit.allows(then) is not resting
    assert circuit.allows(circuit.open_until)


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(1, 30)), max_size=30))
def test_a_bucket_never_gives_more_than_came_in(steps: list[tuple[float, int]]) -> None:
    bucket, now, given_out = Bucket(60, 0.0), 0.0, 0
    for wait, wanted in steps:
        now += wait
        bucket = bucket.filled(now, per_second=1.0, most=60)
        if left := bucket.taken(wanted):
            bucket, given_out = left, given_out + wanted
    assert given_out <= 60 + now + 1e-6
    assert 0 <= bucket.tokens <= 60
