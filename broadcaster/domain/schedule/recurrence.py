"""Again and again: days by rule or by the moon, hours by season, with exceptions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from broadcaster.domain.errors import Malformed, ScheduleEmpty
from broadcaster.domain.schedule import rrules
from broadcaster.domain.schedule.clock import Moment, instant, moment
from broadcaster.domain.schedule.free_days import Holidays, kept
from broadcaster.domain.schedule.lunar import LunarDay
from broadcaster.domain.schedule.seasons import Season, hours, written

FIELDS = {"rrule", "lunar", "times", "seasons", "except", "also", "holidays", "from"}
LONGEST = 1000
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Days chosen by `rrule` or `lunar` (a day of either counts), less or only holidays, plus `also`, less `excepted`.

    `since` is where counting begins ("every second week") and the first day that can be meant.
    """

    rrule: str = ""
    lunar: tuple[LunarDay, ...] = ()
    times: tuple[time, ...] = ()
    seasons: tuple[Season, ...] = ()
    excepted: tuple[date, ...] = ()
    also: tuple[date, ...] = ()
    holidays: Holidays = Holidays.INCLUDE
    since: date | None = None

    def between(self, start: datetime, end: datetime, zone: ZoneInfo) -> list[Moment]:
        """Every such hour from `start` (included) to `end` (not), in order, each instant once."""
        if end <= start:
            return []
        # A clock change may carry an hour of the day before into the stretch.
        first, last = start.astimezone(zone).date() - ONE_DAY, end.astimezone(zone).date()
        found = {instant(day, hour, zone) for day in self.days(first, last) for hour in self.hours(day)}
        return [moment(at, zone) for at in sorted(found) if start <= at < end]

    def days(self, first: date, last: date) -> list[date]:
        """The days it comes on from `first` to `last`, both included, in order."""
        chosen = kept(self._chosen(first, last), self.holidays)
        extra = {day for day in self.also if first <= day <= last}
        return sorted(day for day in (chosen | extra).difference(self.excepted) if not self.since or day >= self.since)

    def hours(self, day: date) -> tuple[time, ...]:
        """At which times of that day."""
        return next((season.times for season in self.seasons if season.holds(day)), self.times)

    def _chosen(self, first: date, last: date) -> set[date]:
        stretch = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        if not self.rrule and not self.lunar:
            return set(stretch) if self.holidays is Holidays.ONLY else set()
        by_moon = {day for day in stretch if any(each.is_on(day) for each in self.lunar)}
        if not self.rrule:
            return by_moon
        return by_moon | rrules.parse(self.rrule).between(self.rrule, self.since, first, last)

    def starting(self, day: date) -> Self:
        """The same, counted from that day where it names none; a number of times becomes a last day."""
        since = self.since or day
        if not self.rrule or (rule := rrules.parse(self.rrule)).count is None:
            return replace(self, since=since)
        last = rule.counted_out(since)
        parts = [part for part in self.rrule.split(";") if not part.startswith("COUNT=")]
        return replace(self, since=since, rrule=";".join([*parts, f"UNTIL={last:%Y%m%d}"]))

    def to_json(self) -> dict[str, Any]:
        """As it is stored; what says nothing is left out."""
        stored = {
            "rrule": self.rrule,
            "lunar": [str(each) for each in self.lunar],
            "times": [written(hour) for hour in self.times],
            "seasons": [season.to_json() for season in self.seasons],
            "except": [day.isoformat() for day in self.excepted],
            "also": [day.isoformat() for day in self.also],
            "holidays": "" if self.holidays is Holidays.INCLUDE else self.holidays.value,
            "from": self.since.isoformat() if self.since else "",
        }
        return {name: value for name, value in stored.items() if value}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what was stored or given. Raises ScheduleEmpty, Malformed, ScheduleTooOften, LunarLeapMonth."""
        if not isinstance(value, Mapping) or set(value) - FIELDS - {"days"}:
            raise Malformed(field="schedule", problem=_strange(value))
        rule = cls(
            rrule=_rule(value),
            lunar=tuple(dict.fromkeys(LunarDay.parse(each) for each in _texts(value, "lunar"))),
            times=hours(_texts(value, "times")),
            seasons=tuple(_seasons(value.get("seasons", ()))),
            excepted=_days(value, "except"),
            also=_days(value, "also"),
            holidays=_holidays(value.get("holidays", Holidays.INCLUDE)),
            since=_day("from", value["from"]) if value.get("from") else None,
        )
        comes = rule.rrule or rule.lunar or rule.also or rule.holidays is Holidays.ONLY
        if not comes or not (rule.times or any(season.times for season in rule.seasons)):
            raise ScheduleEmpty
        return rule


def _strange(value: object) -> str:
    return ", ".join(sorted(map(str, set(value) - FIELDS))) if isinstance(value, Mapping) else "{…}"


def _rule(value: Mapping[str, Any]) -> str:
    if "days" in value:
        return _weekly(value["days"])
    text = value.get("rrule", "")
    if not isinstance(text, str) or len(text) > LONGEST:
        raise Malformed(field="rrule", problem="FREQ=…")
    text = text.strip().upper().removeprefix("RRULE:").rstrip(";")
    if text:
        rrules.parse(text)
    return text


def _weekly(days: object) -> str:
    """The first form schedules were stored in: 0 = Monday."""
    if not isinstance(days, list | tuple) or any(not isinstance(day, int) or not 0 <= day <= 6 for day in days):
        raise Malformed(field="schedule", problem="days 0–6")
    return "FREQ=WEEKLY;BYDAY=" + ",".join(rrules.WEEKDAYS[day] for day in sorted(set(days))) if days else ""


def _texts(value: Mapping[str, Any], name: str) -> Sequence[str]:
    found = value.get(name, ())
    if not isinstance(found, list | tuple) or len(found) > LONGEST or any(not isinstance(each, str) for each in found):
        raise Malformed(field=name, problem="[…]")
    return found


def _seasons(value: object) -> Iterable[Season]:
    if not isinstance(value, list | tuple) or any(not isinstance(each, Mapping) for each in value) or len(value) > 12:
        raise Malformed(field="seasons", problem="[{…}]")
    return (Season.from_json(each) for each in value)


def _days(value: Mapping[str, Any], name: str) -> tuple[date, ...]:
    return tuple(sorted({_day(name, each) for each in _texts(value, name)}))


def _day(name: str, value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise Malformed(field=name, problem=str(error)) from error


def _holidays(value: object) -> Holidays:
    try:
        return Holidays(str(value))
    except ValueError as error:
        raise Malformed(field="holidays", problem=", ".join(Holidays)) from error
