"""Rules of the air as hypothesis makes them: short weeks, few windows, so that edges meet."""

from dataclasses import replace

from hypothesis import strategies as st

from broadcaster.domain.rules.instants import instant
from firmware_config.protocol import Exempt, Holidays, Hours, Kind, Klass, Played, Rules, Sound
from tests.cast import NOW

ZONES = ("Asia/Ho_Chi_Minh", "Europe/Berlin", "Australia/Lord_Howe")
BEGIN = instant(NOW)
DAY_MS = 86_400_000
QUARTER = 15
SEASONS = ((101, 1231), (1016, 415), (416, 1015), (1126, 1127))

quarters = st.lists(st.integers(0, 96), min_size=2, max_size=2, unique=True)
spans = quarters.map(lambda pair: (min(pair) * QUARTER, max(pair) * QUARTER))
days = st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(lambda found: tuple(sorted(found)))


@st.composite
def windows(draw: st.DrawFn) -> Hours:
    """Hours of some days in some season."""
    (start, end), (first, last) = draw(spans), draw(st.sampled_from(SEASONS))
    return Hours(draw(days), start, end, first, last)


@st.composite
def rules(draw: st.DrawFn, unit: str = "xa-mau", *, limits: bool = True, since: int = 0) -> Rules:
    """One set of rules."""
    small = st.sampled_from((0, 0, 1, 2, 3)) if limits else st.just(0)
    minutes = st.sampled_from((0, 0, 5, 20, 45)) if limits else st.just(0)
    return Rules(
        version=1,
        zone=draw(st.sampled_from(ZONES)),
        hours=tuple(draw(st.lists(windows(), min_size=1, max_size=4))),
        since=since,
        holidays=draw(st.sampled_from(Holidays)),
        holiday_dates=(20261126,),
        quiet=tuple(draw(st.lists(windows(), max_size=1))),
        categories=draw(st.sampled_from(((), (), ("land",), ("land", "general")))),
        sessions_day=draw(small),
        session_minutes=draw(minutes),
        day_minutes=draw(minutes),
        pause_minutes=draw(minutes),
        unit=unit,
    )


@st.composite
def chains(draw: st.DrawFn) -> tuple[Rules, ...]:
    """Sets of one to three units, one of which changes its rules within two days."""
    units = ("tinh-mau", "xa-mau", "ban-mau")[: draw(st.integers(1, 3))]
    found = [draw(rules(unit)) for unit in units]
    if draw(st.booleans()):
        change = BEGIN + draw(st.integers(0, 48 * 60)) * 60_000
        found.append(replace(draw(rules(units[-1])), since=change, version=2))
    return tuple(found)


instants = st.integers(0, 2 * 24 * 60).map(lambda minute: BEGIN + minute * 60_000)
lengths = st.sampled_from((1, 30_000, 90_000, 15 * 60_000))


@st.composite
def plays(draw: st.DrawFn) -> tuple[Played, ...]:
    """What is heard beside it."""
    starts = draw(st.lists(st.tuples(instants, lengths), max_size=4))
    return tuple(Played(start, start + ms) for start, ms in starts)


sounds = st.builds(
    Sound,
    klass=st.sampled_from((Klass.NORMAL, Klass.PRIORITY)),
    kind=st.just(Kind.LIVE),
    category=st.sampled_from(("general", "land")),
    announcement=st.just("tin-mau"),
    start=instants,
    ms=lengths,
)


@st.composite
def exempts(draw: st.DrawFn) -> tuple[Exempt, ...]:
    """Perhaps an hour or two in which the announcement may be heard all the same."""
    starts = draw(st.lists(instants, max_size=1))
    return tuple(Exempt(draw(st.sampled_from(("tin-mau", "tin-khac"))), start, start + 5_400_000) for start in starts)
