"""Take in what a phone recorded, or refuse it with a reason a clerk understands."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from audio.clip import Clip
from audio.disk import keep_clip, workroom
from audio.errors import (
    CannotLevel,
    FfmpegFailed,
    OverLimit,
    RecordingBomb,
    RecordingBroken,
    RecordingNotSound,
    RecordingSilent,
    RecordingTooLarge,
    RecordingTooLong,
    RecordingTooShort,
)
from audio.ffmpeg import Input
from audio.formats import HEAD, Format, sniff
from audio.level import level
from audio.measure import Loudness, unpack
from audio.programs import Limits

VOICE = "recording"
_CHUNK = 1 << 20
_NO_SOUND_WORDS = "matches no streams"


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """What a recording may be."""

    most_bytes: int = 64 << 20
    longest_s: float = 600.0
    shortest_s: float = 0.5
    silent_lufs: float = -50.0
    """Quieter than this, levelling would only make the noise of the room loud."""
    programs: Limits = field(default_factory=lambda: Limits(cpu_s=60, wall_s=90, file=64 << 20))


def accept(source: BinaryIO | Path, *, language: str, clips: Path, limits: RecordingLimits | None = None) -> Clip:
    """Make a clip of a recording, levelled and encoded as speech is, and keep it among `clips`.

    Takes webm, ogg, mp4, 3gp, wav, mp3, aac, flac and amr, told by content and never by name. Raises a
    RecordingRefused, NoFfmpeg or DiskFull; then nothing is kept.
    """
    rules = limits or RecordingLimits()
    with workroom(clips) as room:
        received, plain, made = room / "received", room / "plain.wav", room / "made.ogg"
        form = _receive(source, received, rules.most_bytes)
        lufs = _unpack(received, plain, form, rules)
        heard = _level(plain, made, lufs)
        size = made.stat().st_size
        sha256, _ = keep_clip(made, clips)
    return Clip(sha256, size, heard.ms, heard.lufs, heard.true_peak, language, VOICE)


def _level(plain: Path, made: Path, lufs: float) -> Loudness:
    try:
        return level(plain, made, rough=lufs)
    except CannotLevel as only_clicks:
        raise RecordingBroken from only_clicks


def _receive(source: BinaryIO | Path, target: Path, most: int) -> Format:
    """Copy what came, as far as it is allowed, and tell what it is."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            return _receive(file, target, most)
    head, size = b"", 0
    with target.open("wb") as kept:
        while chunk := source.read(_CHUNK):
            head, size = head or chunk[:HEAD], size + len(chunk)
            if size > most:
                raise RecordingTooLarge(most_bytes=most)
            kept.write(chunk)
    form = sniff(head)
    if form is None:
        raise RecordingNotSound
    return form


def _unpack(received: Path, plain: Path, form: Format, rules: RecordingLimits) -> float:
    """Decode to a WAV file and return its loudness; refuse what is broken, too long, too short or silent."""
    given = Input(form, received, longest_s=rules.longest_s + 1)
    try:
        lufs, ms = unpack(given, plain, rules.programs)
    except OverLimit as bomb:
        raise RecordingBomb(**bomb.params) from bomb
    except FfmpegFailed as failed:
        silent_film = _NO_SOUND_WORDS in str(failed.params["reason"])
        raise (RecordingNotSound if silent_film else RecordingBroken) from failed
    if ms > 1000 * rules.longest_s:
        raise RecordingTooLong(longest_s=rules.longest_s)
    if ms < 1000 * rules.shortest_s:
        raise RecordingTooShort(shortest_s=rules.shortest_s, ms=ms)
    if lufs < rules.silent_lufs:
        raise RecordingSilent(lufs=lufs)
    return lufs
