"""From a score to a clip: let the parts be spoken, join them, level and encode the whole."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from audio import chimes
from audio.clip import Clip, clip_path
from audio.disk import keep_clip, put, workroom
from audio.edges import evened
from audio.errors import NoSuchClip, NothingToSay, NoVoice, VoiceFailed
from audio.ffmpeg import Input, ffmpeg
from audio.formats import CLIP
from audio.level import ENCODER, level
from audio.pcm import SAMPLE_BYTES, Pcm
from audio.score import Chime, Part, Piece, Reader, Score, Silence, Sound, Speech
from audio.voices.base import Voice
from audio.voices.cache import Phrases, read_phrase
from audio.voices.reading import offered, readers

# pydub's last release is of 2021: each newer Python warns of it, and it warns where it finds no ffmpeg.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

PART_DBFS = -26.0
"""Every part is brought to this level before joining: so no chime drowns the words, and none clips."""
FULL_RATE = 48_000
USUAL_RATE = 24_000
SPEAKERS = 2
SHORTEST_MS = 500
CACHE_BYTES = 2 << 30

Cast = dict[str, Voice]
"""Which voice speaks each language of one score."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A clip and where it lies."""

    clip: Clip
    path: Path


class Studio:
    """Renders scores; whatever was made once is taken from the cache."""

    def __init__(self, clips: Path, cache: Path, voices: Sequence[Voice], *, cache_bytes: int = CACHE_BYTES) -> None:
        """Clips go to `clips` for good; everything under `cache` may be deleted at any time."""
        self._clips, self._cache, self._voices = clips, cache, tuple(voices)
        self._phrases = Phrases(cache / "phrases")
        self._cache_bytes = cache_bytes
        self._offers: dict[str, list[Reader]] = {}

    def render(self, score: Score, progress: Callable[[float], None] | None = None) -> Rendered:
        """Make the clip of a score, or find it; `progress` is told the share done, 0 to 1.

        Raises NoVoice, NothingToSay, NoSuchClip, NoFfmpeg, FfmpegFailed, OverLimit, DiskFull, CannotLevel.
        """
        tell = progress or _nobody
        tell(0.0)
        found = self._find(score, self._likely_cast(score)) or self._make(score, tell)
        tell(1.0)
        return found

    def offers(self, language: str) -> list[Reader]:
        """Who may be chosen to read a language, the best first."""
        if language not in self._offers:
            self._offers[language] = offered(self._voices, language)
        return self._offers[language]

    def _make(self, score: Score, tell: Callable[[float], None]) -> Rendered:
        cast: Cast = {}
        spoken: dict[Speech, Pcm] = {}
        for language, lines in _lines(score).items():
            cast[language], sounds = self._speak(lines, language, score.reader)
            spoken |= sounds
        tell(0.3)
        if found := self._find(score, cast):
            return found
        joined = self._join(score, spoken)
        tell(0.4)
        rendered = self._finish(joined, score.language, _credit(score, cast))
        put(self._entry(score, cast), json.dumps(rendered.clip.to_dict()).encode())
        self._phrases.tidy(self._cache_bytes)
        return rendered

    def _likely_cast(self, score: Score) -> Cast:
        cast = {}
        for language, lines in _lines(score).items():
            able = self._able(lines, language, score.reader)
            if not able:
                raise NoVoice(language=language)
            cast[language] = able[0]
        return cast

    def _able(self, lines: Iterable[Speech], language: str, reader: Reader) -> list[Voice]:
        """Return the voices that can speak these lines now: those that are ready or have spoken them all."""
        return [
            voice
            for voice in readers(self._voices, language, reader)
            if voice.ready() or all(self._phrases.holds(voice, line.text, language) for line in lines)
        ]

    def _speak(self, lines: list[Speech], language: str, reader: Reader) -> tuple[Voice, dict[Speech, Pcm]]:
        """Have all lines of a language spoken by the first voice that manages every one of them."""
        trouble: VoiceFailed | None = None
        for voice in self._able(lines, language, reader):

            def say(line: Speech, voice: Voice = voice) -> Pcm:
                return self._phrases.speak(voice, line.text, language)

            try:
                with ThreadPoolExecutor(SPEAKERS) as pool:
                    return voice, dict(zip(lines, pool.map(say, lines), strict=True))
            except VoiceFailed as failed:
                trouble = failed
        raise NoVoice(language=language) from trouble

    def _join(self, score: Score, spoken: dict[Speech, Pcm]) -> AudioSegment:
        given: dict[Part, AudioSegment] = {line: _even(_segment(pcm), line) for line, pcm in spoken.items()}
        given |= {part: self._sound(part) for part in score.parts if isinstance(part, Sound | Piece)}
        rate = max((segment.frame_rate for segment in given.values()), default=USUAL_RATE)
        whole = AudioSegment.empty().set_frame_rate(rate).set_channels(1).set_sample_width(SAMPLE_BYTES)
        for part in score.parts:
            if isinstance(part, Silence):
                whole += AudioSegment.silent(part.ms, frame_rate=rate)
            elif isinstance(part, Chime):
                whole += _even(_segment(self._chime(part.name, rate)), part)
            else:
                whole += given[part].set_frame_rate(rate)
        # Half a second is the least that has a loudness.
        return whole + AudioSegment.silent(max(0, SHORTEST_MS - len(whole)), frame_rate=rate)

    def _chime(self, name: str, rate: int) -> Pcm:
        place = self._cache / "chimes" / f"{name}-{chimes.VERSION}-{rate}.wav"
        if (kept := read_phrase(place)) is not None:
            return kept
        made = chimes.chime(name, rate)
        put(place, made.to_wav())
        return made

    def _sound(self, part: Sound | Piece) -> AudioSegment:
        path = clip_path(self._clips, part.sha256)
        if not path.is_file():
            raise NoSuchClip(sha256=part.sha256)
        done = ffmpeg(Input(CLIP, path), ["-ac", "1", "-ar", str(FULL_RATE), "-f", "s16le", "-"])
        whole = Pcm(done.stdout, FULL_RATE)
        return _segment(evened(whole, PART_DBFS)) if isinstance(part, Piece) else _even(_segment(whole), part)

    def _finish(self, joined: AudioSegment, language: str, voice: str) -> Rendered:
        with workroom(self._clips) as room:
            source, made = room / "joined.wav", room / "made.ogg"
            source.write_bytes(Pcm(joined.raw_data, joined.frame_rate).to_wav())
            heard = level(source, made, rough=PART_DBFS)
            size = made.stat().st_size
            sha256, path = keep_clip(made, self._clips)
        clip = Clip(sha256, size, heard.ms, heard.lufs, heard.true_peak, language, voice)
        return Rendered(clip, path)

    def _entry(self, score: Score, cast: Cast) -> Path:
        who = sorted((language, voice.identity, voice.speaks(language)) for language, voice in cast.items())
        whole = repr((score.canonical(), who, ENCODER, chimes.VERSION))
        return self._cache / "scores" / f"{hashlib.sha256(whole.encode()).hexdigest()}.json"

    def _find(self, score: Score, cast: Cast) -> Rendered | None:
        try:
            clip = Clip.from_dict(json.loads(self._entry(score, cast).read_bytes()))
            path = clip_path(self._clips, clip.sha256)
            return Rendered(clip, path) if path.stat().st_size == clip.bytes else None
        except (OSError, ValueError, TypeError):
            return None


