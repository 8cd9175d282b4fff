"""Chains of rules, sounds and plays, near midnights, New Year and the nights on which clocks are changed."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from firmware_config.protocol import Exempt, Holidays, Hours, Kind, Klass, Played, Rules, Sound

MINUTE = 60_000
ZONES = (
    "Asia/Ho_Chi_Minh",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Beirut",
    "UTC",
)
NEAR = tuple(
    int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)
    for text in (
        "2026-03-29T00:00",
        "2026-10-24T23:00",
        "2026-10-25T00:00",
        "2026-03-08T06:00",
        "2026-11-01T05:00",
        "2026-04-04T14:00",
        "2026-10-03T15:00",
        "2026-04-05T02:00",
        "2026-09-06T03:00",
        "2026-12-31T16:00",
        "2028-02-28T17:00",
        "2026-02-16T17:00",
    )
)
CATEGORIES = ("general", "weather", "health")
DATES = (20260216, 20260217, 20260329, 20261025, 20261101, 20270101, 20280229)

moments = st.builds(
    lambda near, minutes, ms: near + minutes * MINUTE + ms,
    st.sampled_from(NEAR),
    st.integers(-1800, 1800),
    st.sampled_from((0, 0, 0, 1, 30_000, 59_999)),
)
lengths = st.one_of(
    st.integers(1, 40).map(lambda minutes: minutes * MINUTE), st.integers(1, 400 * MINUTE), st.just(60_001)
)
minutes = st.integers(0, 24).map(lambda hour: hour * 60) | st.integers(0, 1440)


@st.composite
def windows(draw: st.DrawFn) -> Hours:
    """One window; half of them hold on every day of the year."""
    start, end = sorted(draw(st.lists(minutes, min_size=2, max_size=2, unique=True)))
    days = draw(
        st.just(tuple(range(7))) | st.sets(st.integers(0, 6), min_size=1).map(lambda found: tuple(sorted(found)))
    )
    year_days = st.sampled_from((101, 216, 229, 301, 329, 401, 930, 1001, 1025, 1231))
    first, last = draw(st.just((101, 1231)) | st.tuples(year_days, year_days))
    return Hours(days, start, end, first, last)


def limits(*values: int) -> st.SearchStrategy[int]:
    """Mostly none."""
    return st.sampled_from((0, 0, *values))


rules = st.builds(
    Rules,
    version=st.integers(0, 9),
    zone=st.sampled_from(ZONES),
    hours=st.lists(windows(), min_size=1, max_size=4).map(tuple)
    | st.just((Hours(tuple(range(7)), 0, 720), Hours(tuple(range(7)), 720, 1440))),
    since=st.just(0) | moments,
    holidays=st.sampled_from(Holidays),
    holiday_dates=st.sets(st.sampled_from(DATES)).map(lambda found: tuple(sorted(found))),
    quiet=st.lists(windows(), max_size=1).map(tuple) | st.just(()),
    categories=st.sets(st.sampled_from(CATEGORIES), max_size=2).map(lambda found: tuple(sorted(found))) | st.just(()),
    sessions_day=limits(1, 2, 3),
    session_minutes=limits(5, 15, 60),
    day_minutes=limits(10, 45, 120),
    pause_minutes=limits(1, 10, 90),
    unit=st.sampled_from(("tinh", "xa", "ban")),
)
chains = st.lists(rules, min_size=1, max_size=5, unique_by=lambda one: (one.unit, one.since)).map(tuple)
sounds = st.builds(
    Sound,
    klass=st.sampled_from((Klass.NORMAL, Klass.PRIORITY, Klass.NORMAL, Klass.EMERGENCY)),
    kind=st.sampled_from((Kind.LIVE, Kind.LIVE, Kind.DRILL)),
    category=st.sampled_from(CATEGORIES),
    announcement=st.sampled_from(("tb-1", "tb-2")),
    start=moments,
    ms=lengths,
)


@st.composite
def plays_around(draw: st.DrawFn, sound: Sound) -> tuple[Played, ...]:
    """What else is heard around that sound: before, after, joined, overlapping."""
    steps = st.tuples(st.integers(-900, 900), st.integers(0, 40))
    shift = st.sampled_from((0, 0, 1, -1, 59_999))
    found = []
    for from_minute, length in draw(st.lists(steps, max_size=6)):
        start = sound.start + from_minute * MINUTE + draw(shift)
        found.append(Played(start, start + length * MINUTE))
    after = draw(st.sampled_from((None, 0, 60_000, 60_001, 5 * MINUTE)))
    if after is not None:
        found.append(Played(sound.end + after, sound.end + after + 3 * MINUTE))
    return tuple(found)


@st.composite
def exemptions_of(draw: st.DrawFn, sound: Sound) -> tuple[Exempt, ...]:
    """Exemptions that nearly fit the sound, or fit."""
    if draw(st.booleans()):
        return ()
    start = sound.start + draw(st.sampled_from((0, 0, -MINUTE, 1)))
    end = max(start + 1, sound.end + draw(st.sampled_from((0, 0, MINUTE, -1))))
    return (Exempt(draw(st.sampled_from(("tb-1", "tb-2"))), start, end),)
