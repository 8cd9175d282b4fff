"""What is practised, in words of its own: nothing here is shared with the templates of alerts."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from broadcaster.domain.announcement import LONGEST_TITLE
from broadcaster.domain.errors import Malformed, UnknownHazard
from broadcaster.domain.slots import ended, slot_of

SLOTS = ("place", "time", "action")


@dataclass(frozen=True, slots=True)
class Practised:
    """One drill in one language: its name, what is supposed with {place} and {time}, and what people do."""

    name: str
    supposed: str
    action: str


_VI = {
    "evacuation": Practised(
        "Diễn tập sơ tán",
        "Địa điểm: {place}. Thời gian: {time}. Tình huống giả định: phải sơ tán dân khỏi vùng nguy hiểm.",
        "Bà con tham gia đi theo trưởng bản đến điểm tập kết. Không có thiên tai thật.",
    ),
    "flash_flood": Practised(
        "Diễn tập phòng chống lũ quét",
        "Địa điểm: {place}. Thời gian: {time}. Tình huống giả định: có lũ quét.",
        "Bà con tham gia đi lên điểm cao theo hướng dẫn của trưởng bản. Không có lũ thật.",
    ),
    "fire": Practised(
        "Diễn tập chữa cháy",
        "Địa điểm: {place}. Thời gian: {time}. Tình huống giả định: có cháy nhà.",
        "Bà con tham gia làm theo hướng dẫn của đội dân phòng. Không có cháy thật.",
    ),
    "loudspeakers": Practised(
        "Diễn tập thông báo qua loa",
        "Địa điểm: {place}. Thời gian: {time}. Xã kiểm tra xem loa nào nghe rõ.",
        "Bà con không phải làm gì. Nơi nào không nghe rõ, báo cho trưởng bản.",
    ),
}
_EN = {
    "evacuation": Practised(
        "Evacuation drill",
        "Place: {place}. Time: {time}. We suppose that people must leave a dangerous area.",
        "Those taking part follow the village head to the meeting point. There is no real disaster.",
    ),
    "flash_flood": Practised(
        "Flash flood drill",
        "Place: {place}. Time: {time}. We suppose that there is a flash flood.",
        "Those taking part go to higher ground as the village head says. There is no real flood.",
    ),
    "fire": Practised(
        "Fire drill",
        "Place: {place}. Time: {time}. We suppose that a house is burning.",
        "Those taking part do as the civil defence team says. There is no real fire.",
    ),
    "loudspeakers": Practised(
        "Loudspeaker drill",
        "Place: {place}. Time: {time}. The commune checks which loudspeakers can be heard.",
        "You need not do anything. If you cannot hear well, tell your village head.",
    ),
}
_FR = {
    "evacuation": Practised(
        "Exercice d’évacuation",
        "Lieu : {place}. Heure : {time}. Situation supposée : il faut quitter une zone dangereuse.",
        "Les participants suivent le chef du village jusqu’au point de rassemblement. Il n’y a pas de catastrophe.",
    ),
    "flash_flood": Practised(
        "Exercice de crue soudaine",
        "Lieu : {place}. Heure : {time}. Situation supposée : une crue soudaine.",
        "Les participants vont en hauteur comme le dit le chef du village. Il n’y a pas de crue.",
    ),
    "fire": Practised(
        "Exercice d’incendie",
        "Lieu : {place}. Heure : {time}. Situation supposée : une maison brûle.",
        "Les participants suivent les consignes de l’équipe de protection civile. Il n’y a pas d’incendie.",
    ),
    "loudspeakers": Practised(
        "Exercice des haut-parleurs",
        "Lieu : {place}. Heure : {time}. La commune vérifie quels haut-parleurs s’entendent bien.",
        "Vous n’avez rien à faire. Si vous entendez mal, prévenez le chef du village.",
    ),
}
DRILLS: Mapping[str, Mapping[str, Practised]] = MappingProxyType({"vi": _VI, "en": _EN, "fr": _FR})
KEYS = tuple(_VI)


def practised(key: str, language: str) -> Practised:
    """One drill in one language; raises UnknownHazard, Malformed."""
    if key not in KEYS:
        raise UnknownHazard(id=key)
    if language not in DRILLS:
        raise Malformed(field="language", problem=", ".join(DRILLS))
    return DRILLS[language][key]


def fill(key: str, language: str, slots: Mapping[str, str]) -> str:
    """What is read aloud between the two sentences that say it is a drill. Raises SlotEmpty."""
    words = practised(key, language)
    filled = {slot: slot_of(slot, slots.get(slot, ""), language) for slot in SLOTS}
    supposed = words.supposed.format(**{slot: value.rstrip(" .") for slot, value in filled.items()})
    return f"{words.name}. {supposed} {ended(filled['action'])}"


def title(key: str, language: str, place: str) -> str:
    """What the drill is called in lists. Raises SlotEmpty."""
    named = slot_of("place", place, language).rstrip(" .")
    return f"{practised(key, language).name}, {named}"[:LONGEST_TITLE]
