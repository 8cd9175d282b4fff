"""From which figure on a board is ill, from which it is well again, and how far a figure must move to be news. PURE.

One table for the agent, the doctor and the pages.
"""

from collections.abc import Collection
from dataclasses import dataclass

from firmware_config.protocol import Health

Figure = int
"""A truth counts as 1."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A figure at or beyond `bound` is the problem `code`; it lasts until the figure is back at `clear`.

    Beyond means above where `bound` is greater than `clear`, else below.
    """

    figure: str
    bound: Figure
    clear: Figure
    code: str

    def ill(self, value: Figure, *, already: bool = False) -> bool:
        """Whether the value is ill, given whether it was before."""
        if self.bound > self.clear:
            return value >= self.bound or (already and value > self.clear)
        return value <= self.bound or (already and value < self.clear)

    def distance(self, value: Figure) -> Figure:
        """The value without its sign where only the size counts."""
        return abs(value) if self.figure in _SIZES else value


_SIZES = frozenset({"clock_offset_ms"})

THRESHOLDS: tuple[Threshold, ...] = (
    Threshold("centigrade", 80, 72, "too_hot"),
    Threshold("under_voltage", 1, 0, "under_voltage"),
    Threshold("under_voltage_seen", 1, 0, "under_voltage_seen"),
    Threshold("free_disk_mb", 50, 80, "disk_nearly_full"),
    Threshold("worn_percent", 80, 70, "disk_worn"),
    Threshold("disk_errors", 1, 0, "disk_errors"),
    Threshold("read_only", 1, 0, "disk_read_only"),
    Threshold("free_memory_mb", 30, 45, "memory_low"),
    Threshold("clock_offset_ms", 120_000, 5_000, "clock_wrong"),
    Threshold("signal_percent", 20, 30, "signal_weak"),
)
"""A weak supply is one alarm: `under_voltage_seen` gives way to `under_voltage`."""

NEWS: dict[str, int] = {
    "centigrade": 6,
    "under_voltage": 1,
    "under_voltage_seen": 1,
    "free_disk_mb": 250,
    "worn_percent": 5,
    "disk_errors": 1,
    "read_only": 1,
    "free_memory_mb": 40,
    "clock_offset_ms": 2_000,
    "signal_percent": 20,
    "bytes_month": 2_000_000,
}
"""By how much a figure must move to be told anew; one that is not named rides along with other news."""


def ailments(health: Health, before: Collection[str] = ()) -> tuple[str, ...]:
    """The codes of what is ill, in the order of the table; `before` are those of the last look."""
    found = []
    for one in THRESHOLDS:
        value: Figure | None = getattr(health, one.figure)
        if value is not None and one.ill(one.distance(value), already=one.code in before):
            found.append(one.code)
    if "under_voltage" in found and "under_voltage_seen" in found:
        found.remove("under_voltage_seen")
    return tuple(found)


def moved(told: Health, now: Health) -> bool:
    """Whether a figure has moved far enough from what was told last, has come or has gone."""
    return any(_far(getattr(told, name), getattr(now, name), step) for name, step in NEWS.items())


def _far(told: Figure | None, now: Figure | None, step: int) -> bool:
    if told is None or now is None:
        return told is not now
    return abs(now - told) >= step
