"""What was said in a month: sums over airings, by subject, by language and by day. Pure; who asks brings the rows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from broadcaster.domain.comparing import Share
from broadcaster.domain.rules.instants import instant
from firmware_config.protocol import Klass
from firmware_config.protocol.budgets import Played, sessions

MINUTE_MS = 60_000
NOTHING = Share()


@dataclass(frozen=True, slots=True)
class Said:
    """One airing as far as it was played in one set of languages; counted are deliveries."""

    airing: str
    announcement: str
    title: str
    category: str
    klass: str
    station: str
    """The unit that wrote it."""
    at: datetime
    sound_ms: int
    due: int
    heard: int
    played: int
    silent: int
    """Nothing was ever heard of them from the loudspeaker."""
    languages: tuple[str, ...]
    """None where it was not played."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What was said under one heading."""

    key: str = ""
    announcements: int = 0
    airings: int = 0
    """That sounded on at least one loudspeaker."""
    sound_ms: int = 0
    heard: Share = NOTHING

    @property
    def minutes(self) -> float:
        """How long it was on the air, to a tenth of a minute."""
        return round(self.sound_ms / MINUTE_MS, 1)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One announcement."""

    id: str
    title: str
    category: str
    klass: str
    first: datetime
    languages: tuple[str, ...]
    sum: Sum
    people: int = 0
    """Living where it was heard."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Where something was heard, and who lives there."""

    units: int = 0
    people: int = 0
    unknown: int = 0
    """Of so many of these units nobody has entered how many live there."""


def total(rows: Sequence[Said]) -> Sum:
    """All of it; an airing that sounded in several languages is one."""
    airings = {row.airing: row for row in rows if row.played}
    return Sum(
        announcements=len({row.announcement for row in airings.values()}),
        airings=len(airings),
        sound_ms=sum(row.sound_ms for row in airings.values()),
        heard=Share(sum(row.heard for row in rows), sum(row.due for row in rows)),
    )


def answered(rows: Iterable[Said]) -> Share:
    """Of all deliveries that fell due, those of which the loudspeaker sent word, whatever the word was."""
    due, silent = 0, 0
    for row in rows:
        due, silent = due + row.due, silent + row.silent
    return Share(due - silent, due)


def by_category(rows: Iterable[Said], keys: Iterable[str]) -> list[Sum]:
    """One sum for each of the subjects, in their order, also where nothing was said; others after them."""
    return _by(((row.category, row) for row in rows), keys)


def by_language(rows: Iterable[Said]) -> list[Sum]:
    """One sum for each language that was played, the most often heard first."""
    found = _by(((language, row) for row in rows for language in row.languages), ())
    return sorted(found, key=lambda one: (-one.airings, one.key))


def by_day(rows: Iterable[Said], days: Sequence[date], zone: ZoneInfo) -> list[Sum]:
    """One sum for each of the days on the clock of the place, named 2026-11-25."""
    dated = ((row.at.astimezone(zone).date().isoformat(), row) for row in rows)
    return _by(dated, [day.isoformat() for day in days])


def sessions_of(rows: Iterable[Said], *, wide: bool) -> int:
    """How often something began to sound after silence; emergencies are none. `wide` = each station by itself."""
    plays: dict[str, dict[str, Played]] = defaultdict(dict)
    for row in rows:
        if row.played and row.klass != Klass.EMERGENCY:
            start = instant(row.at)
            plays[row.station if wide else ""][row.airing] = Played(start, start + row.sound_ms)
    return sum(len(sessions(station.values())) for station in plays.values())


def spoken(rows: Iterable[Said]) -> list[Spoken]:
    """Each announcement that sounded, in the order of their first airing; nobody is counted yet."""
    grouped: dict[str, list[Said]] = defaultdict(list)
    for row in rows:
        grouped[row.announcement].append(row)
    found = [_spoken(mine) for mine in grouped.values() if any(row.played for row in mine)]
    return sorted(found, key=lambda one: (one.first, one.id))


def _spoken(rows: list[Said]) -> Spoken:
    first = min(rows, key=lambda row: row.at)
    languages = dict.fromkeys(language for row in rows for language in row.languages)
    return Spoken(
        id=first.announcement,
        title=first.title,
        category=first.category,
        klass=first.klass,
        first=first.at,
        languages=tuple(languages),
        sum=total(rows),
    )


def reached(units: Iterable[str], parents: Collection[str], people: Mapping[str, int | None]) -> Reached:
    """Who lives in units in which a loudspeaker confirmed that it was heard, each counted once.

    The `parents`, units with others in them, add nobody: a loudspeaker at the commune's office is not heard in all its
    villages.
    """
    villages = {unit for unit in units if unit not in parents}
    known = [people.get(unit) for unit in villages]
    return Reached(len(villages), sum(number or 0 for number in known), sum(number is None for number in known))


def _by(keyed: Iterable[tuple[str, Said]], keys: Iterable[str]) -> list[Sum]:
    grouped: dict[str, list[Said]] = {key: [] for key in keys}
    for key, row in keyed:
        grouped.setdefault(key, []).append(row)
    return [_sum(key, rows) for key, rows in grouped.items()]


def _sum(key: str, rows: list[Said]) -> Sum:
    found = total(rows)
    return Sum(key, found.announcements, found.airings, found.sound_ms, found.heard)
