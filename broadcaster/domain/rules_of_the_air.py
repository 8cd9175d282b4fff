"""When people may be disturbed: the speaker's own rules, asked before anything is planned."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from broadcaster.domain.errors import Malformed, OutsideHours, RulesBackwards
from broadcaster.domain.schedule import zone_named
from firmware_config.protocol import Hours, Kind, Klass, Refused, Rules, Sound, barred
from firmware_config.protocol.rules_of_the_air import check_policy

ZONE = "Asia/Ho_Chi_Minh"
EVERY_DAY = tuple(range(7))
# Four communes were in the press for being heard before five in the morning.
DEFAULT = Rules(version=1, zone=ZONE, hours=(Hours(days=EVERY_DAY, start=5 * 60, end=21 * 60),))

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


def _whole(stored: Mapping[str, Any]) -> dict[str, Any]:
    known = {**DEFAULT.to_json(), **stored}
    return {**known, **{name: _windows(known[name]) for name in ("hours", "quiet")}}


def _windows(given: Any) -> Any:  # noqa: ANN401  (whatever was sent; what is no list of windows is refused by the codec)
    if not isinstance(given, list | tuple):
        return given
    return [{**_ALL_YEAR, **window} if isinstance(window, Mapping) else window for window in given]


def check(rules: Rules, klass: str, start: datetime, length: timedelta, *, unit: str) -> None:
    """Raise OutsideHours, with the hours spelled out, unless the whole sound lies within them."""
    begin, ms = int(start.timestamp() * 1000), int(length.total_seconds() * 1000)
    sound = Sound(Klass(klass), Kind.LIVE, "general", "", begin, ms)
    if barred((replace(rules, since=0, categories=()),), sound) is None:
        return
    clock = start.astimezone(zone_named(rules.zone)).strftime("%H:%M")
    raise OutsideHours(unit=unit, hours=spelled(rules.hours), start=clock, next="–")


def spelled(hours: Sequence[Hours]) -> str:
    """The windows as a clerk reads them: "05:00–07:00 (1–5); 17:00–19:00", Monday being 1."""
    return "; ".join(_window(window) for window in hours) or "–"


def _window(window: Hours) -> str:
    text = f"{_clock(window.start)}–{_clock(window.end)}"
    days = sorted(set(window.days))
    if days == list(EVERY_DAY):
        return text
    run = len(days) > 2 and days[-1] - days[0] == len(days) - 1
    named = f"{days[0] + 1}–{days[-1] + 1}" if run else ", ".join(str(day + 1) for day in days)
    return f"{text} ({named})"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
