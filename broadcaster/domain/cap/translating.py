"""A foreign alert in our own words: which hazard's template, which level, and what is filled into it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from broadcaster.domain import hazards
from broadcaster.domain.cap.message import Category, Info, Message, Severity
from broadcaster.domain.hazards import WORDINGS
from broadcaster.domain.slots import LONGEST
from broadcaster.domain.words import line, plain

EVENTS: Sequence[tuple[str, str]] = (
    ("lu quet", "flash_flood"),
    ("sat lo", "flash_flood"),
    ("flash flood", "flash_flood"),
    ("landslide", "flash_flood"),
    ("crue soudaine", "flash_flood"),
    ("glissement", "flash_flood"),
    ("xa lu", "dam_release"),
    ("dam", "dam_release"),
    ("barrage", "dam_release"),
    ("chay rung", "forest_fire"),
    ("forest fire", "forest_fire"),
    ("wildfire", "forest_fire"),
    ("feu de foret", "forest_fire"),
    ("incendie de foret", "forest_fire"),
    ("nang nong", "heat"),
    ("heat", "heat"),
    ("canicule", "heat"),
    ("lu", "flood"),
    ("ngap", "flood"),
    ("flood", "flood"),
    ("inondation", "flood"),
    ("crue", "flood"),
    ("bao", "storm"),
    ("ap thap", "storm"),
    ("dong", "storm"),
    ("storm", "storm"),
    ("typhoon", "storm"),
    ("cyclone", "storm"),
    ("tempete", "storm"),
    ("dich", "epidemic"),
    ("epidemic", "epidemic"),
    ("epidemie", "epidemic"),
    ("mat tich", "missing_person"),
    ("missing", "missing_person"),
    ("chay", "fire"),
    ("fire", "fire"),
    ("incendie", "fire"),
)
"""Words of an event without diacritics; the first that is in it decides."""
OF_CATEGORY: Mapping[Category, str] = MappingProxyType(
    {Category.FIRE: "fire", Category.HEALTH: "epidemic", Category.RESCUE: "missing_person"}
)
LEVELS: Mapping[Severity, int] = MappingProxyType(
    {Severity.MINOR: 1, Severity.MODERATE: 2, Severity.SEVERE: 3, Severity.EXTREME: 4, Severity.UNKNOWN: 3}
)
SPANS = MappingProxyType(
    {
        "vi": ("từ bây giờ đến {until}", "từ {since} đến {until}", "%H:%M ngày %d/%m/%Y"),
        "en": ("from now until {until}", "from {since} to {until}", "%H:%M on %d/%m/%Y"),
        "fr": ("dès maintenant jusqu’à {until}", "de {since} à {until}", "%H:%M le %d/%m/%Y"),
    }
)


def hazard_of(message: Message) -> str:
    """The hazard its event means; empty where none of ours does."""
    for info in message.infos:
        words = f" {' '.join(plain(info.event).split())} "
        found = next((hazard for word, hazard in EVENTS if f" {word}" in words), "")
        if found:
            return found
    return next((OF_CATEGORY[each] for info in message.infos for each in info.categories if each in OF_CATEGORY), "")


def level_of(message: Message) -> int:
    """The level of disaster risk its worst part comes to."""
    return max(LEVELS[info.severity] for info in message.infos)


def slots_of(
    message: Message, hazard: str, place: str, *, until: datetime, now: datetime, zone: ZoneInfo
) -> dict[str, dict[str, str]]:
    """Language → slot → words; Vietnamese always, as its template speaks it, others where the alert does."""
    spoken = {_short(info.language): info for info in reversed(message.infos)}
    level = level_of(message)
    wanted = ["vi", *(language for language in WORDINGS if language != "vi" and language in spoken)]
    return {
        language: {
            "what": _what(spoken.get(language) or message.infos[0]),
            "place": fitted(place),
            "time": span(message.infos[0].onset, until, language, now=now, zone=zone),
            "action": _action(spoken.get(language), hazard, level, language),
        }
        for language in wanted
    }


def own_words(message: Message) -> dict[str, str]:
    """Language → its own words, where no template of ours fits."""
    made: dict[str, str] = {}
    for info in message.infos:
        said = " ".join(each for each in (info.headline or info.event, info.description, info.instruction) if each)
        made.setdefault(_short(info.language), line(said)[:4_000])
    return made


def span(since: datetime | None, until: datetime, language: str, *, now: datetime, zone: ZoneInfo) -> str:
    """When it is dangerous, as it is read aloud."""
    from_now, between, form = SPANS[language]
    words = from_now if since is None or since <= now else between
    shown = {"since": f"{since.astimezone(zone):{form}}" if since else "", "until": f"{until.astimezone(zone):{form}}"}
    return words.format(**shown)


def fitted(text: str) -> str:
    """As much of it as a slot takes, cut at the end of a sentence where there is one."""
    whole = line(text)
    if len(whole) <= LONGEST:
        return whole
    cut = whole[:LONGEST]
    end = max(cut.rfind(mark) for mark in (". ", "! ", "? "))
    return cut[: end + 1] if end > 0 else cut.rpartition(" ")[0] or cut


def _what(info: Info) -> str:
    return fitted(info.headline or info.event)


def _action(info: Info | None, hazard: str, level: int, language: str) -> str:
    told = fitted(info.instruction) if info else ""
    return told or hazards.default_action(hazard, level, language)


def _short(language: str) -> str:
    return language.partition("-")[0].lower()
