"""A loudspeaker's settings as people read them: how loud it will be, what its month has left, what was changed last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.domain.audience import Place
from broadcaster.domain.languages import LANGUAGES
from broadcaster.domain.schedule.words import weekday_words
from broadcaster.domain.tending import Care, clock
from broadcaster.services.hours.book import Book
from broadcaster.services.moments import millis
from broadcaster.services.places import tending
from broadcaster.store import places
from broadcaster.store.tables import Speaker
from broadcaster.web.i18n import language_name, megabytes, say
from broadcaster.web.labels import KLASS, N_, Label, label
from firmware_config.protocol import Klass, volume_ceiling

HALF_HOUR = timedelta(minutes=30)
NAMES = {
    "volume_max": N_("Highest volume"),
    "volumes": N_("Volume by class"),
    "languages": N_("Languages"),
    "sink": N_("Sound output"),
    "lead_ms": N_("Silence before"),
    "tail_ms": N_("Silence after"),
    "month_bytes": N_("Data for a month"),
    "test_day": N_("Day of the self-test"),
    "test_minute": N_("Hour of the self-test"),
    "test_silent": N_("Self-test without a sound"),
}
ANY, AS_SET_UP, AS_ITS_UNIT, YES, NO = N_("any amount"), N_("as set up"), N_("as its unit"), N_("yes"), N_("no")


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud one class really is, by day and when it is held down most."""

    klass: Label
    day: int
    night: int


@dataclass(frozen=True, slots=True)
class Step:
    """One setting, before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed what last."""

    seq: int
    person: str
    at: datetime
    steps: tuple[Step, ...]


def loudness(session: Session, speaker: Speaker, care: Care, *, now: datetime) -> tuple[Loudness, ...]:
    """What is left of the volume when the rules of all its units have had their say, in the coming 24 hours."""
    chain = Book(session, now).chain(Place(speaker.id, speaker.unit_id))
    moments = [millis(now + HALF_HOUR * step) for step in range(48)]
    found = []
    for klass in Klass:
        own = min(care.volume_max, care.volumes.get(klass.value, care.volume_max))
        ceilings = [min(own, volume_ceiling(chain, klass, at)) for at in moments]
        found.append(Loudness(label(KLASS, klass.value), max(ceilings), min(ceilings)))
    return tuple(found)


def inherited_languages(session: Session, speaker: Speaker) -> tuple[str, ...]:
    """What its unit says, for a loudspeaker that says nothing itself."""
    above = (unit.languages for unit in reversed(places.lineage(session, speaker.unit_id)) if unit.languages)
    return tuple(next(above, ()))


def last_change(session: Session, speaker: str, language: str) -> LastChange | None:
    """In words, or None where nobody has changed anything."""
    found = tending.last_change(session, speaker)
    if found is None:
        return None
    steps = tuple(
        Step(name, _words(key, found.before[key], language), _words(key, found.after[key], language))
        for key, name in NAMES.items()
        if key in found.after and key in found.before
    )
    return LastChange(found.seq, found.person, found.at, steps)


def choices(language: str) -> Mapping[str, str]:
    """The languages to choose among, by tag."""
    return {tag: language_name(language, tag) for tag in LANGUAGES}


def _words(key: str, value: Any, language: str) -> str:  # noqa: ANN401  (what the log book keeps)
    match key:
        case "volumes":
            said = [f"{say(language, label(KLASS, klass).text)} {volume}" for klass, volume in sorted(value.items())]
            return ", ".join(said) or "–"
        case "languages":
            return ", ".join(language_name(language, tag) for tag in value) or say(language, AS_ITS_UNIT)
        case "sink":
            return value or say(language, AS_SET_UP)
        case "lead_ms" | "tail_ms":
            return f"{value} ms"
        case "month_bytes":
            return f"{megabytes(language, value)} MB" if value else say(language, ANY)
        case "test_day":
            return weekday_words(value, language)
        case "test_minute":
            return clock(value)
        case "test_silent":
            return say(language, YES if value else NO)
    return str(value)
