"""A board's clocks: drift, a wall clock that may be wrong, NTP that comes and goes, a battery or none."""

from collections.abc import Callable

from bench.sim.kernel import Kernel
from bench.sim.spans import Spans
from device_agent.senses import Senses
from firmware_config.protocol import Millis

DRIFT = 40e-6
"""A cheap quartz."""
LONG_AGO: Millis = 1_700_000_000_000
"""What a board without a battery thinks when it starts."""


class Clocks:
    """True time goes in, what the board can ask comes out."""

    def __init__(self, kernel: Kernel, name: str, *, battery: bool, ntp: bool) -> None:
        self.battery = battery
        self.ntp = ntp
        self.known = Spans()
        """When the board has a right to know the time: NTP, a battery, or a signed answer since it started."""
        self._kernel = kernel
        self._chance = kernel.chance(f"clock {name}")
        self._drift = self._chance.uniform(-DRIFT, DRIFT)
        self._started: Millis = kernel.now
        self._wrong: float = 0.0
        self._boots = 0

    def boot(self) -> None:
        """The power came; without a battery so did another time."""
        self._started = self._kernel.now
        self._boots += 1
        self._wrong = 0.0
        if not self.battery and not self.ntp:
            self._wrong = float(LONG_AGO - self._kernel.now)
        self.known.set(self._kernel.now, true=self.battery or self.ntp)

    def off(self) -> None:
        """The power went."""
        self.known.set(self._kernel.now, true=False)

    def answered(self) -> None:
        """A signed time arrived, or might have."""
        self.known.set(self._kernel.now, true=True)

    def step(self, ms: float) -> None:
        """Somebody set the wall clock, unless NTP holds it."""
        if not self.ntp:
            self._wrong += ms
            self._kernel.note("clock", "steps", ms)

    def lose(self) -> None:
        """No NTP any more."""
        self.ntp = False

    def find(self) -> None:
        """NTP steers again."""
        self.ntp, self._wrong = True, 0.0
        self.known.set(self._kernel.now, true=True)

    @property
    def knows(self) -> bool:
        """Whether the board has a right to know the time now."""
        return self.known.holds

    @property
    def mono(self) -> float:
        """Seconds since the board started, by its own quartz."""
        return (self._kernel.now - self._started) * (1 + self._drift) / 1000

    @property
    def wall(self) -> float:
        """Seconds since 1970 as the board shows them."""
        drifted = 0.0 if self.ntp else (self._kernel.now - self._started) * self._drift
        return (self._kernel.now + self._wrong + drifted) / 1000

    def senses(self, pause: Callable[[float], None]) -> Senses:
        """What the agent asks."""
        chance = self._chance
        return Senses(
            mono=lambda: self.mono,
            wall=lambda: self.wall,
            steered=lambda: self.ntp,
            rtc=lambda: self.battery,
            kernel_boot=lambda: f"boot-{self._boots}",
            chance=chance.random,
            name=lambda: f"{chance.getrandbits(96):024x}",
            pause=pause,
        )
