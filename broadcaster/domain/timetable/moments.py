"""The moments of an event, on the clock of the place where it will be heard."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Event

from broadcaster.domain.errors import ForeignZone, Malformed, ScheduleEmpty, UnknownZone
from broadcaster.domain.schedule import instant

MONTH = timedelta(days=15)
SAMPLES = 48
"""Half-months looked at to tell whether two clocks always agree: two years."""


@dataclass(frozen=True, slots=True)
class Wall:
    """A moment: the instant, the local day and hour here, and by whose clock it was written (None = any place's)."""

    at: datetime
    local: datetime
    zone: str
    theirs: ZoneInfo | None


def wall_of(event: Event, name: str, zone: ZoneInfo) -> Wall:
    """A date-time of the event. Raises Malformed, ScheduleEmpty for a day without an hour, UnknownZone."""
    value = event.get(name)
    if value is None or isinstance(value, list):
        raise Malformed(field=name, problem="DATE-TIME")
    return _wall(name, value.dt, str(value.params.get("TZID", "")), zone)


def days_of(event: Event, name: str, begins: Wall, zone: ZoneInfo) -> set[date]:
    """The local days of EXDATE or RDATE. Raises Malformed for an hour that is not that of the event itself."""
    value = event.get(name)
    found: set[date] = set()
    for group in value if isinstance(value, list) else [value] if value is not None else []:
        for each in group.dts:
            if not isinstance(each.dt, datetime):
                found.add(each.dt)
                continue
            local = _wall(name, each.dt, str(group.params.get("TZID", "")), zone).local
            if name == "RDATE" and local.time() != begins.local.time():
                raise Malformed(field=name, problem=local.strftime("%H:%M"))
            found.add(local.date())
    return found


def same_clock(begins: Wall, zone: ZoneInfo) -> None:
    """Raise ForeignZone for a recurrence by a clock that does not always agree with the one here."""
    if begins.theirs is None:
        return
    for number in range(SAMPLES):
        at = begins.at + MONTH * number
        if at.astimezone(begins.theirs).utcoffset() != at.astimezone(zone).utcoffset():
            raise ForeignZone(zone=begins.zone, here=zone.key)


def _wall(name: str, value: object, tzid: str, zone: ZoneInfo) -> Wall:
    if not isinstance(value, datetime):
        if isinstance(value, date):
            raise ScheduleEmpty
        raise Malformed(field=name, problem="DATE-TIME")
    if value.tzinfo is None:
        if tzid:
            raise UnknownZone(zone=tzid[:80])
        at = instant(value.date(), value.time().replace(second=0, microsecond=0), zone)
        return Wall(at, at.astimezone(zone), "", None)
    at = value.astimezone(UTC).replace(second=0, microsecond=0)
    theirs = value.tzinfo if isinstance(value.tzinfo, ZoneInfo) else ZoneInfo("UTC")
    return Wall(at, at.astimezone(zone), theirs.key, theirs)
