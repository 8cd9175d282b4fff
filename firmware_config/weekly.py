"""When the weekly self-test is due: alike on the speaker, which makes it, and on the server, which waits. PURE."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from firmware_config.protocol.codecs import Millis

WEEK = timedelta(days=7)


def last_due(day: int, minute: int, now: datetime, zone: ZoneInfo) -> datetime:
    """The last moment at or before `now` when the clock on the wall showed that weekday (0 = Monday) and minute."""
    today = now.astimezone(zone).date()
    date = today - timedelta(days=(today.weekday() - day) % 7)
    # Two days that begin less than a week ago: one of them may be still to come today.
    for each in (date, date - WEEK):
        due = datetime.combine(each, time(minute // 60, minute % 60), zone).astimezone(UTC)
        if due <= now:
            return due
    raise AssertionError("a week ago is in the past")


def last_due_ms(day: int, minute: int, now: Millis, zone: ZoneInfo) -> Millis:
    """The same in milliseconds."""
    found = last_due(day, minute, datetime.fromtimestamp(now / 1000, UTC), zone)
    return round(found.timestamp() * 1000)
