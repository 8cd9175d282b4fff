"""When an announcement airs: now, at, or by a rule that is materialised ahead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Protocol, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from broadcaster.domain.errors import Malformed, ScheduleEmpty, UnknownZone

HORIZON = timedelta(hours=72)


class Kind(StrEnum):
    """How a schedule is written."""

    NOW = "now"
    AT = "at"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant, as UTC and as the village clock shows it."""

    at: datetime
    wall: str


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
class Weekly:
    """On some days of the week (0 = Monday) at some hours of the village clock."""

    days: tuple[int, ...]
    times: tuple[time, ...]

    def between(self, start: datetime, end: datetime, zone: ZoneInfo) -> list[Moment]:
        """Every such hour; one that a clock change skips comes when the clock has moved on."""
        first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        found = (self._on(day, zone) for day in days if day.weekday() in self.days)
        return [each for moments in found for each in moments if start <= each.at < end]

    def _on(self, day: date, zone: ZoneInfo) -> list[Moment]:
        local = (datetime.combine(day, hour, tzinfo=zone) for hour in sorted(set(self.times)))
        return [moment(when.astimezone(UTC), zone) for when in local]

    def to_json(self) -> dict[str, Any]:
        """As it is stored: {"days": [0], "times": ["05:30"]}."""
        return {"days": list(self.days), "times": [hour.strftime("%H:%M") for hour in self.times]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what a person or the database gave; raises ScheduleEmpty or Malformed."""
        try:
            days = tuple(sorted({int(day) for day in value["days"]}))
            times = tuple(sorted({time.fromisoformat(hour) for hour in value["times"]}))
        except (KeyError, TypeError, ValueError) as error:
            raise Malformed(field="schedule", problem=str(error)) from error
        if not days or not times:
            raise ScheduleEmpty
        if days[0] < 0 or days[-1] > 6 or any(hour.tzinfo for hour in times):
            raise Malformed(field="schedule", problem="days 0–6, times HH:MM")
        return cls(days, times)


def moment(at: datetime, zone: ZoneInfo) -> Moment:
    """An instant with what the clock in that zone shows."""
    return Moment(at.astimezone(UTC), at.astimezone(zone).strftime("%Y-%m-%dT%H:%M"))


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name; raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(zone=name) from error


def rule_of(kind: str, stored: Mapping[str, Any], starts: datetime) -> Rule:
    """The rule a stored schedule stands for."""
    return Weekly.from_json(stored) if kind == Kind.WEEKLY else At(starts)
