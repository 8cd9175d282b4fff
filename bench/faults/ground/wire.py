"""A bad line as a rule: which packets of one direction arrive, and when. Time and chance are arguments."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Profile:
    """How bad a line is, in each direction by itself."""

    delay_ms: tuple[int, int] = (0, 0)
    """Least and most, one way, drawn anew for every packet; packets do not overtake each other."""
    loss: float = 0.0
    duplicates: float = 0.0
    bytes_per_s: int = 0
    """0 = as fast as it can."""
    largest: int = 0
    """Bytes of the largest packet that passes; a larger one vanishes and nobody is told. 0 = all pass."""
    queue_bytes: int = 64_000
    """What waits for its turn; beyond it packets are dropped."""


PERFECT = Profile()
MOBILE = Profile(delay_ms=(60, 100), loss=0.05, duplicates=0.01, bytes_per_s=32_000)


@dataclass(slots=True)
class Lane:
    """One direction of a line; the same seed and the same packets give the same fates."""

    profile: Profile
    chance: random.Random
    cut: bool = False
    """Whether everything vanishes."""
    carried: int = 0
    lost: int = 0
    bytes_carried: int = 0
    _free: float = field(default=0.0)
    """When the line has sent what waits."""
    _last: float = field(default=0.0)

    def offer(self, now: float, size: int) -> tuple[float, ...]:
        """The moments at which a packet of `size` bytes arrives: none when it is lost, two when it is doubled."""
        profile = self.profile
        waiting = max(0.0, self._free - now) * profile.bytes_per_s
        full = profile.bytes_per_s > 0 and waiting + size > profile.queue_bytes
        unlucky = self.chance.random() < profile.loss
        if self.cut or unlucky or full or 0 < profile.largest < size:
            self.lost += 1
            return ()
        copies = 2 if self.chance.random() < profile.duplicates else 1
        self.carried += 1
        self.bytes_carried += size
        return tuple(self._through(now, size) for _ in range(copies))

    def _through(self, now: float, size: int) -> float:
        spent = size / self.profile.bytes_per_s if self.profile.bytes_per_s else 0.0
        self._free = max(now, self._free) + spent
        low, high = self.profile.delay_ms
        self._last = max(self._last, self._free + self.chance.uniform(low, high) / 1000)
        return self._last
