"""Run other people's programs on untrusted sound, within limits the kernel enforces."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run of a program may use."""

    cpu_s: int = 120
    wall_s: float = 180
    memory: int = 1 << 30
    """Bytes of address space."""
    file: int = 128 << 20
    """Bytes of the largest file it may write."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended and what it said."""

    status: int
    stdout: bytes
    stderr: str


class ProgramMissing(Exception):
    """The program is not installed."""


class ProgramOverran(Exception):
    """The program ran longer than it may."""


def run(command: Sequence[str], *, stdin: bytes = b"", limits: Limits | None = None) -> Done:
    """Run a program to its end; raise ProgramMissing or ProgramOverran, never for its exit status."""
    limits = limits or Limits()
    _require(command[0])
    try:
        done = subprocess.run(
            [*_fence(limits), *command], input=stdin, capture_output=True, timeout=limits.wall_s, check=False
        )
    except subprocess.TimeoutExpired as slow:
        raise ProgramOverran(command[0]) from slow
    return Done(done.returncode, done.stdout, _words(done.stderr))


def run_pair(first: Sequence[str], second: Sequence[str], kept: Path, limits: Limits) -> tuple[Done, Done]:
    """Run two programs at once, what the first writes going to a file and into the second.

    Raises ProgramMissing, ProgramOverran.
    """
    _require(first[0], second[0])
    with (
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as heard,
        tempfile.TemporaryFile() as told,
        kept.open("wb") as file,
        _start([*_fence(limits), *first], subprocess.DEVNULL, subprocess.PIPE, said) as source,
        _start([*_fence(limits), *second], subprocess.PIPE, told, heard) as sink,
    ):
        late = threading.Event()
        with _stopped_after(limits.wall_s, late, source, sink):
            _pump(source, file, sink)
            statuses = source.wait(), sink.wait()
        if late.is_set():
            raise ProgramOverran(first[0])
        return Done(statuses[0], b"", _words(_all(said))), Done(statuses[1], _all(told), _words(_all(heard)))


@contextmanager
def _stopped_after(seconds: float, late: threading.Event, *programs: subprocess.Popen[bytes]) -> Iterator[None]:
    def stop() -> None:
        late.set()
        for program in programs:
            program.kill()

    timer = threading.Timer(seconds, stop)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        for program in programs:
            program.kill()


def _start(command: Sequence[str], stdin: int, stdout: int | IO[bytes], stderr: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, bufsize=0)


def _pump(source: subprocess.Popen[bytes], file: IO[bytes], sink: subprocess.Popen[bytes]) -> None:
    assert source.stdout is not None
    assert sink.stdin is not None
    # A sink that has ended early says why by its status; the file is still written to its end.
    while chunk := source.stdout.read(1 << 14):
        file.write(chunk)
        with suppress(BrokenPipeError):
            sink.stdin.write(chunk)
    with suppress(BrokenPipeError):
        sink.stdin.close()


def _all(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _words(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _require(*programs: str) -> None:
    for program in ("prlimit", *programs):
        if shutil.which(program) is None:
            raise ProgramMissing(program)


def _fence(limits: Limits) -> list[str]:
    # The prlimit program sets the limits and then becomes the other program: code run between fork and
    # exec in this process could deadlock, because threads are about.
    return [
        "prlimit",
        f"--cpu={limits.cpu_s}:{limits.cpu_s + 2}",
        f"--as={limits.memory}",
        f"--fsize={limits.file}",
        "--core=0",
        "--nofile=64",
        "--",
    ]
