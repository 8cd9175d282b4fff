"""What every language must be able to say."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """Words in braces are filled in; {items} is a list already joined by `both`."""

    both: str
    weekdays: tuple[str, ...]
    """Monday first, as they stand in a list."""
    months: tuple[str, ...]
    numbers: Mapping[int, str]
    """Day numbers that are not written like the others."""
    number: str
    ordinal: str
    """A number that says which one, unless it is among `numbers`."""
    month_day: str
    last_day: str
    nth_last_day: str
    nth: Mapping[int, str]
    """Which one in its month or year, where there is a word for it; -1 is the last."""
    nth_other: str
    nth_from_end: str
    nth_weekday: str
    year_date: str
    year_day: str
    year_day_from_end: str
    week: str
    every_day: str
    working_days: str
    each: Mapping[str, str]
    """By frequency: every week on {items}."""
    every: Mapping[str, str]
    """By frequency: every {n} weeks on {items}; daily has no items."""
    only: str
    only_in: str
    """What narrows it to months or weeks."""
    of_those: str
    lunar_monthly: str
    lunar_days: Mapping[int, str]
    """Lunar days with a name of their own; 0 is the last of the month."""
    lunar_last_of: str
    """The last day, where its month is said after it."""
    lunar_low: str
    """Days 1–10."""
    lunar_day: str
    lunar_months: Mapping[int, str]
    lunar_month: str
    lunar_leap: str
    lunar_date: str
    lunar_yearly: str
    times: str
    season: str
    season_silent: str
    in_season_only: str
    since: str
    through: str
    until: str
    count: str
    dates: str
    date_in_list: str
    on_holidays: str
    not_on_holidays: str
    holidays_only: str
    excepted: str
    also: str
    more: str
    once: str
    now: str
    repeating: str
    standby: str
    date: str
    """{d} {m} {y} are plain numbers, {month} is by name."""
    clock: str
    full_hour: str
