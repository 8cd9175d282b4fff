"""When people may be disturbed: the usual rules, and reading those that somebody wrote."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from broadcaster.domain.errors import Malformed, RulesBackwards
from broadcaster.domain.schedule import zone_named
from firmware_config.protocol import Hours, Refused, Rules
from firmware_config.protocol.rules_of_the_air import check_policy

ZONE = "Asia/Ho_Chi_Minh"
EVERY_DAY = tuple(range(7))
# Four communes were in the press for being heard before five in the morning.
DEFAULT = Rules(version=1, zone=ZONE, hours=(Hours(days=EVERY_DAY, start=5 * 60, end=21 * 60),))

_WHOLE_DAY = (Hours(days=EVERY_DAY, start=0, end=24 * 60),)
_ALL_YEAR = {"first": 101, "last": 1231}


def parse(stored: Mapping[str, Any]) -> Rules:
    """Rules as they are stored or sent, what is left out being the usual.

    Raises Malformed, UnknownZone, or RulesBackwards for hours that end before they begin.
    """
    try:
        rules = Rules.from_json(_whole(stored))
    except Refused as refused:
        raise Malformed(field="rules", problem=refused.detail) from refused
    zone_named(rules.zone)
    for window in (*rules.hours, *rules.quiet):
        if window.start >= window.end:
            raise RulesBackwards(hours=_clock(window.start) + "–" + _clock(window.end))
    try:
        check_policy(rules)
    except Refused as refused:
        raise Malformed(field="rules", problem=refused.detail) from refused
    return rules


def free_rein(unit: str, zone: str) -> Rules:
    """Rules that hold nothing back: for a unit that leaves them to those above it."""
    return Rules(version=1, zone=zone, hours=_WHOLE_DAY, unit=unit)


def is_free_rein(rules: Rules) -> bool:
    """Whether rules hold nothing back."""
    return replace(rules, version=1, since=0, holiday_dates=()) == free_rein(rules.unit, rules.zone)


def _whole(stored: Mapping[str, Any]) -> dict[str, Any]:
    known = {**DEFAULT.to_json(), **stored}
    return {**known, **{name: _windows(known[name]) for name in ("hours", "quiet")}}


def _windows(given: Any) -> Any:  # noqa: ANN401  (whatever was sent; what is no list of windows is refused by the codec)
    if not isinstance(given, list | tuple):
        return given
    return [{**_ALL_YEAR, **window} if isinstance(window, Mapping) else window for window in given]


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
