"""When to leave a service alone: a circuit breaker and a token bucket, both without a clock of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Circuit:
    """Remembers failures in a row and until when not to ask again."""

    failures: int = 0
    open_until: float = 0.0
    """Seconds of the wall clock."""

    TRIP_AFTER = 2
    FIRST_PAUSE_S = 60.0
    LONGEST_PAUSE_S = 1800.0

    def allows(self, now: float) -> bool:
        """Tell whether to ask; a clock set back by more than the longest pause does not keep it shut."""
        return not now < self.open_until <= now + self.LONGEST_PAUSE_S

    def failed(self, now: float) -> Circuit:
        """Return the circuit after a failure: from the second on it opens, each time twice as long."""
        failures = self.failures + 1
        if failures < self.TRIP_AFTER:
            return replace(self, failures=failures)
        doubled = self.FIRST_PAUSE_S * 2.0 ** min(failures - self.TRIP_AFTER, 16)
        return Circuit(failures, now + min(doubled, self.LONGEST_PAUSE_S))

    def answered(self) -> Circuit:
        """Return the circuit after an answer: closed, nothing remembered."""
        return Circuit()


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens that come back with time; one is taken for each request."""

    tokens: float
    at: float
    """When `tokens` was counted, in seconds of any steady clock."""

    def filled(self, now: float, *, per_second: float, most: float) -> Bucket:
        """Return the bucket at `now`."""
        return Bucket(min(most, self.tokens + max(0.0, now - self.at) * per_second), now)

    def taken(self, count: float) -> Bucket | None:
        """Return the bucket with `count` tokens fewer, or None if they are not there."""
        return replace(self, tokens=self.tokens - count) if self.tokens >= count else None
