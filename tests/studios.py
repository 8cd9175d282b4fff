"""Studios of tests: one that makes no sound and is as fast as a test wants it, and one that makes each sound once."""

import atexit
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from audio.clip import Clip, clip_path
from audio.errors import AudioError
from audio.render import Rendered, Studio
from audio.score import Piece, Score, Silence, Sound
from audio.voices.espeak import Espeak


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


class RememberingStudio(Studio):
    """The real studio and voice; what one test has had rendered is copied for the next instead of made again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "clips"
        super().__init__(self._folder, folder / "cache", [Espeak()])

    def render(self, score: Score, progress: Callable[[float], None] | None = None) -> Rendered:
        """The clip in this test's own folder."""
        if any(isinstance(part, Sound | Piece) for part in score.parts):
            return super().render(score, progress)
        found = _memory().render(score, progress)
        place = clip_path(self._folder, found.clip.sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found.path, place)
        return Rendered(found.clip, place)


@cache
def _memory() -> Studio:
    folder = Path(tempfile.mkdtemp(prefix="loa-studio-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    clips = folder / "clips"
    clips.mkdir()
    return Studio(clips, folder / "cache", [Espeak()])
