"""The amplifier's relay: closed only while the ledger says that something plays."""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from device_agent.problems import Problem

if TYPE_CHECKING:
    from gpiozero import OutputDevice
    from gpiozero.pins import Factory

_log = logging.getLogger(__name__)

TAIL_S = 0.25


class Relay(Protocol):
    """A contact that feeds the amplifier."""

    def close(self) -> None:
        """Give the amplifier power."""

    def open(self) -> None:
        """Take the amplifier's power away."""


class NoRelay:
    """An amplifier that is always on."""

    def close(self) -> None:
        """Nothing to switch."""

    def open(self) -> None:
        """Nothing to switch."""


class GpioRelay:
    """A relay on a GPIO line; the kernel takes the line back from a process that ended, in whatever way."""

    def __init__(
        self,
        line: int,
        *,
        active_low: bool,
        tell: Callable[[str], None],
        tail_s: float = TAIL_S,
        factory: "Factory | None" = None,
    ) -> None:
        """Take the line and open the relay; `tell` hears a problem, or "" when it is over. Never raises."""
        self._line, self._active_low, self._tell, self._tail_s = line, active_low, tell, tail_s
        self._factory = factory
        self._device: OutputDevice | None = None
        self._later: threading.Timer | None = None
        self._lock = threading.Lock()
        self._problem = ""
        self._switch(on=False)

    @property
    def closed(self) -> bool:
        """Whether the amplifier has power."""
        return self._device is not None and bool(self._device.value)

    def close(self) -> None:
        """Give the amplifier power at once."""
        with self._lock:
            self._stay()
            self._switch(on=True)

    def open(self) -> None:
        """Take its power away when the card has played what it holds, unless something else begins before."""
        with self._lock:
            self._stay()
            self._later = threading.Timer(self._tail_s, self._let_go)
            self._later.daemon = True
            self._later.start()

    def release(self) -> None:
        """Open the relay at once and give the line back."""
        with self._lock:
            self._stay()
            self._switch(on=False)
            if self._device is not None:
                self._device.close()
                self._device = None

    def _stay(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _let_go(self) -> None:
        with self._lock:
            # Who asked for power meanwhile has cancelled this timer, perhaps a moment too late.
            if self._later is threading.current_thread():
                self._later = None
                self._switch(on=False)

    def _switch(self, *, on: bool) -> None:
        try:
            if self._device is None:
                self._device = self._take()
            self._device.value = int(on)
        except Exception as failure:  # noqa: BLE001 - each pin library raises errors of its own kind
            self._report(Problem.RELAY_FAILED, str(failure) or type(failure).__name__)
        else:
            self._report("")

    def _take(self) -> "OutputDevice":
        # Only where a relay is configured: most speakers need no pin library.
        from gpiozero import OutputDevice  # noqa: PLC0415

        high = not self._active_low
        return OutputDevice(self._line, active_high=high, initial_value=False, pin_factory=self._factory)

    def _report(self, problem: str, detail: str = "") -> None:
        if problem != self._problem:
            _log.warning("action=relay line=%d problem=%s detail=%s", self._line, problem or "none", detail)
            self._problem = problem
            self._tell(problem)
