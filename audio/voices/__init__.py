"""The voices there are, and which of them is asked first for which language."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audio.voices.base import Voice
from audio.voices.espeak import Espeak
from audio.voices.gtts import Gtts
from audio.voices.piper import Piper

__all__ = ["PREFERENCE", "VOICES", "Voice", "VoiceSettings", "preferred", "voices"]

USUAL = ("piper", "gtts", "espeak")
PREFERENCE: dict[str, tuple[str, ...]] = {
    "vi": ("gtts", "piper", "espeak"),
}
"""For each language the voices in the order they are asked; every other language has USUAL."""


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """What voices need to know of the place they run in."""

    memory: Path
    """A folder for what a voice has to remember over a restart."""
    speed: int = 140
    piper_models: Mapping[str, Path] = field(default_factory=dict)
    wall: Callable[[], float] = time.time


VOICES: dict[str, Callable[[VoiceSettings], Voice]] = {
    "espeak": lambda settings: Espeak(speed=settings.speed),
    "gtts": lambda settings: Gtts(settings.memory / "gtts.json", wall=settings.wall),
    "piper": lambda settings: Piper(settings.piper_models),
}


def voices(settings: VoiceSettings, only: Collection[str] = ()) -> tuple[Voice, ...]:
    """Make the voices named in `only`, or all; raise ValueError for a name that is not in the registry."""
    if unknown := set(only) - set(VOICES):
        raise ValueError(f"no such voice: {', '.join(sorted(unknown))}; there are {', '.join(sorted(VOICES))}")
    return tuple(make(settings) for name, make in VOICES.items() if not only or name in only)


def preferred(have: Collection[Voice], language: str) -> list[Voice]:
    """Return the voices that speak a language, the one to ask first at the head."""
    tag = language.lower()
    order = PREFERENCE.get(tag) or PREFERENCE.get(tag.split("-", maxsplit=1)[0]) or USUAL
    able = [voice for voice in have if voice.speaks(language)]
    return sorted(able, key=lambda voice: order.index(voice.name) if voice.name in order else len(order))
