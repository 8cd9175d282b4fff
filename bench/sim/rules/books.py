"""Rules of the air drawn by chance: those of a lower unit are mostly cut out of what the unit above allows."""

from dataclasses import replace
from random import Random

from firmware_config.protocol import Holidays, Hours, Rules
from tests.protocol.rule_strategies import CATEGORIES

EVERY_DAY = tuple(range(7))


def facts(chance: Random, above: Rules | None, zone: str) -> Rules:
    """A whole set; `above` = what must not be widened."""
    free = _free(chance, zone)
    if above is None or chance.random() < 0.15:
        return free
    categories = tuple(one for one in free.categories if not above.categories or one in above.categories)
    return replace(
        free,
        hours=tuple(_narrowed(chance, one) for one in above.hours),
        categories=categories,
        pause_minutes=max(free.pause_minutes, above.pause_minutes) if free.pause_minutes else 0,
        sessions_day=_least(free.sessions_day, above.sessions_day),
        session_minutes=_least(free.session_minutes, above.session_minutes),
        day_minutes=_least(free.day_minutes, above.day_minutes),
    )


def window(chance: Random, least_hours: int, most_hours: int) -> Hours:
    """Some hours of some days, perhaps of a season."""
    length = chance.randint(least_hours * 60, most_hours * 60)
    start = chance.choice([chance.randint(0, 1440 - length), 60 * chance.randint(0, (1440 - length) // 60)])
    days = EVERY_DAY if chance.random() < 0.7 else tuple(sorted(chance.sample(EVERY_DAY, chance.randint(1, 6))))
    first, last = chance.choice([(101, 1231), (101, 1231), (101, 1231), (1001, 331), (401, 930), (1026, 228)])
    return Hours(days, start, start + length, first, last)


def _free(chance: Random, zone: str) -> Rules:
    return Rules(
        version=1,
        zone=zone,
        hours=_windows(chance),
        holidays=chance.choice([Holidays.USUAL, *Holidays]),
        quiet=(window(chance, 1, 3),) if chance.random() < 0.1 else (),
        categories=tuple(sorted(chance.sample(CATEGORIES, 2))) if chance.random() < 0.15 else (),
        sessions_day=_limit(chance, 2, 4, 8),
        session_minutes=_limit(chance, 5, 15, 60),
        day_minutes=_limit(chance, 15, 40, 90),
        pause_minutes=_limit(chance, 2, 15, 60),
    )


def _limit(chance: Random, *values: int) -> int:
    return chance.choice(values) if chance.random() < 0.2 else 0


def _least(own: int, above: int) -> int:
    return min(own, above) if own and above else own


def _windows(chance: Random) -> tuple[Hours, ...]:
    if chance.random() < 0.4:
        # The whole day in two pieces: what crosses their seam or midnight may be heard.
        seam = chance.randrange(1, 1440)
        return (Hours(EVERY_DAY, 0, seam), Hours(EVERY_DAY, seam, 1440))
    return tuple(window(chance, 3, 14) for _ in range(chance.randint(1, 3)))


def _narrowed(chance: Random, above: Hours) -> Hours:
    if above.end - above.start < 120 or chance.random() < 0.5:
        return above
    return replace(above, start=above.start + chance.randrange(0, 50), end=above.end - chance.randrange(0, 50))
