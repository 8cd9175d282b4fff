"""Where frames come from: a clip or the board's own voice, decoded by ffmpeg on a pipe."""

import contextlib
import os
import resource
import select
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from device_agent.pcm import BYTES_A_SECOND, FRAME_BYTES, FRAME_MS, RATE, tone

VOICES = {"vi": "vi", "en": "en", "fr": "fr-fr"}
"""Languages the board can speak by itself, and espeak-ng's name for them."""

_LOUDER_DB = {"vi": 3.2, "en": 4.6, "fr": 7.2}
_MEMORY = 512 * 1024 * 1024
# A board that is very busy takes seconds to start a decoder; giving up costs the airing a start.
_STALLED_S = 8.0
_FED_BYTES = 65_536


class SourceFailed(Exception):
    """The decoder gave no more sound although it should have."""


class Source(Protocol):
    """Frames of PCM, one after the other."""

    def frame(self) -> bytes | None:
        """The next frame, the last one filled with silence; None at the end; raises SourceFailed."""

    def close(self) -> None:
        """Let go, whether or not it was read to its end."""


class Tone:
    """A plain tone."""

    def __init__(self, ms: int) -> None:
        self._left = ms // FRAME_MS
        self._frame = tone(FRAME_MS, hertz=650)

    def frame(self) -> bytes | None:
        """The next 20 ms, which hold whole waves, so that frames join without a click."""
        self._left -= 1
        return self._frame if self._left >= 0 else None

    def close(self) -> None:
        """Nothing is held."""


