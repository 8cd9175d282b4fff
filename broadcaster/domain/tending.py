"""What a person decides about one loudspeaker, and its manifest tells it: volume, languages, card, data, self-test."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from broadcaster.domain import languages
from broadcaster.domain.errors import BadMonthlyData, BadSilence, BadSink, BadTestTime, BadVolume, LanguageTwice
from firmware_config.protocol import Klass
from firmware_config.protocol.manifest import MAX_SILENCE_MS, SINK

MB = 1_000_000
LOUDEST = 100
KEEPING_IN_TOUCH = 40 * MB
"""A month of pings, questions and states by either path, rounded up; `make bench ARGS=idle` measures it."""
LEAST_MONTH = KEEPING_IN_TOUCH
MOST_MONTH = 1_000_000 * MB
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Care:
    """All of it; the defaults are those of a loudspeaker nobody has tended yet."""

    volume_max: int = LOUDEST
    """0..100, for every class."""
    volumes: Mapping[str, int] = field(default_factory=dict)
    """Class → 0..100, where a class is to be less loud than `volume_max`."""
    languages: tuple[str, ...] = ()
    """In which order versions are heard; empty = as its unit says."""
    sink: str = ""
    """Where its sound goes; empty = as it was set up."""
    lead_ms: int = 0
    tail_ms: int = 0
    month_bytes: int = 0
    """What its SIM card may carry in a month; 0 = any amount."""
    test_day: int = 0
    """0 = Monday."""
    test_minute: int = 540
    test_silent: bool = True


NAMES = frozenset(each.name for each in fields(Care))


def cared(row: object) -> Care:
    """What stands in the columns of a loudspeaker."""
    return tended(Care(), {name: getattr(row, name) for name in NAMES})


def tended(care: Care, given: Mapping[str, Any]) -> Care:
    """With what is `given` in place of what was, nothing of it checked."""
    wanted = replace(care, **given)
    return replace(wanted, languages=tuple(wanted.languages), volumes=dict(wanted.volumes))


def checked(care: Care) -> Care:
    """The same, fit to be told.

    Raises BadVolume, BadSilence, BadSink, BadMonthlyData, BadTestTime, UnknownLanguage, LanguageTwice, Malformed.
    """
    _check_volumes(care)
    for silence in (care.lead_ms, care.tail_ms):
        if not _is_within(silence, 0, MAX_SILENCE_MS):
            raise BadSilence(value=_shown(silence), most=MAX_SILENCE_MS)
    if SINK.fullmatch(care.sink) is None:
        raise BadSink(sink=_shown(care.sink))
    if care.month_bytes != 0 and not _is_within(care.month_bytes, LEAST_MONTH, MOST_MONTH):
        raise BadMonthlyData(value=_shown(care.month_bytes), least=LEAST_MONTH, most=MOST_MONTH)
    if not (_is_within(care.test_day, 0, 6) and _is_within(care.test_minute, 0, 1439)):
        raise BadTestTime(day=_shown(care.test_day), at=clock(care.test_minute))
    for tag in care.languages:
        languages.require(tag)
        if care.languages.count(tag) > 1:
            raise LanguageTwice(language=tag)
    return care


def difference(before: Care, after: Care) -> dict[str, dict[str, Any]]:
    """What is another, as it was and as it is: {"before": {…}, "after": {…}}, both empty when nothing is."""
    other = [name for name in sorted(NAMES) if getattr(before, name) != getattr(after, name)]
    return {"before": _told(before, other), "after": _told(after, other)}


def minute_of(text: str) -> int:
    """Minutes since midnight of "9:05"; raises BadTestTime."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise BadTestTime(day="", at=_shown(text))
    return int(found[1]) * 60 + int(found[2])


def clock(minute: int) -> str:
    """As an hour is written: "09:05"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _check_volumes(care: Care) -> None:
    for volume in (care.volume_max, *care.volumes.values()):
        if not _is_within(volume, 0, LOUDEST):
            raise BadVolume(value=_shown(volume))
    unknown = set(care.volumes) - {klass.value for klass in Klass}
    if unknown:
        raise BadVolume(value=_shown(min(unknown)))


def _told(care: Care, names: Iterable[str]) -> dict[str, Any]:
    found = {name: getattr(care, name) for name in names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _is_within(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _shown(value: object) -> str:
    return str(value)[:60]
