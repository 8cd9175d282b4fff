"""A board's clock by chance: it drifts, jumps, is lost with the power, and is believed as the agent believes it."""

from dataclasses import dataclass, field
from random import Random

from device_agent.clock import Clock, Reading, anchored, believed, read
from firmware_config.protocol import Millis

HOUR: Millis = 3_600_000
DRIFT = 40e-6
"""A cheap quartz."""


@dataclass
class Board:
    """True time goes in, the time to act on comes out."""

    chance: Random
    booted: Millis
    perfect: bool
    clock: Clock = field(init=False)
    wrong_by: float = 0.0
    """What the wall clock shows too much."""
    looked: Millis = 0
    network: bool = True

    def __post_init__(self) -> None:
        kept = self.perfect or self.chance.random() < 0.5
        self.drift = 0.0 if self.perfect else self.chance.uniform(-DRIFT, DRIFT)
        self.clock = Clock(floor=self.booted, kept=kept)
        self.looked = self.booted

    def look(self, true: Millis) -> Reading:
        """The time now."""
        mono = true - self.booted
        self.wrong_by += (true - self.looked) * self.drift
        if self.network and not self.perfect and self.chance.random() < 0.1:
            self.wrong_by = self.chance.uniform(-150, 150)
        self.looked = true
        wall = true + int(self.wrong_by)
        found = read(self.clock, wall=wall, mono=mono, synchronised=self.network)
        self.clock = believed(self.clock, found, mono)
        return found

    def answered(self, true: Millis) -> None:
        """The broadcaster's signed time arrives."""
        mono = true - self.booted
        self.clock = anchored(self.clock, signed=true, sent_mono=max(0, mono - 80), mono=mono)

    def reboot(self, true: Millis, *, network: bool) -> None:
        """The power is back: what was not on disk is gone, and so is the time where no battery kept it."""
        self.clock = Clock(floor=self.clock.floor, kept=self.clock.kept)
        self.booted = self.looked = true
        self.network = network
        if network:
            self.wrong_by = 0.0
        elif not self.clock.kept:
            self.wrong_by = float(self.chance.choice([-40 * 365 * 24 * HOUR, -5 * HOUR, 3 * HOUR]))

    def lose_network(self) -> None:
        """NTP is gone, perhaps with a jump of the wall clock that nobody believes."""
        self.network = False
        if not self.clock.kept and self.chance.random() < 0.3:
            self.wrong_by += self.chance.choice([-2 * HOUR, 26 * HOUR])

    def back(self) -> None:
        """NTP steers the wall clock again."""
        self.network, self.wrong_by = True, 0.0
