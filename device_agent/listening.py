"""The loop: a microphone or a current sensor that hears whether the horn really sounds."""

import contextlib
import logging
import os
import select
import shlex
import struct
import subprocess
import threading
import time
import warnings
from pathlib import Path
from typing import Protocol

from device_agent.code_tone import HEARD_RATE, MS, CodeTone, Echo
from device_agent.pcm import WIDTH
from device_agent.sinks import WAV_HEADER

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

_log = logging.getLogger(__name__)

AFTER_MS = 40
"""Silence between the code tone and the first sample."""
TONE_MS = MS + AFTER_MS
"""What a loop adds to the silence before an announcement."""

# Buffers of two cards, and 100 m of air.
_LATE_S = 0.8
_LOOK_S = 0.05
_ARECORD = f"arecord -q -t raw -f S16_LE -r {HEARD_RATE} -c 1"


class Ear(Protocol):
    """A second PCM input."""

    def hear(self, seconds: float) -> bytes:
        """What it hears in that time: mono, signed 16 bit, `HEARD_RATE`; less where it fails."""


class ProgramEar:
    """A program that writes PCM to its stdout, such as arecord."""

    def __init__(self, argv: list[str]) -> None:
        self._argv = argv

    def hear(self, seconds: float) -> bytes:
        """Start the program, read, and end it."""
        try:
            process = subprocess.Popen(
                self._argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as failure:
            _log.warning("action=loop_deaf detail=%s", failure)
            return b""
        assert process.stdout is not None
        heard, pipe, until = b"", process.stdout.fileno(), time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
            if not (piece := os.read(pipe, 4096)):
                break
            heard += piece
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        process.stdout.close()
        return heard


class WavEar:
    """What is appended to a WAV file meanwhile, as a sound card beside us would."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def hear(self, seconds: float) -> bytes:
        """Wait, and read what came after what was there before."""
        try:
            begin = self._path.stat().st_size if self._path.exists() else WAV_HEADER
            time.sleep(seconds)
            with self._path.open("rb") as file:
                channels, rate = struct.unpack("<HI", file.read(WAV_HEADER)[22:28])
                file.seek(max(WAV_HEADER, begin))
                heard = file.read()
            heard = heard[: len(heard) // (WIDTH * channels) * (WIDTH * channels)]
            mono = heard if channels == 1 else audioop.tomono(heard, WIDTH, 0.5, 0.5)
            return audioop.ratecv(mono, WIDTH, 1, rate, HEARD_RATE, None)[0]
        except (OSError, struct.error, audioop.error) as failure:
            _log.warning("action=loop_deaf detail=%s", failure)
            return b""


class Check:
    """One look for the code tone, on a thread of its own: the pump must not wait for it."""

    def __init__(self, ear: Ear, tone: CodeTone, seconds: float) -> None:
        self.echo: Echo | None = None
        """What was found so far."""
        self._thread = threading.Thread(target=self._run, args=(ear, tone, seconds), name="loop", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether nothing more will be found."""
        return not self._thread.is_alive()

    def _run(self, ear: Ear, tone: CodeTone, seconds: float) -> None:
        self.echo = tone.found(ear.hear(seconds))


class Loop:
    """The code tone of this speaker, and the ear that should hear it."""

    def __init__(self, ear: Ear, name: str) -> None:
        self._ear = ear
        self._tone = CodeTone(name)

    def sound(self, rate: int) -> bytes:
        """The tone, `MS` long."""
        return self._tone.sound(rate)

    def listen(self, before_s: float) -> Check:
        """Listen for a tone that will have been sounded in `before_s` seconds."""
        return Check(self._ear, self._tone, before_s + _LATE_S)


def open_loop(spec: str, name: str) -> Loop | None:
    """The loop a configuration names: `arecord:<card>` or `wav:<file>`; None for an empty one. Raises ValueError."""
    kind, _, rest = spec.partition(":")
    if not spec:
        return None
    if kind == "arecord":
        return Loop(ProgramEar([*shlex.split(_ARECORD), *(["-D", rest] if rest else [])]), name)
    if kind == "wav" and rest:
        return Loop(WavEar(Path(rest)), name)
    raise ValueError(f"unknown loop {spec!r}: arecord:<card> or wav:<file>")
