"""Phrases already spoken, on the disk: an opening is spoken once, not every morning."""

from __future__ import annotations

import hashlib
import wave
from dataclasses import dataclass
from pathlib import Path

from audio.disk import put
from audio.pcm import Pcm
from audio.voices.base import Voice


def read_phrase(place: Path) -> Pcm | None:
    """Return the sound kept at a place, or None if there is none or a power cut spoiled it."""
    try:
        return Pcm.from_wav(place.read_bytes())
    except (OSError, EOFError, ValueError, wave.Error):
        return None


@dataclass(frozen=True, slots=True)
class Phrases:
    """A folder of spoken phrases; any of them may be deleted at any time."""

    folder: Path

    def speak(self, voice: Voice, text: str, language: str) -> Pcm:
        """Return a phrase from the folder, or have it spoken and keep it; raise what the voice raises."""
        place = self.place(voice, text, language)
        if (kept := read_phrase(place)) is not None:
            return kept
        pcm = voice.speak(text, language)
        put(place, pcm.to_wav())
        return pcm

    def holds(self, voice: Voice, text: str, language: str) -> bool:
        """Tell whether a phrase is in the folder."""
        return self.place(voice, text, language).exists()

    def place(self, voice: Voice, text: str, language: str) -> Path:
        """Say where a phrase lies, by all that decides how it sounds."""
        key = hashlib.sha256(repr((voice.identity, voice.speaks(language), text)).encode()).hexdigest()
        return self.folder / key[:2] / f"{key}.wav"

    def tidy(self, most_bytes: int) -> int:
        """Delete the phrases longest unused until the rest fits; return how many went."""
        found = sorted((path.stat().st_atime, path.stat().st_size, path) for path in self.folder.rglob("*.wav"))
        held, gone = sum(size for _, size, _ in found), 0
        for _, size, path in found:
            if held <= most_bytes:
                break
            path.unlink(missing_ok=True)
            held, gone = held - size, gone + 1
        return gone
