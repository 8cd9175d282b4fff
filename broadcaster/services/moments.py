"""Between the database's datetimes and the wire's milliseconds."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLI = timedelta(milliseconds=1)


def millis(at: datetime) -> int:
    """Whole milliseconds since 1970-01-01T00:00:00Z, rounded down."""
    return (at - _EPOCH) // _MILLI


def moment(at: int) -> datetime:
    """The same moment as a datetime in UTC."""
    return _EPOCH + at * _MILLI
