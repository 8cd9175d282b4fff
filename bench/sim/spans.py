"""When something held: kept by whoever makes it so, read by the oracle."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from firmware_config.protocol import Millis

Span = tuple[Millis, Millis]


@dataclass
class Spans:
    """True from some moments to others."""

    _since: Millis | None = None
    _over: list[Span] = field(default_factory=list)

    def set(self, now: Millis, *, true: bool) -> None:
        """From now on."""
        if true and self._since is None:
            self._since = now
        elif not true and self._since is not None:
            self._over.append((self._since, now))
            self._since = None

    @property
    def holds(self) -> bool:
        """Whether it is true now."""
        return self._since is not None

    def until(self, now: Millis) -> list[Span]:
        """All of them in order."""
        return [*self._over, *([] if self._since is None else [(self._since, now)])]


def both(ones: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Where two things held at once."""
    others = list(others)
    found = [(max(a, c), min(b, d)) for a, b in ones for c, d in others]
    return sorted((start, end) for start, end in found if start < end)


def either(*several: Iterable[Span]) -> list[Span]:
    """Where at least one held, pieces that touch joined."""
    found: list[Span] = []
    for start, end in sorted(span for spans in several for span in spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def longest(spans: Iterable[Span]) -> Millis:
    """The longest in one piece."""
    return max((end - start for start, end in spans), default=0)
