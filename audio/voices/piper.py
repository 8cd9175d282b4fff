"""Piper: a natural voice without a network, as a program of its own with a voice file on the local disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audio.errors import VoiceFailed
from audio.pcm import Pcm
from audio.programs import Limits, ProgramMissing, ProgramOverran, run
from audio.voices.base import best_match

LIMITS = Limits(cpu_s=300, wall_s=300, memory=4 << 30)


@dataclass(frozen=True, slots=True)
class Piper:
    """Speaks by the program piper; `models` names a voice file for each language."""

    models: Mapping[str, Path] = field(default_factory=dict)
    program: str = "piper"
    name: str = "piper"

    @property
    def identity(self) -> str:
        """Return what decides how it sounds."""
        files = {language: (model.name, model.stat().st_size) for language, model in self._present().items()}
        return f"piper {sorted(files.items())}"

    def speaks(self, language: str) -> str | None:
        """Return the path of the voice file for a language."""
        return best_match(language, {tag: str(path) for tag, path in self._present().items()})

    def ready(self) -> bool:
        """Tell whether any voice file is there."""
        return bool(self._present())

    def speak(self, text: str, language: str) -> Pcm:
        """Speak; raise VoiceFailed if program or voice file are missing or fail."""
        model = self.speaks(language)
        if model is None:
            raise VoiceFailed(voice=self.name, language=language)
        line = " ".join(text.split()) + "\n"
        try:
            rate = int(json.loads(Path(f"{model}.json").read_text(encoding="utf-8"))["audio"]["sample_rate"])
            done = run([self.program, "--model", model, "--output-raw"], stdin=line.encode(), limits=LIMITS)
        except (ProgramMissing, ProgramOverran, OSError, ValueError, LookupError, TypeError) as why:
            raise VoiceFailed(voice=self.name, language=language) from why
        if done.status != 0:
            raise VoiceFailed(voice=self.name, language=language, reason=done.stderr.strip())
        return Pcm(done.stdout[: len(done.stdout) // 2 * 2], rate)

    def _present(self) -> dict[str, Path]:
        return {language: model for language, model in self.models.items() if model.is_file()}
