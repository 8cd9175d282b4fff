"""Any recurrence a person may have chosen, for property tests."""

from datetime import date, time
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from broadcaster.domain.schedule import Holidays, LunarDay, Recurrence, Season

ZONES = [ZoneInfo(name) for name in ("Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")]
RULES = [
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=DAILY;BYMONTH=6,7;BYDAY=MO,SU",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO",
    "FREQ=WEEKLY;INTERVAL=3;WKST=SU;BYDAY=SU,MO",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYMONTHDAY=-1,15",
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO,-1FR",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
    "FREQ=MONTHLY;BYMONTH=9;BYMONTHDAY=2",
    "FREQ=YEARLY",
    "FREQ=YEARLY;INTERVAL=2;BYMONTH=9;BYMONTHDAY=2",
    "FREQ=YEARLY;BYMONTH=11",
    "FREQ=YEARLY;BYDAY=20MO",
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=TU",
    "FREQ=YEARLY;BYYEARDAY=100,-1",
    "FREQ=WEEKLY;BYDAY=SA;UNTIL=20270630",
]

days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
times = st.sets(st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45])), min_size=1, max_size=4)
hours = times.map(lambda chosen: tuple(sorted(chosen)))
lunar_days = st.builds(LunarDay, st.none() | st.integers(1, 12), st.integers(0, 30))
seasons = st.builds(Season, st.sampled_from([401, 1101, 229]), st.sampled_from([930, 331, 1231]), hours)


@st.composite
def recurrences(draw: st.DrawFn) -> Recurrence:
    """One with at least one way to come round and at least one hour."""
    rule = draw(st.sampled_from(["", *RULES]))
    lunar = tuple(dict.fromkeys(draw(st.lists(lunar_days, min_size=0 if rule else 1, max_size=3))))
    return Recurrence(
        rrule=rule,
        lunar=lunar,
        times=draw(hours),
        seasons=tuple(draw(st.lists(seasons, max_size=1))),
        excepted=tuple(sorted(draw(st.sets(days, max_size=3)))),
        also=tuple(sorted(draw(st.sets(days, max_size=3)))),
        holidays=draw(st.sampled_from(list(Holidays))),
        since=draw(st.none() | days),
    )