class Decoded:
    """PCM frames from a decoder that works ahead as far as its pipe allows."""

    def __init__(self, process: subprocess.Popen[bytes], helpers: tuple[subprocess.Popen[bytes], ...] = ()) -> None:
        self._process = process
        self._helpers = helpers
        assert process.stdout is not None
        self._pipe = process.stdout.fileno()

    def frame(self) -> bytes | None:
        """The next frame, the last one filled with silence; None at the end; raises SourceFailed."""
        parts: list[bytes] = []
        missing = FRAME_BYTES
        deadline = time.monotonic() + _STALLED_S
        while missing:
            self._wait(deadline)
            piece = os.read(self._pipe, missing)
            if not piece:
                break
            parts.append(piece)
            missing -= len(piece)
        if missing == FRAME_BYTES:
            self._check_end()
            return None
        return b"".join(parts) + bytes(missing)

    def close(self) -> None:
        """End the decoder, whether or not it was read to its end."""
        for process in (self._process, *self._helpers):
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()

    def _wait(self, deadline: float) -> None:
        if not select.select([self._pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise SourceFailed("decoder_stalled")

    def _check_end(self) -> None:
        try:
            if any(process.wait(timeout=_STALLED_S) != 0 for process in (*self._helpers, self._process)):
                raise SourceFailed("decoder_failed")
        except subprocess.TimeoutExpired as failure:
            raise SourceFailed("decoder_stalled") from failure


class Fed(Decoded):
    """A clip handed on stdin to a decoder that is running already."""

    def __init__(self, process: subprocess.Popen[bytes], file: BinaryIO, ms: int) -> None:
        super().__init__(process)
        assert process.stdin is not None
        self._stdin, self._file = process.stdin, file
        self._left = _most(ms) * BYTES_A_SECOND // 1000
        os.set_blocking(self._stdin.fileno(), False)

    def frame(self) -> bytes | None:
        """The next frame, the last one filled with silence; None at the end; raises SourceFailed."""
        self._left -= FRAME_BYTES
        return super().frame() if self._left >= 0 else None

    def close(self) -> None:
        """End the decoder, whether or not it was read to its end."""
        self._hang_up()
        super().close()

    def _wait(self, deadline: float) -> None:
        while not self._stdin.closed:
            readable, writable, _ = select.select(
                [self._pipe], [self._stdin], [], max(0.0, deadline - time.monotonic())
            )
            if writable:
                self._feed()
            elif not readable:
                raise SourceFailed("decoder_stalled")
            if readable:
                return
        super()._wait(deadline)

    def _feed(self) -> None:
        try:
            if os.sendfile(self._stdin.fileno(), self._file.fileno(), None, _FED_BYTES) == 0:
                self._hang_up()
        except BlockingIOError:
            return
        except OSError:
            # The decoder has ended; what it says of that counts.
            self._hang_up()

    def _hang_up(self) -> None:
        self._file.close()
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()


class Spare:
    """A decoder of clips that has started and waits for one: starting takes longer than an emergency may wait."""

    def __init__(self) -> None:
        self._process = _ffmpeg("ogg", "pipe:0", None, stdin=subprocess.PIPE, decoder="libopus")

    def clip(self, path: Path, ms: int) -> Source:
        """A stored Ogg clip that was signed as `ms` long; the spare is used up. Raises SourceFailed."""
        # Behind the pump and before all other work, now that somebody waits for it.
        with contextlib.suppress(OSError):
            os.sched_setscheduler(self._process.pid, os.SCHED_RR, os.sched_param(1))
        try:
            return Fed(self._process, path.open("rb"), ms)
        except OSError as failure:
            self.close()
            raise SourceFailed("decoder_failed") from failure

    def close(self) -> None:
        """End a decoder that nobody needed."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        Decoded(self._process).close()


def clip(path: Path, ms: int) -> Decoded:
    """A stored Ogg clip that was signed as `ms` long."""
    # ffmpeg's own Opus decoder (5.1) plays some of our sirens 7 dB too loud and clipped; libopus does not.
    return Decoded(_ffmpeg("ogg", str(path), _most(ms), decoder="libopus"))


def _most(ms: int) -> int:
    """How much of a clip is decoded: no more than a second above what was signed, however much the file holds."""
    return ms + 1000


def sound_file(path: Path) -> Decoded:
    """Any sound file a technician names, at most ten minutes of it."""
    form = {".ogg": "ogg", ".opus": "ogg", ".wav": "wav", ".mp3": "mp3", ".flac": "flac"}.get(path.suffix.lower())
    if form is None:
        raise SourceFailed("unknown_sound_file")
    return Decoded(_ffmpeg(form, str(path), 600_000))


def spoken(text: str, language: str) -> Decoded:
    """The text in the board's own voice; raises SourceFailed for a language it has no voice for."""
    voice = VOICES.get(language)
    if voice is None:
        raise SourceFailed("no_voice")
    with tempfile.TemporaryFile() as words:
        words.write(text.encode())
        words.seek(0)
        speech = _start(["espeak-ng", "-v", voice, "-s", "140", "--stdin", "--stdout"], stdin=words)
    assert speech.stdout is not None
    return Decoded(_ffmpeg("wav", "pipe:0", 600_000, stdin=speech.stdout, chain=_levelled(language)), (speech,))


def _levelled(language: str) -> str:
    # Measured once: each voice has a loudness of its own, hardly any text changes it, and clips have -16 LUFS.
    return f"volume={_LOUDER_DB[language]}dB,alimiter=limit=-2dB:attack=2:release=20:level=0"


def _ffmpeg(
    form: str,
    name: str,
    ms: int | None,
    *,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    decoder: str | None = None,
    chain: str = "anull",
) -> subprocess.Popen[bytes]:
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-protocol_whitelist", "file,pipe", "-f", form]
    argv += ["-c:a", decoder] if decoder else []
    argv += [] if ms is None else ["-t", f"{ms / 1000:.3f}"]
    argv += ["-i", name, "-vn", "-af", chain, "-ac", "1", "-ar", str(RATE), "-f", "s16le", "pipe:1"]
    process = _start(argv, stdin=stdin)
    with contextlib.suppress(ProcessLookupError):
        resource.prlimit(process.pid, resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    return process


def _start(argv: list[str], stdin: IO[bytes] | int) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(argv, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except FileNotFoundError as failure:
        raise SourceFailed(f"no_{argv[0].replace('-', '_')}") from failure
    except OSError as failure:
        raise SourceFailed("no_process") from failure
