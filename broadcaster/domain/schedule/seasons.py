"""Other hours in other parts of the year: summer and winter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Self

from broadcaster.domain.errors import Malformed

DAY = ("first", "last")


@dataclass(frozen=True, slots=True)
class Season:
    """Its own hours from `first` to `last` (month * 100 + day, both included); it may pass over New Year."""

    first: int
    last: int
    times: tuple[time, ...]

    def holds(self, day: date) -> bool:
        """Whether the day lies in it."""
        number = day.month * 100 + day.day
        if self.first <= self.last:
            return self.first <= number <= self.last
        return number >= self.first or number <= self.last

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {"first": self.first, "last": self.last, "times": [written(hour) for hour in self.times]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read one; raises Malformed."""
        strange = set(value) - {*DAY, "times"}
        if strange:
            raise Malformed(field="seasons", problem=", ".join(sorted(strange)))
        first, last = (_day(value.get(name)) for name in DAY)
        return cls(first, last, hours(value.get("times", ())))


def hours(value: Sequence[str]) -> tuple[time, ...]:
    """Times of day in order, each once; raises Malformed."""
    try:
        found = {time.fromisoformat(each) for each in value}
    except (TypeError, ValueError) as error:
        raise Malformed(field="times", problem=str(error)) from error
    if any(hour.tzinfo or hour.second or hour.microsecond for hour in found) or isinstance(value, str):
        raise Malformed(field="times", problem="HH:MM")
    return tuple(sorted(found))


def written(hour: time) -> str:
    """05:30."""
    return hour.strftime("%H:%M")


def _day(value: object) -> int:
    try:
        # 2024 is a leap year: a season may end on 29 February.
        assert isinstance(value, int)
        return value if date(2024, value // 100, value % 100) else 0
    except (AssertionError, ValueError) as error:
        raise Malformed(field="seasons", problem="101–1231 (month * 100 + day)") from error
