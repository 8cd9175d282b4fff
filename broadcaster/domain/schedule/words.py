"""A schedule in words: what a clerk has chosen, said back, and the lunar date beside the solar one."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from broadcaster.domain.schedule import rule_words
from broadcaster.domain.schedule.free_days import Holidays
from broadcaster.domain.schedule.kinds import At, Repeating, Rule
from broadcaster.domain.schedule.lunar import LunarDay, lunar_of
from broadcaster.domain.schedule.recurrence import Recurrence
from broadcaster.domain.schedule.rrules import EPOCH
from broadcaster.domain.schedule.rule_words import both, ordinal
from broadcaster.domain.schedule.seasons import Season
from broadcaster.domain.schedule.wording import WORDINGS, Wording

MIDNIGHT = time()
MOST_DATES = 4
ONE_DAY = timedelta(days=1)


def words(rule: Rule, starts: datetime | None, until: datetime | None, language: str) -> str:
    """The schedule in one sentence without a full stop; `starts` and `until` on the clock of its zone.

    `starts` none: it has begun already, and its first day is not said. Unknown languages are answered in Vietnamese.
    """
    say = wording(language)
    if isinstance(rule, Recurrence):
        said = _recurrence(say, rule, starts, until)
    elif isinstance(rule, Repeating):
        begin = starts or rule.starts
        said = say.repeating.format(n=rule.times, minutes=rule.every_minutes, **_when(say, begin))
    else:
        assert isinstance(rule, At)
        said = say.once.format(**_when(say, starts or rule.at))
    return capital(said)


def lunar_words(day: date, language: str) -> str:
    """The lunar date of that day: "mồng 7 tháng 10"."""
    say, lunar = wording(language), lunar_of(day)
    month = _lunar_month(say, lunar.month)
    month = say.lunar_leap.format(month=month) if lunar.leap else month
    return say.lunar_date.format(day=_lunar_day(say, lunar.day, yearly=True), month=month)


def date_words(day: date, language: str) -> str:
    """A day of the calendar: "15/11/2026"."""
    return _date(wording(language), day)


def clock_words(hour: time, language: str) -> str:
    """A time of day: "05:30"."""
    return _clock(wording(language), hour)


def weekday_words(day: int, language: str) -> str:
    """The name of a day of the week alone, 0 = Monday: "Thứ Hai"."""
    return capital(wording(language).weekdays[day].removeprefix("le "))


def wording(language: str) -> Wording:
    """The table of that language, Vietnamese where there is none."""
    return WORDINGS.get(language.split("-", maxsplit=1)[0], WORDINGS["vi"])


def capital(said: str) -> str:
    """With a capital first letter."""
    return said[:1].upper() + said[1:]


def _recurrence(say: Wording, rule: Recurrence, starts: datetime | None, until: datetime | None) -> str:
    parts = [_days(say, rule, starts), _hours(say, rule)]
    parts.append(say.since.format(day=_date(say, starts.date())) if starts else "")
    parts.append(_until(say, until) if until else _rule_end(say, rule))
    if rule.holidays is Holidays.SKIP:
        parts.append(say.not_on_holidays)
    if rule.holidays is Holidays.ONLY and (rule.rrule or rule.lunar):
        parts.append(say.holidays_only)
    if rule.excepted:
        parts.append(say.excepted.format(items=_dates(say, rule.excepted)))
    if rule.also and (rule.rrule or rule.lunar or rule.holidays is Holidays.ONLY):
        parts.append(say.also.format(items=_dates(say, rule.also)))
    return "".join(parts)


def _days(say: Wording, rule: Recurrence, starts: datetime | None) -> str:
    begin = rule.since or (starts.date() if starts else EPOCH)
    said = [rule_words.days(say, rule.rrule, begin)] if rule.rrule else []
    monthly, yearly = ([day for day in rule.lunar if (day.month is None) == wanted] for wanted in (True, False))
    if monthly:
        said.append(say.lunar_monthly.format(items=both(say, [_lunar_day(say, day.day) for day in monthly])))
    if yearly:
        said.append(say.lunar_yearly.format(items=both(say, [_lunar_date(say, day) for day in yearly])))
    if not said:
        alone = rule.holidays is Holidays.ONLY
        said.append(say.on_holidays if alone else say.dates.format(items=_dates(say, rule.also)))
    return both(say, said)


def _hours(say: Wording, rule: Recurrence) -> str:
    usual = _times(say, rule.times) if rule.times else say.in_season_only
    return usual + "".join(_season(say, season) for season in rule.seasons)


def _times(say: Wording, hours: Iterable[time]) -> str:
    return say.times.format(items=both(say, [_clock(say, hour) for hour in hours]))


def _season(say: Wording, season: Season) -> str:
    first, last = (
        rule_words.year_date(say, number // 100, number % 100, bare=True) for number in (season.first, season.last)
    )
    if not season.times:
        return say.season_silent.format(first=first, last=last)
    return say.season.format(first=first, last=last, items=both(say, [_clock(say, hour) for hour in season.times]))


def _until(say: Wording, until: datetime) -> str:
    if until.time() == MIDNIGHT:
        return say.through.format(day=_date(say, until.date() - ONE_DAY))
    return say.until.format(**_when(say, until))


def _rule_end(say: Wording, rule: Recurrence) -> str:
    last = rule_words.last_day(rule.rrule)
    return say.through.format(day=_date(say, last)) if last else ""


def _lunar_date(say: Wording, day: LunarDay) -> str:
    assert day.month is not None
    return say.lunar_date.format(day=_lunar_day(say, day.day, yearly=True), month=_lunar_month(say, day.month))


def _lunar_day(say: Wording, day: int, *, yearly: bool = False) -> str:
    # A month is named after the day: "mồng 1 tháng Giêng", but "ngày rằm và mồng một".
    if yearly and day == 0:
        return say.lunar_last_of
    if day in say.lunar_days and not (yearly and day == 1):
        return say.lunar_days[day]
    return (say.lunar_low if day <= 10 else say.lunar_day).format(n=ordinal(say, day))


def _lunar_month(say: Wording, month: int) -> str:
    return say.lunar_months.get(month) or say.lunar_month.format(n=ordinal(say, month))


def _dates(say: Wording, dates: Sequence[date]) -> str:
    said = [say.date_in_list.format(day=_date(say, day)) for day in dates[:MOST_DATES]]
    rest = len(dates) - len(said)
    return both(say, [*said, say.more.format(n=rest)] if rest else said)


def _when(say: Wording, at: datetime) -> dict[str, str]:
    return {"day": _date(say, at.date()), "hour": _clock(say, at.time())}


def _date(say: Wording, day: date) -> str:
    return say.date.format(d=day.day, m=day.month, y=day.year, month=say.months[day.month - 1])


def _clock(say: Wording, hour: time) -> str:
    return (say.clock if hour.minute else say.full_hour).format(hour=hour.hour, minute=hour.minute)
