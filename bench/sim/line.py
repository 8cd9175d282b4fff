"""One party's way to everybody else, and what the weather does to it."""

from collections.abc import Callable
from enum import StrEnum

from bench.sim.kernel import Kernel, Work, only
from bench.sim.spans import Spans
from firmware_config.protocol import Millis

KEEPALIVE_MS = 45_000
"""One and a half times the 30 s that both sides agree on: then a dead line shows."""
SEVERAL_MS = 420_000
"""Outside of storms a line swallows one message in so long; more often, nobody promises anything."""


class Weather(StrEnum):
    """How a line is."""

    FAIR = "fair"
    STORM = "storm"
    """Packets are lost, doubled, late and out of order."""
    BLACK = "black"
    """Nothing arrives and nobody is told: connections stay half open until the keepalive ends them."""
    CUT = "cut"
    """Connections break at once and none can be made."""


class Line:
    """Carries what is sent over it, or does not."""

    def __init__(self, kernel: Kernel, name: str, *, swallows: float) -> None:
        self.name = name
        self.weather = Weather.FAIR
        self.fair = Spans()
        self.fair.set(kernel.now, true=True)
        self.kernel = kernel
        self._chance = kernel.chance(f"line {name}")
        self._swallows = swallows
        self._swallowed = -SEVERAL_MS
        self._last: Millis = 0
        self._black: Millis = 0
        self._watchers: list[Callable[[str], None]] = []

    @property
    def open(self) -> bool:
        """Whether a connection can be made."""
        return self.weather in {Weather.FAIR, Weather.STORM}

    def watch(self, broken: Callable[[str], None]) -> None:
        """Tell when every connection over this line is over."""
        self._watchers.append(broken)

    def become(self, weather: Weather) -> None:
        """From now on."""
        if weather is self.weather:
            return
        self.weather = weather
        self.kernel.note("line", self.name, weather)
        self.fair.set(self.kernel.now, true=weather is Weather.FAIR)
        if weather is Weather.CUT:
            self._break("reset")
        elif weather is Weather.BLACK:
            self._black = began = self.kernel.now
            self.kernel.after(KEEPALIVE_MS, only(lambda: self._black == began, self._notice))

    def carry(self, work: Work) -> None:
        """Let it happen at the other end, some time, perhaps."""
        if not self.open:
            return
        chance = self._chance
        if self.weather is Weather.STORM:
            for _ in range(chance.choices([0, 1, 2], [30, 60, 10])[0]):
                self.kernel.after(chance.uniform(20, 4_000), work)
            return
        if chance.random() < self._swallows and self.kernel.now - self._swallowed > SEVERAL_MS:
            self._swallowed = self.kernel.now
            self.kernel.note("line", self.name, "swallows")
            return
        self._last = max(self._last + 1, self.kernel.now + round(chance.uniform(20, 250)))
        self.kernel.at(self._last, work)
        if chance.random() < 0.02:
            self.kernel.at(self._last, work)

    def fails(self) -> bool:
        """Whether a question put over it gets no answer."""
        return not self.open or (self.weather is Weather.STORM and self._chance.random() < 0.4)

    def _notice(self) -> None:
        if self.weather is Weather.BLACK:
            self._break("keepalive")

    def _break(self, reason: str) -> None:
        for each in self._watchers:
            each(reason)
