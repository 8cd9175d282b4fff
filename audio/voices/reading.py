"""Who reads a text: the voice somebody chose, at its region and speed, and behind it those that can step in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from audio.errors import AudioError, VoiceFailed
from audio.ffmpeg import Input, ffmpeg
from audio.formats import Format
from audio.pcm import Pcm
from audio.score import ANYBODY, Reader
from audio.voices import preferred
from audio.voices.base import Voice

REGIONS = ("north", "central", "south")
USUAL_SPEED = 100


def offered(have: Collection[Voice], language: str) -> list[Reader]:
    """Every voice of a language, and each region in which it sounds otherwise than it usually does."""
    found = list[Reader]()
    for voice in preferred(have, language):
        usual = voice.speaks(language)
        ways = {region: voice.speaks(_tag(language, region)) for region in REGIONS}
        own = [region for region in REGIONS if ways[region] != usual]
        # A voice that has regions speaks one of them anyhow.
        first = next((region for region in REGIONS if ways[region] == usual), "") if own else ""
        found += [Reader(voice.name, first), *(Reader(voice.name, region) for region in own)]
    return found


def readers(have: Collection[Voice], language: str, reader: Reader) -> list[Voice]:
    """The voices in the order in which they are asked: the one chosen first."""
    able = preferred(have, language)
    if reader == ANYBODY:
        return able
    first = sorted(able, key=lambda voice: voice.name != reader.voice)
    return [Reading(voice, reader.region if voice.name == reader.voice else "", reader.speed) for voice in first]


@dataclass(frozen=True, slots=True)
class Reading:
    """A voice that speaks as in one region, at another speed than its own."""

    voice: Voice
    region: str = ""
    speed: int = USUAL_SPEED

    @property
    def name(self) -> str:
        """Return the voice's name."""
        return self.voice.name

    @property
    def identity(self) -> str:
        """Return what decides how it sounds."""
        return self.voice.identity + (f" at {self.speed}%" if self.speed != USUAL_SPEED else "")

    def speaks(self, language: str) -> str | None:
        """Return the voice's word for the language as it is spoken in the region."""
        return self.voice.speaks(_tag(language, self.region))

    def ready(self) -> bool:
        """Tell whether it is worth trying now."""
        return self.voice.ready()

    def speak(self, text: str, language: str) -> Pcm:
        """Speak; raise VoiceFailed as the voice does, and where the speed cannot be changed."""
        pcm = self.voice.speak(text, _tag(language, self.region))
        if self.speed == USUAL_SPEED:
            return pcm
        source = Input(Format("s16le", "pcm_s16le"), options=("-ar", str(pcm.rate), "-ac", "1"))
        try:
            done = ffmpeg(source, ["-af", f"atempo={self.speed / 100:g}", "-f", "s16le", "-"], stdin=pcm.frames)
        except AudioError as why:
            raise VoiceFailed(voice=self.name, language=language, reason=str(why)) from why
        return Pcm(done.stdout, pcm.rate)


def _tag(language: str, region: str) -> str:
    return f"{language}-x-{region}" if region else language
