"""How long to wait after a failure: full jitter, so that a thousand speakers never come back at once."""

from dataclasses import dataclass

LEAST_S = 1.0
MOST_S = 60.0


@dataclass(slots=True)
class Backoff:
    """Counts failures in a row."""

    failures: int = 0

    def next(self, chance: float) -> float:
        """Seconds until the next try; `chance` is drawn evenly from 0..1."""
        ceiling = min(MOST_S, LEAST_S * 2.0 ** min(self.failures, 6))
        self.failures += 1
        return ceiling * chance

    def reset(self) -> None:
        """It worked."""
        self.failures = 0
