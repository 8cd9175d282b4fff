"""Where frames go: a program on stdin, a WAV file paced like a card, or nowhere."""

import contextlib
import fcntl
import os
import select
import shlex
import struct
import subprocess
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from device_agent.pcm import FRAME_MS, RATE, WIDTH

WAV_HEADER = 44
WAV_LIMIT = 512 * 1024 * 1024
"""Bytes after which a WAV file is set aside and a new one begun."""

_PIPE_BYTES = 4_096
_STALLED_S = 2.0
_APLAY = "aplay -q -t raw -f S16_LE -r 48000 -c 1 --buffer-time=100000"


class SinkFailed(Exception):
    """The sound card or its program does not take frames."""


class Sink(Protocol):
    """Takes frames of 20 ms and blocks for as long as they last."""

    latency_ms: int
    """Time from `write` to the air."""
    always_on: bool
    """Whether silence is written between items, so that the card never falls asleep."""

    def begin(self) -> None:
        """An item is about to start: forget lost time."""

    def write(self, frame: bytes, /) -> None:
        """Take one frame; raises SinkFailed."""

    def close(self) -> None:
        """Give the card back."""


class Pacer:
    """Real time for sinks that have no card to keep it, by the monotonic clock."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._due = monotonic()

    def begin(self) -> None:
        """The next frame is due now."""
        self._due = self._monotonic()

    def wait(self) -> None:
        """Block until the frame before has lasted its 20 ms."""
        ahead = self._due - self._monotonic()
        if ahead > 0:
            self._sleep(ahead)
        self._due += FRAME_MS / 1000


class SilentSink:
    """Keeps time and makes no sound."""

    latency_ms = 0
    always_on = False

    def __init__(self, pacer: Pacer | None = None) -> None:
        self._pacer = pacer or Pacer()

    def begin(self) -> None:
        """Start keeping time."""
        self._pacer.begin()

    def write(self, _frame: bytes) -> None:
        """Let the frame's time pass."""
        self._pacer.wait()

    def close(self) -> None:
        """Nothing to give back."""


class WavSink:
    """Appends to one WAV file that stays readable however the process ends; silence between items is not written."""

    latency_ms = 0
    always_on = False

    def __init__(self, path: Path, pacer: Pacer | None = None) -> None:
        self._pacer = pacer or Pacer()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > WAV_LIMIT:
            path.replace(path.with_suffix(".old.wav"))
        self._file: BinaryIO = path.open("r+b" if path.exists() else "w+b")
        self._end = self._mend()
        self._since_sizes = 0

    def begin(self) -> None:
        """Start keeping time."""
        self._pacer.begin()

    def write(self, frame: bytes) -> None:
        """Append the frame when its time has come."""
        self._pacer.wait()
        try:
            self._file.seek(self._end)
            self._file.write(frame)
            self._end += len(frame)
            self._since_sizes += 1
            if self._since_sizes * FRAME_MS >= 500:
                self._write_sizes()
            self._file.flush()
        except OSError as failure:
            raise SinkFailed(str(failure)) from failure

    def close(self) -> None:
        """Leave a header that tells the true length."""
        self._write_sizes()
        self._file.close()

    def _mend(self) -> int:
        # A process that was killed leaves a header older than its samples, or half a sample.
        size = self._file.seek(0, 2)
        end = WAV_HEADER if size < WAV_HEADER else size - (size - WAV_HEADER) % WIDTH
        self._end = end
        self._file.truncate(end)
        self._write_sizes()
        return end

    def _write_sizes(self) -> None:
        data = self._end - WAV_HEADER
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * WIDTH, WIDTH, WIDTH * 8)
        self._file.seek(0)
        self._file.write(struct.pack("<4sI4s", b"RIFF", data + 36, b"WAVE") + form + struct.pack("<4sI", b"data", data))
        self._file.flush()
        self._since_sizes = 0


class ProgramSink:
    """A program that eats PCM on its stdin and keeps the card's own time, such as aplay."""

    latency_ms = 140
    always_on = True

    def __init__(self, argv: list[str]) -> None:
        self._argv = argv
        self._process: subprocess.Popen[bytes] | None = None
        self._retry_at = 0.0

    def begin(self) -> None:
        """The card keeps its own time."""

    def write(self, frame: bytes) -> None:
        """Hand the frame to the program, waiting while its buffer is full, but not for ever."""
        try:
            pipe = self._pipe()
            # Whole or not at all: a pipe takes a frame in one piece.
            while pipe.write(frame) is None:
                if not select.select([], [pipe], [], _STALLED_S)[1]:
                    raise TimeoutError("takes no sound")
        except OSError as failure:
            self.close()
            self._retry_at = time.monotonic() + 5.0
            raise SinkFailed(f"{self._argv[0]}: {failure}") from failure

    def close(self) -> None:
        """End the program."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            # A program stuck in the kernel dies only with the card's driver.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1.0)
        if process.stdin is not None:
            try:
                process.stdin.close()
            except BrokenPipeError:
                return

    def _pipe(self) -> FileIO:
        if self._process is None:
            if time.monotonic() < self._retry_at:
                raise SinkFailed(f"{self._argv[0]}: waiting to try again")
            self._process = subprocess.Popen(
                self._argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, bufsize=0
            )
            assert self._process.stdin is not None
            # The default pipe holds 0.7 s of sound, which would all be played after a stop.
            fcntl.fcntl(self._process.stdin, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
            os.set_blocking(self._process.stdin.fileno(), False)
        return cast("FileIO", self._process.stdin)


def open_sink(spec: str, device: str) -> Sink:
    """The sink a configuration names: `aplay:<card>`, `wav:<folder>` or `silent`; raises ValueError."""
    kind, _, rest = spec.partition(":")
    if kind == "silent":
        return SilentSink()
    if kind == "wav" and rest:
        return WavSink(Path(rest) / f"{device}.wav")
    if kind == "aplay":
        return ProgramSink([*shlex.split(_APLAY), *(["-D", rest] if rest else [])])
    raise ValueError(f"unknown sink {spec!r}: aplay:<card>, wav:<folder> or silent")
