"""Where frames go: a program on stdin, a WAV file paced like a card, or nowhere."""

import contextlib
import fcntl
import os
import select
import shlex
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import BinaryIO, ClassVar, Protocol, cast

from device_agent.pcm import BYTES_A_SECOND, RATE, WIDTH
from device_agent.problems import Problem

WAV_HEADER = 44
WAV_LIMIT = 512 * 1024 * 1024
"""Bytes after which a WAV file is set aside and a new one begun."""

_SIZES_EVERY = BYTES_A_SECOND // 2
_PIPE_BYTES = 4_096
_STALLED_S = 2.0
# What the card holds is still heard after a stop; less than this and a busy board would stutter.
_CARD_S = 0.06
_APLAY = f"aplay -q -t raw -f S16_LE -r 48000 -c 1 --buffer-time={round(_CARD_S * 1e6)}"


class SinkFailed(Exception):
    """The sound card or its program does not take frames."""

    code: ClassVar[str] = "sink_failed"
    """The reason in a receipt."""
    problem: ClassVar[Problem] = Problem.NO_SOUND_CARD


class SinkStuck(SinkFailed):
    """It takes them too slowly, or no more."""

    code: ClassVar[str] = "sink_stuck"
    problem: ClassVar[Problem] = Problem.SINK_STUCK


class Sink(Protocol):
    """Takes frames and blocks for about as long as they last."""

    always_on: bool
    """Whether silence is written between items, so that the card never falls asleep."""

    def begin(self) -> None:
        """An item starts now: forget lost time."""

    def ahead_s(self) -> float:
        """Seconds until a sample written now is heard."""

    def write(self, frame: bytes, /) -> float:
        """Take samples; the monotonic second at which the first of them is heard. Raises SinkFailed."""

    def close(self) -> None:
        """Give the card back in order."""

    def drop(self) -> None:
        """Let go of a card that does not answer any more."""


class Pacer:
    """Real time for sinks that have no card to keep it, by the monotonic clock."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._monotonic = monotonic
        self._sleep = sleep
        self._due = monotonic()

    def begin(self) -> None:
        """The next sample is due now."""
        self._due = self._monotonic()

    def wait(self, length: int) -> float:
        """Block until what was written before has lasted; the moment at which the next `length` bytes begin."""
        ahead = self._due - self._monotonic()
        if ahead > 0:
            self._sleep(ahead)
        self._due += length / BYTES_A_SECOND
        return self._monotonic()


class SilentSink:
    """Keeps time and makes no sound."""

    always_on = False

    def __init__(self, pacer: Pacer | None = None) -> None:
        self._pacer = pacer or Pacer()

    def begin(self) -> None:
        """Start keeping time."""
        self._pacer.begin()

    def ahead_s(self) -> float:
        """Nothing lies between."""
        return 0.0

    def write(self, frame: bytes) -> float:
        """Let the frame's time pass."""
        return self._pacer.wait(len(frame))

    def close(self) -> None:
        """Nothing to give back."""

    def drop(self) -> None:
        """Nothing to let go of."""


class WavSink:
    """Appends to one WAV file that stays readable however the process ends; silence between items is not written."""

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

    def ahead_s(self) -> float:
        """Nothing lies between."""
        return 0.0

    def write(self, frame: bytes) -> float:
        """Append the frame when its time has come."""
        heard = self._pacer.wait(len(frame))
        try:
            self._file.seek(self._end)
            self._file.write(frame)
            self._end += len(frame)
            self._since_sizes += len(frame)
            if self._since_sizes >= _SIZES_EVERY:
                self._write_sizes()
            self._file.flush()
        except OSError as failure:
            raise SinkFailed(str(failure)) from failure
        return heard

    def close(self) -> None:
        """Leave a header that tells the true length."""
        self._write_sizes()
        self._file.close()

    def drop(self) -> None:
        """Leave the header as it is; the next one who opens the file mends it."""
        # What could not be written is tried once more by close, and fails again.
        with contextlib.suppress(OSError):
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

    always_on = True

    def __init__(self, argv: list[str], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._argv = argv
        self._mono = monotonic
        self._rhythm = Rhythm()
        try:
            self._process = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, bufsize=0
            )
        except OSError as failure:
            raise SinkFailed(f"{argv[0]}: {failure}") from failure
        assert self._process.stdin is not None
        self._pipe = cast("FileIO", self._process.stdin)
        # The default pipe holds 0.7 s of sound, which would all be played after a stop.
        fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        os.set_blocking(self._pipe.fileno(), False)

    def begin(self) -> None:
        """The card keeps its own time."""

    def ahead_s(self) -> float:
        """What waits in the pipe and in the card."""
        waiting = struct.unpack("i", fcntl.ioctl(self._pipe, termios.FIONREAD, bytes(4)))[0]
        return float(waiting) / BYTES_A_SECOND + _CARD_S

    def write(self, frame: bytes) -> float:
        """Hand the frame to the program, waiting while its buffer is full, but not for ever."""
        asked = self._mono()
        try:
            # Whole or not at all: a pipe takes a frame in one piece.
            while self._pipe.write(frame) is None:
                if not select.select([], [self._pipe], [], _STALLED_S)[1]:
                    raise SinkStuck("takes no sound")
            now, lasts = self._mono(), len(frame) / BYTES_A_SECOND
            heard = now + self.ahead_s() - lasts
            time.sleep(self._rhythm.hurry_s(now, lasts, now - asked))
        except OSError as failure:
            raise SinkFailed(str(failure)) from failure
        return heard

    def close(self) -> None:
        """End the program when it has played what it holds."""
        with contextlib.suppress(BrokenPipeError):
            self._pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=0.5)
        self.drop()

    def drop(self) -> None:
        """End the program at once."""
        self._process.kill()
        # A program stuck in the kernel dies only with the card's driver.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=0.5)
        with contextlib.suppress(BrokenPipeError):
            self._pipe.close()


class Rhythm:
    """Compares the sound a program has taken with the time that took, in windows of 20 s."""

    _WINDOW_S = 20.0
    _SLACK_S = 2.0
    _MOST_AHEAD_S = 1.0

    def __init__(self) -> None:
        self._since = self._sound_s = self._waited_s = 0.0

    def hurry_s(self, now: float, lasts_s: float, waited_s: float) -> float:
        """Count sound that was taken after a wait; how far the program runs ahead of time. Raises SinkStuck."""
        # A card's own clock is never quite ours, so that each window counts anew.
        if now - self._since > self._WINDOW_S:
            self._since, self._sound_s, self._waited_s = now - waited_s, 0.0, 0.0
        self._sound_s += lasts_s
        self._waited_s += waited_s
        if self._waited_s - self._sound_s > self._SLACK_S:
            raise SinkStuck("takes sound too slowly")
        return max(0.0, self._sound_s - (now - self._since) - self._MOST_AHEAD_S)


def open_sink(spec: str, device: str) -> Sink:
    """The sink a configuration names: `aplay:<card>`, `wav:<folder>` or `silent`; raises SinkFailed."""
    kind, _, rest = spec.partition(":")
    if kind == "silent":
        return SilentSink()
    if kind == "wav" and rest:
        try:
            return WavSink(Path(rest) / f"{device}.wav")
        except OSError as failure:
            raise SinkFailed(str(failure)) from failure
    if kind == "aplay":
        return ProgramSink([*shlex.split(_APLAY), *(["-D", rest] if rest else [])])
    raise SinkFailed(f"unknown sink {spec!r}: aplay:<card>, wav:<folder> or silent")
