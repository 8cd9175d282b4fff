"""What a unit may write into its rules: something that is left, and nothing wider than what the units above allow."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from broadcaster.domain.rules_of_the_air import EVERY_DAY
from firmware_config.protocol import Hours, Rules

Span = tuple[int, int]
"""From one minute of the day to another."""
LEAP = date(2024, 1, 1)
LIMITS = ("sessions_day", "session_minutes", "day_minutes")
VOLUMES = ("volume_day", "volume_night")


@dataclass(frozen=True, slots=True)
class Wider:
    """The first thing found that is wider than above: a field of Rules, what it says and what may be said."""

    unit: str
    """Whose rules are narrower."""
    field: str
    own: int | str | Span
    limit: int | tuple[Span, ...] = 0
    day: int = 0
    """For hours: 0 = Monday."""
    season: int = 101
    """For hours: a day of the year on which it is so, month × 100 + day."""


def wider(own: Rules, above: Iterable[Rules]) -> Wider | None:
    """What `own` says that one of the sets above does not allow, on any day of a leap year; None = nothing."""
    found = (each for rules in above for each in (*_wider_hours(own, rules), *_wider_limits(own, rules)))
    return next(found, None)


def leaves_nothing(chain: Sequence[Rules]) -> bool:
    """Whether on no day of a leap year all of these sets are open for the same minute."""
    for day, season in days_of_interest([one for rules in chain for one in (*rules.hours, *rules.quiet)]):
        left = [(0, 24 * 60)]
        for rules in chain:
            open_ = [each for window in spans(rules.hours, day, season) for each in overlap(window, left)]
            left = minus(merged(open_), spans(rules.quiet, day, season))
        if left:
            return False
    return True


def spans(windows: Iterable[Hours], day: int, season: int) -> list[Span]:
    """The windows of one weekday on one day of the year, touching ones joined."""
    return merged((one.start, one.end) for one in windows if day in one.days and in_season(one, season))


def in_season(window: Hours, season: int) -> bool:
    """Whether a window counts on a day of the year, month × 100 + day; a season may run over New Year."""
    if window.first <= window.last:
        return window.first <= season <= window.last
    return season >= window.first or season <= window.last


def merged(found: Iterable[Span]) -> list[Span]:
    """The same minutes as spans that do not touch."""
    joined: list[Span] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def overlap(window: Span, others: Iterable[Span]) -> list[Span]:
    """What of a window lies in the others."""
    both = [(max(window[0], start), min(window[1], end)) for start, end in others]
    return [(start, end) for start, end in both if start < end]


def minus(windows: Sequence[Span], taken: Iterable[Span]) -> list[Span]:
    """What of the windows lies in none of the others."""
    left = list(windows)
    for start, end in taken:
        left = [part for low, high in left for part in ((low, min(high, start)), (max(low, end), high))]
        left = [(low, high) for low, high in left if low < high]
    return left


def days_of_interest(windows: Iterable[Hours]) -> Iterator[tuple[int, int]]:
    """Every weekday with every day of a leap year on which another season may begin."""
    edges = {each for one in windows for each in (one.first, one.last)}
    # The day after the last one of a season is where the next begins.
    year = [LEAP + timedelta(days=number) for number in range(366)]
    named = [day.month * 100 + day.day for day in year]
    wanted = {0, *(place for place, day in enumerate(named) if day in edges or named[place - 1] in edges)}
    return ((day, named[place]) for place in sorted(wanted) for day in EVERY_DAY)


def _wider_hours(own: Rules, above: Rules) -> Iterator[Wider]:
    for day, season in days_of_interest([*own.hours, *above.hours]):
        allowed = tuple(spans(above.hours, day, season))
        for span in minus(spans(own.hours, day, season), allowed):
            yield Wider(above.unit, "hours", span, allowed, day, season)


def _wider_limits(own: Rules, above: Rules) -> Iterator[Wider]:
    for name in LIMITS:
        if getattr(own, name) > getattr(above, name) > 0:
            yield Wider(above.unit, name, getattr(own, name), getattr(above, name))
    for name in VOLUMES:
        if 100 > getattr(own, name) > getattr(above, name):
            yield Wider(above.unit, name, getattr(own, name), getattr(above, name))
    if 0 < own.pause_minutes < above.pause_minutes:
        yield Wider(above.unit, "pause_minutes", own.pause_minutes, above.pause_minutes)
    for category in own.categories if above.categories else ():
        if category not in above.categories:
            yield Wider(above.unit, "categories", category)
