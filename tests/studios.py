"""A studio that makes no sound: as fast as a test wants it, and honest about everything else."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from audio.clip import Clip
from audio.errors import AudioError
from audio.render import Rendered
from audio.score import Score, Silence


class QuietStudio:
    """Names a clip by its score, as the real one does; remembers what it was asked, and fails where it is told to."""

    def __init__(self) -> None:
        self.scores: list[Score] = []
        self.failures: dict[str, AudioError] = {}
        """language → what goes wrong with it."""
        self.before: Callable[[], None] = lambda: None
        """Called while the sound is being made."""

    def render(self, score: Score, progress: Callable[[float], None] | None = None) -> Rendered:
        """A clip of thirty seconds and the score's silences."""
        self.scores.append(score)
        self.before()
        if score.language in self.failures:
            raise self.failures[score.language]
        if progress:
            progress(1.0)
        ms = 30_000 + sum(part.ms for part in score.parts if isinstance(part, Silence))
        sha256 = hashlib.sha256(score.canonical()).hexdigest()
        return Rendered(Clip(sha256, ms * 3, ms, -16.04, -1.62, score.language, "quiet"), Path(f"{sha256}.ogg"))
