"""The instants at which what a chain of rules says may change."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from firmware_config.protocol import Millis, Rules
from firmware_config.protocol.hours import MINUTE_MS, stretches, zone_named

DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def edges(chain: Sequence[Rules], begin: Millis, end: Millis) -> list[Millis]:
    """Every instant from `begin` (included) to `end` (not) at which hours, days or sets may change, in order."""
    found = {begin, *(rules.since for rules in chain)}
    for rules in chain:
        found |= {*_by_the_clock(rules, begin, end)}
    return sorted(each for each in found if begin <= each < end)


def instant(at: datetime) -> Millis:
    """Milliseconds since 1970, rounded down."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def when(at: Millis, zone: str = "UTC") -> datetime:
    """The same moment on the clock of a zone."""
    return (_EPOCH + timedelta(milliseconds=at)).astimezone(zone_named(zone))


def whole_minute(at: Millis) -> Millis:
    """The first full minute at or after an instant."""
    return -(-at // MINUTE_MS) * MINUTE_MS


def _by_the_clock(rules: Rules, begin: Millis, end: Millis) -> Iterator[Millis]:
    """When a day begins, the clock is changed, or a window begins or ends."""
    minutes = {minute for one in (*rules.hours, *rules.quiet) for minute in (one.start, one.end)}
    at = begin
    for piece in stretches(begin, end, zone_named(rules.zone)):
        yield at
        for minute in minutes:
            wait = minute * MINUTE_MS - piece.start
            if 0 <= wait < piece.end - piece.start:
                yield at + wait
        at += piece.end - piece.start
