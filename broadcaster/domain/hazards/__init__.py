"""Templates of alerts: what each hazard says at each level, with slots for place, time and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from broadcaster.domain.announcement import LONGEST_TITLE
from broadcaster.domain.errors import Malformed, UnknownHazard
from broadcaster.domain.hazards.en import EN
from broadcaster.domain.hazards.fr import FR
from broadcaster.domain.hazards.vi import VI
from broadcaster.domain.hazards.wording import Warned, Wording
from broadcaster.domain.slots import ended, slot_of

WORDINGS: Mapping[str, Wording] = MappingProxyType({"vi": VI, "en": EN, "fr": FR})
_USUAL = ("place", "time", "action")
_BANDS = (0, 0, 1, 2, 2)


@dataclass(frozen=True, slots=True)
class Level:
    """A level of disaster risk and its colour, as Decision 18/2021/QĐ-TTg gives them."""

    number: int
    colour: str
    """"light_blue", "light_yellow", "orange", "red" or "purple"."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """One kind of alert."""

    key: str
    natural: bool = False
    """Its level is one of the Decision's and is said aloud."""
    levels: tuple[int, ...] = (1, 2, 3, 4, 5)
    slots: tuple[str, ...] = _USUAL
    category: str = "weather"


COLOURS = ("light_blue", "light_yellow", "orange", "red", "purple")
LEVELS: Mapping[int, Level] = MappingProxyType({n: Level(n, colour) for n, colour in enumerate(COLOURS, 1)})
_WHAT = ("what", *_USUAL)
HAZARDS: Mapping[str, Hazard] = MappingProxyType(
    {
        hazard.key: hazard
        for hazard in (
            Hazard("storm", natural=True),
            Hazard("flood", natural=True),
            Hazard("flash_flood", natural=True),
            Hazard("fire", category="security"),
            Hazard("heat", natural=True),
            Hazard("forest_fire", natural=True),
            Hazard("dam_release"),
            Hazard("epidemic", slots=_WHAT, category="health"),
            Hazard("missing_person", slots=_WHAT, category="security"),
            Hazard("all_clear", levels=(), category="general"),
        )
    }
)


def hazard_of(key: str) -> Hazard:
    """The hazard; raises UnknownHazard."""
    if key not in HAZARDS:
        raise UnknownHazard(id=key)
    return HAZARDS[key]


def fill(key: str, level: int | None, language: str, slots: Mapping[str, str]) -> str:
    """What is read aloud. Raises UnknownHazard, Malformed, SlotEmpty."""
    hazard, warned = _warned(key, level, language)
    filled = {slot: slot_of(slot, slots.get(slot, ""), language) for slot in hazard.slots}
    named = WORDINGS[language].level.format(level=level) if hazard.natural else ""
    happens = warned.happens.format(**{slot: value.rstrip(" .") for slot, value in filled.items()})
    sentences = (f"{warned.headline}.", named, happens, ended(filled["action"]))
    return " ".join(sentence for sentence in sentences if sentence)


def title(key: str, level: int | None, language: str, place: str) -> str:
    """What the alert is called. Raises UnknownHazard, Malformed, SlotEmpty."""
    hazard, warned = _warned(key, level, language)
    words = WORDINGS[language]
    form = words.titled if hazard.natural else words.plain_title
    named = slot_of("place", place, language).rstrip(" .")
    return form.format(headline=warned.headline, level=level, place=named)[:LONGEST_TITLE]


def default_action(key: str, level: int | None, language: str) -> str:
    """What people are usually told to do. Raises UnknownHazard, Malformed."""
    _, warned = _warned(key, level, language)
    return warned.actions[_BANDS[level - 1] if level else 0]


def name(key: str, language: str) -> str:
    """What a hazard is called on its button. Raises UnknownHazard, Malformed."""
    hazard_of(key)
    return _wording(language).warnings[key].name


def _warned(key: str, level: int | None, language: str) -> tuple[Hazard, Warned]:
    hazard = hazard_of(key)
    if level not in (hazard.levels or (None,)):
        raise Malformed(field="level", problem=", ".join(map(str, hazard.levels)) or "–")
    return hazard, _wording(language).warnings[key]


def _wording(language: str) -> Wording:
    if language not in WORDINGS:
        raise Malformed(field="language", problem=", ".join(WORDINGS))
    return WORDINGS[language]
