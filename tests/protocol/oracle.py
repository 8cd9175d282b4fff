"""The rules of the air a second time: slow, minute by minute, and sharing no line with the product."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from firmware_config.protocol import Barred, Exempt, Holidays, Hours, Kind, Klass, Played, Rules, Sound

MINUTE = 60_000
Interval = tuple[int, int]


def why_barred(
    chain: Sequence[Rules], sound: Sound, heard: Collection[Played] = (), exempt: Collection[Exempt] = ()
) -> Barred | None:
    """The first of all reasons of all sets in force; what `barred` must say."""
    if sound.klass is Klass.EMERGENCY and sound.kind is Kind.LIVE:
        return None
    for one in exempt:
        if one.announcement == sound.announcement and sound.start >= one.start and sound.start + sound.ms <= one.end:
            return None
    sets = [rules for rules in chain if not _replaced(rules, chain, sound.start)]
    if not sets:
        return Barred.OUTSIDE_HOURS
    reasons = {reason for rules in sets for reason in _reasons(rules, sound, [(one.start, one.end) for one in heard])}
    return next((reason for reason in Barred if reason in reasons), None)


def _replaced(rules: Rules, chain: Sequence[Rules], at: int) -> bool:
    """Whether the set is not in force yet, or no longer."""
    return rules.since > at or any(
        other.unit == rules.unit and rules.since < other.since <= at for other in chain if other is not rules
    )


def _reasons(rules: Rules, sound: Sound, heard: list[Interval]) -> Iterator[Barred]:
    zone = ZoneInfo(rules.zone)
    last = sound.start + max(sound.ms, 1) - 1
    walls = [_wall(at, zone) for at in [*range(sound.start, last, MINUTE), last]]
    if not all(_inside(rules.hours, wall, rules) for wall in walls):
        yield Barred.OUTSIDE_HOURS
    if rules.holidays is Holidays.SILENT and any(_holiday(rules, wall.date()) for wall in walls):
        yield Barred.HOLIDAY
    if any(_inside(rules.quiet, wall, rules) for wall in walls):
        yield Barred.QUIET_SITE
    if rules.categories != () and sound.category not in set(rules.categories):
        yield Barred.CATEGORY
    yield from _budgets(rules, (sound.start, sound.start + sound.ms), heard, zone)


def _budgets(rules: Rules, mine: Interval, heard: list[Interval], zone: ZoneInfo) -> Iterator[Barred]:
    plays = [*heard, mine]
    sessions = [(min(s for s, _ in one), max(e for _, e in one)) for one in _together(plays)]
    own = next(one for one in sessions if one[0] <= mine[0] and mine[1] <= one[1])
    if rules.session_minutes and own[1] - own[0] > rules.session_minutes * MINUTE:
        yield Barred.SESSION_LENGTH
    today = [one for one in sessions if _wall(one[0], zone).date() == _wall(own[0], zone).date()]
    if rules.sessions_day and len(today) > rules.sessions_day:
        yield Barred.SESSIONS_SPENT
    minutes = [e - s for s, e in plays if _wall(s, zone).date() == _wall(mine[0], zone).date()]
    if rules.day_minutes and sum(minutes) > rules.day_minutes * MINUTE:
        yield Barred.DAY_SPENT
    if any(_gap(one, own) < rules.pause_minutes * MINUTE for one in sessions if one != own):
        yield Barred.PAUSE


def _together(plays: list[Interval]) -> list[list[Interval]]:
    """Plays in groups: whatever lies within a minute of one of a group belongs to it."""
    left, groups = list(plays), []
    while left:
        group = [left.pop()]
        for one in group:
            near = [other for other in left if _gap(one, other) <= MINUTE]
            left = [other for other in left if other not in near]
            # The loop goes on over what was added.
            group += near
        groups.append(group)
    return groups


def _gap(one: Interval, other: Interval) -> int:
    return max(one[0] - other[1], other[0] - one[1])


def _inside(windows: Sequence[Hours], wall: datetime, rules: Rules) -> bool:
    weekday = 6 if rules.holidays is Holidays.SUNDAY and _holiday(rules, wall.date()) else wall.weekday()
    minute = wall.hour * 60 + wall.minute
    return any(weekday in one.days and one.start <= minute < one.end and _season(one, wall.date()) for one in windows)


def _season(window: Hours, day: date) -> bool:
    """Walks through the year from the season's first day until its last."""
    at = window.first
    while at != window.last:
        if at == day.month * 100 + day.day:
            return True
        at = at + 1 if at % 100 < 31 else (at // 100 % 12 + 1) * 100 + 1
    return at == day.month * 100 + day.day


def _holiday(rules: Rules, day: date) -> bool:
    return int(day.strftime("%Y%m%d")) in rules.holiday_dates


def _wall(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at // 1000, zone)
