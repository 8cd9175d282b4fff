"""What every voice promises."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from audio.pcm import Pcm


@runtime_checkable
class Voice(Protocol):
    """Something that can speak."""

    @property
    def name(self) -> str:
        """Return the name in the registry."""

    @property
    def identity(self) -> str:
        """Return what, besides text and language, decides how it sounds: engine, speed, model."""

    def speaks(self, language: str) -> str | None:
        """Return the voice's own word for a language tag, or None if it cannot speak it."""

    def ready(self) -> bool:
        """Tell, without asking anybody, whether it is worth trying now."""

    def speak(self, text: str, language: str) -> Pcm:
        """Speak a text in a language it `speaks`; raise VoiceFailed, and no other error of its own."""


def best_match(language: str, known: dict[str, str]) -> str | None:
    """Find a language tag in a table: itself first, then without its last parts ("vi-VN" → "vi")."""
    parts = language.lower().replace("_", "-").split("-")
    for count in range(len(parts), 0, -1):
        if own := known.get("-".join(parts[:count])):
            return own
    return None
