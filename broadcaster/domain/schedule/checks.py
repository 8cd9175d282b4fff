"""What a recurrence must be before it is stored: it comes round, ends after it begins, and not too often."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from broadcaster.domain.errors import EndBeforeStart, Malformed, ScheduleNever, ScheduleTooOften
from broadcaster.domain.schedule.recurrence import Recurrence
from broadcaster.domain.schedule.rrules import LEAST_GAP, MOST_TIMES, MOST_YEARS

ONE_DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def check(rule: Recurrence, starts: datetime, until: datetime | None, zone: ZoneInfo) -> None:
    """Raise EndBeforeStart, ScheduleTooOften, ScheduleNever or Malformed where it cannot stand."""
    if until is not None and until <= starts:
        raise EndBeforeStart(start=_shown(starts, zone), end=_shown(until, zone))
    _check_hours(rule)
    _check_seasons(rule)
    if not _comes(rule, starts, until, zone):
        raise ScheduleNever


def first(rule: Recurrence, starts: datetime, until: datetime | None, zone: ZoneInfo, many: int) -> list[datetime]:
    """The first `many` instants from `starts` on, looked for in ever longer stretches up to 40 years."""
    found: list[datetime] = []
    begin, width = starts, timedelta(days=32)
    end = min(until or starts + timedelta(days=366 * MOST_YEARS), starts + timedelta(days=366 * MOST_YEARS))
    while begin < end and len(found) < many:
        stop = min(begin + width, end)
        found += [each.at for each in rule.between(begin, stop, zone)]
        begin, width = stop, max(2 * width, timedelta(days=366))
    return found[:many]


def _comes(rule: Recurrence, starts: datetime, until: datetime | None, zone: ZoneInfo) -> bool:
    return bool(first(rule, starts, until, zone, 1))


def _check_hours(rule: Recurrence) -> None:
    sets = [each for each in (rule.times, *(season.times for season in rule.seasons)) if each]
    # The last hour of one day and the first of the next may come from two seasons.
    overnight = [_on(min(each[0] for each in sets)) + ONE_DAY - _on(max(each[-1] for each in sets))]
    gaps = [_on(later) - _on(sooner) for each in sets for sooner, later in pairwise(each)]
    if min(overnight + gaps) < LEAST_GAP or max(map(len, sets)) > MOST_TIMES:
        raise ScheduleTooOften(times=MOST_TIMES, minutes=LEAST_GAP // MINUTE)


def _check_seasons(rule: Recurrence) -> None:
    if len(rule.seasons) < 2:
        return
    year = (date(2024, 1, 1) + timedelta(days=number) for number in range(366))
    if any(sum(season.holds(day) for season in rule.seasons) > 1 for day in year):
        raise Malformed(field="seasons", problem="overlap")


def _on(hour: time) -> datetime:
    return datetime.combine(date(2024, 1, 1), hour)


def _shown(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%d/%m/%Y %H:%M")
