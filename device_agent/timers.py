"""Things to do again and again."""

import time
from collections.abc import Callable


class Every:
    """Becomes due each so many seconds, plus or minus a share of them."""

    def __init__(
        self,
        seconds: float,
        *,
        spread: float = 0.0,
        at_once: bool = False,
        chance: Callable[[], float] = lambda: 0.5,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._spread = spread
        self._chance = chance
        self._monotonic = monotonic
        self._next = monotonic()
        if not at_once:
            self._advance()

    def due(self) -> bool:
        """Whether the time has come; asking starts the next round."""
        if self._monotonic() < self._next:
            return False
        self._advance()
        return True

    def left_s(self) -> float:
        """Seconds until it is due."""
        return max(0.0, self._next - self._monotonic())

    def _advance(self) -> None:
        share = 1 + self._spread * (2 * self._chance() - 1)
        self._next = self._monotonic() + self._seconds * share
