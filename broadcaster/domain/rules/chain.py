"""Which dated sets of rules bind one speaker: of its unit and of every unit above it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from broadcaster.domain.rules_of_the_air import DEFAULT, EVERY_DAY
from broadcaster.domain.schedule import public_holidays
from firmware_config.protocol import Holidays, Hours, Millis, Rules

SITES = "loa-sites"
"""Under this name the quiet hours of sites stand in a chain, so that they hold beside every dated set."""
MOST_WINDOWS = 50
"""What one set of rules holds; more quiet hours stand in several."""
RESERVED = frozenset({DEFAULT.unit, SITES, *(f"{SITES}-{number}" for number in range(2, 100))})


def chain_of(
    path: Sequence[str], sets: Mapping[str, Sequence[Rules]], quiet: Collection[Hours] = (), *, since: Millis, zone: str
) -> tuple[Rules, ...]:
    """The sets of all units of `path` that are in force at `since` or come later, the topmost unit's first.

    Until the first of them begins, and where there is none, the usual rules hold.
    """
    mine = [still(sets.get(unit, ()), since) for unit in path]
    found = [rules for dated in mine for rules in dated]
    first = min(found, key=lambda rules: rules.since, default=DEFAULT)
    usual = [] if found and first.since <= since else [replace(DEFAULT, unit=first.unit, zone=zone)]
    return (*usual, *found, *quiet_rules(quiet, zone))


def still(dated: Iterable[Rules], since: Millis) -> list[Rules]:
    """Of one unit's sets the one in force at `since` and those to come, in their order; of one moment the latest."""
    latest = {rules.since: rules for rules in sorted(dated, key=lambda rules: rules.version)}
    ordered = [latest[begins] for begins in sorted(latest)]
    begun = [rules for rules in ordered if rules.since <= since]
    return begun[-1:] + [rules for rules in ordered if rules.since > since]


def quiet_rules(quiet: Collection[Hours], zone: str) -> tuple[Rules, ...]:
    """The quiet hours of sites as rules of their own, which close nothing else."""
    always, windows = (Hours(EVERY_DAY, 0, 24 * 60),), tuple(dict.fromkeys(quiet))
    parts = [windows[at : at + MOST_WINDOWS] for at in range(0, len(windows), MOST_WINDOWS)]
    names = [SITES, *(f"{SITES}-{number}" for number in range(2, len(parts) + 1))]
    return tuple(Rules(1, zone, always, quiet=part, unit=name) for name, part in zip(names, parts, strict=False))


def with_holidays(rules: Rules, year: int) -> Rules:
    """The same with the public holidays of that year and the next, where it asks for them."""
    if rules.holidays is Holidays.USUAL:
        return rules
    days = sorted(public_holidays(year) | public_holidays(year + 1))
    return replace(rules, holiday_dates=tuple(day.year * 10_000 + day.month * 100 + day.day for day in days))


def has_limits(chain: Iterable[Rules]) -> bool:
    """Whether what else is played on the day matters."""
    return any(r.sessions_day or r.session_minutes or r.day_minutes or r.pause_minutes for r in chain)