def _nobody(_share: float) -> None:
    """Hear how far it got, and do nothing."""


def _lines(score: Score) -> dict[str, list[Speech]]:
    """Return what is to be spoken, each line once, by language; raise NothingToSay."""
    lines: dict[str, list[Speech]] = {}
    for part in dict.fromkeys(score.parts):
        if isinstance(part, Speech):
            if not any(map(str.isalnum, part.text)):
                raise NothingToSay(text=part.text)
            lines.setdefault(part.language, []).append(part)
    return lines


def _credit(score: Score, cast: Cast) -> str:
    """Name the voice that speaks the score's own language, or say that it is a recording or only a chime."""
    # A drill's frame may be spoken in Vietnamese around a recording in another language.
    if any(isinstance(part, Sound | Piece) for part in score.parts):
        return "recording"
    if not cast:
        return "chime"
    language = score.language if score.language in cast else next(iter(cast))
    return f"{cast[language].name}/{language}"


def _segment(pcm: Pcm) -> AudioSegment:
    return AudioSegment(data=pcm.frames, sample_width=SAMPLE_BYTES, frame_rate=pcm.rate, channels=1)


def _even(segment: AudioSegment, part: Part) -> AudioSegment:
    if not segment.rms:
        raise NothingToSay(part=type(part).__name__)
    return segment.apply_gain(PART_DBFS - segment.dBFS)
