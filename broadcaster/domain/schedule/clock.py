"""The village clock: which instant it means, also on the two days a year when it is changed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from broadcaster.domain.errors import UnknownZone

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant, as UTC and as the village clock shows it."""

    at: datetime
    wall: str


def moment(at: datetime, zone: ZoneInfo) -> Moment:
    """An instant with what the clock in that zone shows."""
    return Moment(at.astimezone(UTC), at.astimezone(zone).strftime("%Y-%m-%dT%H:%M"))


def instant(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """When the clock shows that hour, in UTC: the first time if it does twice, the next minute it shows if never."""
    wall = datetime.combine(day, hour)
    at = wall.replace(tzinfo=zone).astimezone(UTC)
    while at.astimezone(zone).replace(tzinfo=None) != wall:
        wall += MINUTE
        at = wall.replace(tzinfo=zone).astimezone(UTC)
    return at


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name; raises UnknownZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(zone=name) from error
