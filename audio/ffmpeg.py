"""Guarded runs of ffmpeg: the demuxer is always forced, the limits always set."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from audio.errors import DiskFull, FfmpegFailed, NoFfmpeg, OverLimit
from audio.formats import Format
from audio.programs import Done, Limits, ProgramMissing, ProgramOverran, run, run_pair

LONGEST_S = 3600
DECODERS = (
    "libopus,opus,vorbis,aac,aac_latm,alac,mp3,mp3float,flac,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,"
    "pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_u8,pcm_alaw,pcm_mulaw"
)
_OVER = {-signal.SIGXCPU, -signal.SIGXFSZ, -signal.SIGKILL}
_OVER_WORDS = ("File too large", "received signal 24", "Cannot allocate memory", "failed to map segment")
_FULL_WORDS = "No space left on device"


@dataclass(frozen=True, slots=True)
class Input:
    """What ffmpeg reads: a local file of a known format, never a guess and never an address."""

    format: Format
    path: Path | None = None
    """None reads standard input."""
    options: tuple[str, ...] = ()
    """Of the demuxer, such as the rate of raw samples."""
    longest_s: float = LONGEST_S

    def arguments(self) -> list[str]:
        """Return the part of the command line that names this input."""
        place = "pipe:0" if self.path is None else f"file:{self.path}"
        limits = ["-protocol_whitelist", "file,pipe", "-codec_whitelist", DECODERS, "-threads", "1"]
        decoder = ["-c:a", self.format.decoder] if self.format.decoder else []
        return [*limits, "-t", f"{self.longest_s:g}", "-f", self.format.demuxer, *decoder, *self.options, "-i", place]


def ffmpeg(
    source: Input,
    output: Sequence[str],
    *,
    stdin: bytes = b"",
    limits: Limits | None = None,
    loglevel: str = "error",
) -> Done:
    """Run ffmpeg on one input.

    Raises NoFfmpeg, OverLimit, DiskFull, and FfmpegFailed with the last lines ffmpeg wrote.
    """
    with _named_errors():
        return _judged(run(_command(source, output, loglevel), stdin=stdin, limits=limits))


def ffmpeg_pair(
    source: Input, output: Sequence[str], kept: Path, form: Format, then: Sequence[str]
) -> tuple[Done, Done]:
    """Run one ffmpeg into a file and, while it still writes, a second one on what it has written.

    `output` ends before the name of the file, `then` is the second one's output. Raises as `ffmpeg` does.
    """
    first = _command(source, [*output, "pipe:1"], "error")
    second = _command(Input(form), then, "info")
    with _named_errors():
        done, measured = run_pair(first, second, kept, Limits())
    return _judged(done), _judged(measured)


def _command(source: Input, output: Sequence[str], loglevel: str) -> list[str]:
    # One thread each: on a machine of many cores their stacks alone would fill the memory allowed.
    threads = ["-filter_threads", "1", "-filter_complex_threads", "1"]
    head = ["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", loglevel, "-y"]
    return [*head, *threads, *source.arguments(), *output]


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except ProgramMissing as missing:
        raise NoFfmpeg(program=str(missing)) from missing
    except ProgramOverran as slow:
        raise OverLimit(limit="time") from slow


def _judged(done: Done) -> Done:
    if _FULL_WORDS in done.stderr:
        raise DiskFull
    if done.status in _OVER or any(words in done.stderr for words in _OVER_WORDS):
        raise OverLimit(limit="resources")
    if done.status != 0:
        lines = done.stderr.strip().splitlines()[-3:] or [f"status {done.status}"]
        raise FfmpegFailed(reason="; ".join(lines))
    return done
