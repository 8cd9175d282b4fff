"""Child processes with a log of their own, started in order and stopped in reverse."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from broadcaster.domain.errors import ChildDied, ChildLate

PATIENCE = 4.0


class Child:
    """One program of ours, run by this Python, writing into its own log file."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        log: Path,
        environment: dict[str, str] | None = None,
        *,
        prefix: Sequence[str] = (),
    ) -> None:
        self.name, self.log = name, log
        # What is put before it must become it, as `ip netns exec` does: its pid is the child's.
        self._arguments = [*prefix, sys.executable, "-m", *arguments]
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id; the child must have been started."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; what it prints is added to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C reaches us alone, and we stop the children in order.
            self._process = subprocess.Popen(
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def cut_power(self) -> None:
        """End it as a power cut would: no warning, no last word."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def ask_to_stop(self) -> None:
        """Send SIGTERM, unless it has ended."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, patience: float) -> None:
        """Wait for its end; after `patience` seconds end it by force."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, patience))
        except subprocess.TimeoutExpired:
            self.cut_power()

    def check(self) -> None:
        """Raise ChildDied when it has ended by itself."""
        if self._process is not None and (status := self._process.poll()) is not None:
            raise ChildDied(name=self.name, status=status, log=str(self.log), words=f"\n\n{self.last_words()}")

    def last_words(self, count: int = 15) -> str:
        """The last lines of its log."""
        with suppress(OSError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
        return ""


class Household:
    """All children of one run: leaving the block stops them, last started first, within `PATIENCE` seconds."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        deadline = time.monotonic() + PATIENCE
        for child in reversed(self.children):
            child.ask_to_stop()
        for child in reversed(self.children):
            child.wait(deadline - time.monotonic())

    def start(self, child: Child) -> Child:
        """Start a child and remember to stop it."""
        child.start()
        self.children.append(child)
        return child

    def check(self) -> None:
        """Raise ChildDied when any of them has ended by itself."""
        for child in self.children:
            child.check()

    def wait_until(self, ready: Callable[[], bool], what: str, patience: float) -> None:
        """Wait until `ready` holds; raise ChildDied when a child ends first, ChildLate after `patience` seconds."""
        deadline = time.monotonic() + patience
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise ChildLate(what=what, seconds=round(patience))
            time.sleep(0.05)
