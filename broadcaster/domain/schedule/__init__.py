"""When an announcement airs, in the time of the village clock, the moon and the calendar."""

from broadcaster.domain.schedule.clock import Moment, instant, moment, zone_named
from broadcaster.domain.schedule.free_days import Holidays, public_holidays
from broadcaster.domain.schedule.kinds import (
    HORIZON,
    MOST_DAYS,
    NEAR_DAYS,
    NOTHING_MORE,
    At,
    Kind,
    Repeating,
    Rule,
    rule_of,
    seen_until,
)
from broadcaster.domain.schedule.lunar import Lunar, LunarDay, lunar_of
from broadcaster.domain.schedule.recurrence import Recurrence
from broadcaster.domain.schedule.seasons import Season

__all__ = [
    "HORIZON",
    "MOST_DAYS",
    "NEAR_DAYS",
    "NOTHING_MORE",
    "At",
    "Holidays",
    "Kind",
    "Lunar",
    "LunarDay",
    "Moment",
    "Recurrence",
    "Repeating",
    "Rule",
    "Season",
    "instant",
    "lunar_of",
    "moment",
    "public_holidays",
    "rule_of",
    "seen_until",
    "zone_named",
]
