"""When an announcement airs: now, at, by a recurrence, or a few times in a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Protocol, Self
from zoneinfo import ZoneInfo

from broadcaster.domain.errors import Malformed
from broadcaster.domain.schedule.clock import Moment, moment
from broadcaster.domain.schedule.recurrence import Recurrence

HORIZON = timedelta(hours=72)
NEAR_DAYS, MOST_DAYS = 3, 35
"""How many days ahead a speaker may be planned; with the fewest, exactly to the horizon."""
NOTHING_MORE = datetime(9000, 1, 1, tzinfo=UTC)
"""So far a schedule is planned that has no moment left."""


class Kind(StrEnum):
    """How a schedule is written."""

    NOW = "now"
    AT = "at"
    RECURRING = "recurring"
    REPEATING = "repeating"
    """An emergency, again and again until it is acknowledged or was heard often enough."""
    STANDBY = "standby"
    """Made ready on the speakers, and heard only when it is called up."""


class Rule(Protocol):
    """Anything that says when: the planner asks for a stretch of time at once."""

    def between(self, start: datetime, end: datetime, zone: ZoneInfo) -> list[Moment]:
        """The moments from `start` (included) to `end` (not), in order."""


@dataclass(frozen=True, slots=True)
class At:
    """Once."""

    at: datetime

    def between(self, start: datetime, end: datetime, zone: ZoneInfo) -> list[Moment]:
        """The one moment, where it lies in the stretch."""
        return [moment(self.at, zone)] if start <= self.at < end else []


@dataclass(frozen=True, slots=True)
class Repeating:
    """`times` times from `starts`, `every_minutes` apart."""

    starts: datetime
    every_minutes: int
    times: int

    def between(self, start: datetime, end: datetime, zone: ZoneInfo) -> list[Moment]:
        """Those that lie in the stretch."""
        every = timedelta(minutes=self.every_minutes)
        moments = (self.starts + every * number for number in range(self.times))
        return [moment(at, zone) for at in moments if start <= at < end]

    def to_json(self) -> dict[str, Any]:
        """As it is stored: {"every_minutes": 5, "times": 6}."""
        return {"every_minutes": self.every_minutes, "times": self.times}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], starts: datetime) -> Self:
        """Read it; raises Malformed."""
        every, times = value.get("every_minutes"), value.get("times")
        if not isinstance(every, int) or not isinstance(times, int) or set(value) - {"every_minutes", "times"}:
            raise Malformed(field="schedule", problem="every_minutes, times")
        if not 1 <= every <= 1440 or not 1 <= times <= 100:
            raise Malformed(field="schedule", problem="every_minutes 1–1440, times 1–100")
        return cls(starts, every, times)


def seen_until(now: datetime, days: int) -> datetime:
    """How far a speaker is told that is planned so many days ahead.

    Beyond the horizon it moves once a day, at midnight UTC: a thin line carries one larger manifest a day, not one
    for each airing that comes into sight.
    """
    if days <= NEAR_DAYS:
        return now + HORIZON
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=days + 1), time(), UTC)


def rule_of(kind: str, stored: Mapping[str, Any], starts: datetime) -> Rule:
    """The rule a stored schedule stands for."""
    if kind == Kind.RECURRING:
        return Recurrence.from_json(stored)
    return Repeating.from_json(stored, starts) if kind == Kind.REPEATING else At(starts)
