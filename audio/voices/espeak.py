"""espeak-ng: always there, needs no network, sounds like a machine."""

from __future__ import annotations

from dataclasses import dataclass

from audio.errors import VoiceFailed
from audio.pcm import Pcm
from audio.programs import Limits, ProgramMissing, ProgramOverran, run
from audio.voices.base import best_match

LANGUAGES = {
    "vi": "vi",
    "vi-x-north": "vi",
    "vi-x-central": "vi-vn-x-central",
    "vi-x-south": "vi-vn-x-south",
    "en": "en-gb",
    "en-us": "en-us",
    "fr": "fr-fr",
    "de": "de",
    "es": "es",
    "hak": "hak",
    "id": "id",
    "ja": "ja",
    "ko": "ko",
    "ms": "ms",
    "my": "my",
    "ru": "ru",
    "shn": "shn",
    "th": "th",
    "yue": "yue",
    "zh": "cmn",
}
"""Our language tags and the program's voices."""
LIMITS = Limits(cpu_s=60, wall_s=90, memory=512 << 20)


@dataclass(frozen=True, slots=True)
class Espeak:
    """Speaks by the program espeak-ng."""

    speed: int = 140
    """Words a minute: out of doors people need it slower than the usual 175."""
    program: str = "espeak-ng"
    name: str = "espeak"

    @property
    def identity(self) -> str:
        """Return what decides how it sounds."""
        return f"espeak speed={self.speed}"

    def speaks(self, language: str) -> str | None:
        """Return the program's voice for a language."""
        return best_match(language, LANGUAGES)

    def ready(self) -> bool:
        """Tell whether to try: always, a missing program shows when it is started."""
        return True

    def speak(self, text: str, language: str) -> Pcm:
        """Speak; raise VoiceFailed if the program is missing or fails."""
        command = [self.program, "-v", self.speaks(language) or language, "-s", str(self.speed)]
        command += ["-b", "1", "-z", "--stdin", "--stdout"]
        try:
            done = run(command, stdin=text.encode(), limits=LIMITS)
            if done.status == 0:
                return Pcm.from_stream(done.stdout)
        except (ProgramMissing, ProgramOverran, ValueError) as why:
            raise VoiceFailed(voice=self.name, language=language) from why
        raise VoiceFailed(voice=self.name, language=language, reason=done.stderr.strip())
