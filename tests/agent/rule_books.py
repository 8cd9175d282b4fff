"""Chains of rules drawn by chance, loose enough for something to be heard and tight enough for much to be refused."""

from dataclasses import replace
from random import Random

from firmware_config.protocol import Holidays, Hours, Rules
from tests.protocol.rule_strategies import CATEGORIES, DATES, ZONES

HOUR = 3_600_000
EVERY_DAY = tuple(range(7))


def chain(chance: Random, now: int) -> tuple[Rules, ...]:
    """One to three units, each with a set in force and sometimes one from a later moment on."""
    found: list[Rules] = []
    zone = chance.choice(ZONES)
    for unit in ("tinh", "xa", "ban")[: chance.randint(1, 3)]:
        own = zone if chance.random() < 0.9 else chance.choice(ZONES)
        found.append(replace(_rules(chance, own), unit=unit))
        if chance.random() < 0.3:
            later = now + chance.randrange(12 * HOUR)
            found.append(replace(_rules(chance, own), unit=unit, since=later))
    return tuple(found)


def _rules(chance: Random, zone: str) -> Rules:
    return Rules(
        version=1,
        zone=zone,
        hours=_windows(chance),
        holidays=chance.choice([*Holidays]),
        holiday_dates=tuple(sorted(chance.sample(DATES, chance.randrange(4)))),
        quiet=(_window(chance, 1, 4),) if chance.random() < 0.15 else (),
        categories=tuple(sorted(chance.sample(CATEGORIES, 2))) if chance.random() < 0.1 else (),
        sessions_day=_limit(chance, 1, 2, 4),
        session_minutes=_limit(chance, 5, 20, 60),
        day_minutes=_limit(chance, 20, 60, 200),
        pause_minutes=_limit(chance, 2, 15, 60),
    )


def _limit(chance: Random, *values: int) -> int:
    return chance.choice(values) if chance.random() < 0.15 else 0


def _windows(chance: Random) -> tuple[Hours, ...]:
    if chance.random() < 0.6:
        # The whole day in two pieces: what crosses their seam or midnight may be heard.
        seam = chance.randrange(1, 1440)
        return (Hours(EVERY_DAY, 0, seam), Hours(EVERY_DAY, seam, 1440))
    return tuple(_window(chance, 2, 14) for _ in range(chance.randint(1, 3)))


def _window(chance: Random, least_hours: int, most_hours: int) -> Hours:
    length = chance.randint(least_hours * 60, most_hours * 60)
    start = chance.randint(0, 1440 - length)
    days = EVERY_DAY if chance.random() < 0.7 else tuple(sorted(chance.sample(EVERY_DAY, chance.randint(1, 6))))
    first, last = chance.choice([(101, 1231), (101, 1231), (1001, 331), (401, 930), (1026, 228)])
    return Hours(days, start, start + length, first, last)
