"""The sink in use: opened when it is needed, let go of when it fails, and opened again after a growing pause."""

import contextlib
import logging
from collections.abc import Callable
from typing import TypeVar

from device_agent.sinks import Sink, SinkFailed

_log = logging.getLogger(__name__)
T = TypeVar("T")

PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
_PROVEN_S = 3.0


class Abandoned(Exception):
    """Another pump has taken over, because this one's sink did not return for too long."""


class Card:
    """Calls into one sink, so that a call that does not return is seen from outside."""

    def __init__(
        self,
        open_sink: Callable[[str], Sink],
        tell: Callable[[str], None],
        mono: Callable[[], float],
        *,
        failures: int = 0,
        last: SinkFailed | None = None,
    ) -> None:
        """`failures` is how often it failed in a row before, and `last` how."""
        self._open_sink, self._tell, self._mono = open_sink, tell, mono
        self._sink: Sink | None = None
        self.spec: str | None = None
        self.failures = failures
        self._last = last
        self._retry_at = mono() + PAUSES_S[min(failures, len(PAUSES_S)) - 1] if failures else mono()
        self._since = 0.0
        self._calls = 0
        self.call = 0
        """The number of the call under way, 0 while there is none."""
        self.abandoned = False

    def use(self, spec: str) -> None:
        """From the next item on another sink, if it is another."""
        if spec != self.spec:
            self.close()
            if self.spec is not None:
                _log.info("action=sink_changed sink=%s", spec)
                self.failures, self._retry_at = 0, self._mono()
            self.spec = spec

    def take(self) -> None:
        """Open the sink unless it is open; raises SinkFailed, also while it is too early to try again."""
        if self._sink is not None:
            return
        if self._last is not None and self.wait_s() > 0:
            raise type(self._last)("waiting to try again")
        self._sink = self._do(lambda: self._open_sink(self.spec or ""))
        self._since = self._mono()

    def wait_s(self) -> float:
        """Seconds until the sink may be opened; 0.0 while it is open."""
        return 0.0 if self._sink is not None else max(0.0, self._retry_at - self._mono())

    @property
    def taken(self) -> bool:
        """Whether the sink is open."""
        return self._sink is not None

    @property
    def always_on(self) -> bool:
        """Whether an open sink wants silence between items."""
        return self._sink is not None and self._sink.always_on

    def begin(self) -> None:
        """An item starts now."""
        self._open.begin()

    def ahead_s(self) -> float:
        """Seconds until a sample written now is heard."""
        return self._do(self._open.ahead_s)

    def write(self, frame: bytes) -> float:
        """Write samples; the monotonic second at which the first of them is heard. Raises SinkFailed."""
        heard = self._do(lambda: self._open.write(frame))
        # A pipe takes the first frames of a program that then does nothing with them.
        if not self._open.always_on or self._mono() - self._since > _PROVEN_S:
            self.failures, self._last = 0, None
            self._tell("")
        return heard

    def close(self) -> None:
        """Give the card back."""
        if self._sink is not None:
            with contextlib.suppress(SinkFailed, OSError):
                self._do(self._sink.close)
        self._sink = None

    def drop(self) -> None:
        """Let go of the card in disorder."""
        if self._sink is not None:
            self._sink.drop()

    @property
    def _open(self) -> Sink:
        if self._sink is None:
            raise SinkFailed("not open")
        return self._sink

    def _do(self, work: Callable[[], T]) -> T:
        self._calls += 1
        self.call = self._calls
        try:
            found = work()
        except SinkFailed as failure:
            self.call = 0
            if not self.abandoned:
                self._failed(failure)
                raise
        self.call = 0
        if self.abandoned:
            raise Abandoned
        return found

    def _failed(self, failure: SinkFailed) -> None:
        sink, self._sink = self._sink, None
        self._last = failure
        self._retry_at = self._mono() + PAUSES_S[min(self.failures, len(PAUSES_S) - 1)]
        self.failures += 1
        _log.warning("action=sink_failed times=%d detail=%s", self.failures, failure)
        self._tell(failure.problem)
        if sink is not None:
            self._do(sink.drop)
