"""What a program of the system says, asked again and again without ever waiting for it."""

import os
import shutil
import subprocess
from collections.abc import Sequence

from device_agent.senses import Senses

PATIENCE_S = 5.0
MOST_BYTES = 65_536


class Probe:
    """One program; where it is not there nothing is ever said."""

    def __init__(self, argv: Sequence[str], every_s: float, senses: Senses) -> None:
        self._argv = argv
        self._every_s = every_s
        self._mono = senses.mono
        self._child: subprocess.Popen[bytes] | None = None
        self._begun = float("-inf")
        self.said: str | None = None
        """What it said last; None when it failed, hung or is not there."""

    @property
    def running(self) -> bool:
        """Whether an answer is still to come."""
        return self._child is not None

    def turn(self) -> None:
        """Begin, or take what has come; to be called often."""
        now = self._mono()
        if self._child is not None:
            self._look(self._child, late=now - self._begun > PATIENCE_S)
        elif now - self._begun >= self._every_s:
            self._begun = now
            self._begin()

    def _begin(self) -> None:
        if shutil.which(self._argv[0]) is None:
            self.said = None
            return
        try:
            self._child = subprocess.Popen(
                self._argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            assert self._child.stdout is not None
            os.set_blocking(self._child.stdout.fileno(), False)
        except OSError:
            self.said = None

    def _look(self, child: subprocess.Popen[bytes], *, late: bool) -> None:
        if child.poll() is None and not late:
            return
        assert child.stdout is not None
        with child.stdout as output:
            raw = output.read(MOST_BYTES) if child.returncode == 0 else None
        self.said = None if raw is None else raw.decode("utf-8", "replace")
        self._child = None
        if child.returncode is None:
            child.kill()
            child.wait()

    def close(self) -> None:
        """Leave no program behind."""
        if self._child is not None:
            self._look(self._child, late=True)
