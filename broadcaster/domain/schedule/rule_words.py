"""The days of a recurrence rule in words; every part that may stand in a rule has its words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from broadcaster.domain.schedule.rrules import Days, parse
from broadcaster.domain.schedule.wording import Wording

WORKING, WHOLE_WEEK = tuple((0, day) for day in range(5)), tuple((0, day) for day in range(7))


def days(say: Wording, text: str, begin: date) -> str:
    """Which days the rule chooses; `begin` gives the day that the rule leaves open."""
    rule = _filled(parse(text), begin)
    plain = rule.interval == 1 and not rule.by
    if plain and rule.freq in {"DAILY", "WEEKLY"} and set(rule.weekdays) == set(WORKING):
        return say.working_days + _count(say, rule)
    if plain and rule.freq in {"DAILY", "WEEKLY"} and set(rule.weekdays or WHOLE_WEEK) == set(WHOLE_WEEK):
        return say.every_day + _count(say, rule)
    items, narrowed = _items(say, rule)
    table = say.each if rule.interval == 1 else say.every
    said = table[rule.freq].format(n=rule.interval, items=both(say, items))
    return said + narrowed + _of_those(say, rule) + _count(say, rule)


def last_day(text: str) -> date | None:
    """Until when the rule itself says it runs."""
    return parse(text).until if text else None


def both(say: Wording, items: Sequence[str]) -> str:
    """A list as it is said: a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return say.both.format(first=", ".join(items[:-1]), last=items[-1])


def numbered(say: Wording, number: int) -> str:
    """A number of a day as the language writes it: 1st, 1er, 1."""
    return say.numbers.get(number) or say.number.format(n=number)


def ordinal(say: Wording, number: int) -> str:
    """Which one, as the language writes it: 2nd, 2e, 2."""
    return say.numbers.get(number) or say.ordinal.format(n=number)


def year_date(say: Wording, month: int, day: int, *, bare: bool = False) -> str:
    """A day of every year: 2/9, 2 September; `bare` without what a list of dates puts before it."""
    said = say.year_date.format(n=numbered(say, day), d=day, m=month, month=say.months[month - 1])
    return said.removeprefix("ngày ").removeprefix("le ") if bare else said


def _filled(rule: Days, begin: date) -> Days:
    if not rule.needs_beginning():
        return rule
    if rule.freq == "WEEKLY" or "BYWEEKNO" in rule.by:
        return replace(rule, weekdays=((0, begin.weekday()),))
    by = {"BYMONTHDAY": (begin.day,)}
    if rule.freq == "YEARLY" and "BYMONTH" not in rule.by:
        by["BYMONTH"] = (begin.month,)
    return replace(rule, by={**rule.by, **by})


def _items(say: Wording, rule: Days) -> tuple[list[str], str]:
    """What the frequency is said with, and what narrows it."""
    months = [say.months[month - 1] for month in rule.by.get("BYMONTH", ())]
    weeks = [say.week.format(n=week, d=week) for week in rule.by.get("BYWEEKNO", ())]
    month_days = [_month_day(say, day) for day in rule.by.get("BYMONTHDAY", ())]
    dates = [_year_day(say, day) for day in rule.by.get("BYYEARDAY", ())]
    if rule.freq == "YEARLY" and months and all(day > 0 for day in rule.by.get("BYMONTHDAY", (0,))):
        dates += [year_date(say, month, day) for month in rule.by["BYMONTH"] for day in rule.by["BYMONTHDAY"]]
        months, month_days = [], []
    chosen = [each for each in ([_weekday(say, *each) for each in rule.weekdays], month_days, dates) if each]
    items, rest = ([], chosen) if rule.freq == "DAILY" else (chosen[0], chosen[1:])
    narrowed = [say.only.format(items=both(say, each)) for each in rest]
    narrowed += [say.only_in.format(items=both(say, each)) for each in (months, weeks) if each]
    return items, "".join(narrowed)


def _weekday(say: Wording, which: int, day: int) -> str:
    name = say.weekdays[day]
    if not which:
        return name
    return say.nth_weekday.format(nth=_nth(say, which), day=name, bare=name.removeprefix("le "))


def _nth(say: Wording, which: int) -> str:
    if which in say.nth:
        return say.nth[which]
    number = abs(which)
    return (say.nth_other if which > 0 else say.nth_from_end).format(n=numbered(say, number), d=number)


def _month_day(say: Wording, day: int) -> str:
    if day == -1:
        return say.last_day
    return (say.month_day if day > 0 else say.nth_last_day).format(n=numbered(say, abs(day)), d=abs(day))


def _year_day(say: Wording, day: int) -> str:
    return (say.year_day if day > 0 else say.year_day_from_end).format(n=ordinal(say, abs(day)))


def _of_those(say: Wording, rule: Days) -> str:
    chosen = [_nth(say, which) for which in rule.by.get("BYSETPOS", ())]
    return say.of_those.format(items=both(say, chosen)) if chosen else ""


def _count(say: Wording, rule: Days) -> str:
    return say.count.format(n=rule.count, d=rule.count) if rule.count else ""
