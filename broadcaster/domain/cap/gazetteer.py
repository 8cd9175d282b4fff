"""Names of units as others write them: with or without diacritics and kind, shortened, or as they once were."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from broadcaster.domain.land import Land, leads_to
from broadcaster.domain.words import line, plain

LEVELS: Mapping[str, str] = MappingProxyType(
    {"tỉnh": "province", "thành phố": "city"}
    | dict.fromkeys(("huyện", "quận", "thị xã"), "district")
    | dict.fromkeys(("xã", "phường", "thị trấn"), "commune")
    | dict.fromkeys(("bản", "thôn", "làng", "buôn", "bon", "ấp", "xóm", "phum", "sóc", "tiểu khu"), "village")
    | dict.fromkeys(("tổ dân phố", "tổ", "khu phố", "khu", "khối phố", "khối", "cụm"), "village")
)
"""What stands before a name, and what it is a kind of; which word a village has is not always kept to."""
FOREIGN: Mapping[str, str] = MappingProxyType(
    {
        "province": "tỉnh",
        "city": "thành phố",
        "ville": "thành phố",
        "district": "huyện",
        "commune": "xã",
        "ward": "phường",
        "town": "thị trấn",
        "village": "bản",
        "hamlet": "bản",
    }
)
SHORT: Mapping[str, str] = MappingProxyType(
    {"tp": "thành phố", "tx": "thị xã", "tt": "thị trấn", "tdp": "tổ dân phố"}
    | {"t": "tỉnh", "h": "huyện", "q": "quận", "x": "xã", "p": "phường"}
)
_SHORT = re.compile(r"(?:(tp|tx|tt|tdp)[. ]|([thqxp])\.) *(.+)")
_BEFORE = re.compile(rf"({'|'.join(FOREIGN)})s? (?:of |de |d['’])?(.+)")
_AFTER = re.compile(rf"(.+) ({'|'.join(FOREIGN)})s?")
_HEADS = [(head, (f"{head} ", f"{plain(head)} ")) for head in sorted(LEVELS, key=len, reverse=True)]

Meaning = frozenset[str]
"""The units that one name stands for: several where it was split."""


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    name: str
    meaning: Meaning


class Gazetteer:
    """All units by all their names."""

    def __init__(self, land: Land) -> None:
        self._by_name: dict[str, list[_Entry]] = defaultdict(list)
        closed = {unit: frozenset(leads_to(land, unit)) for unit, node in land.items() if node.closed}
        became = {(land[unit].name, now) for unit, meaning in closed.items() for now in meaning}
        for unit, node in land.items():
            # What a closed unit became is known whole; each of its parts alone would be only some of it.
            former = [old for old in node.former if (old, unit) not in became]
            for name in dict.fromkeys((node.name, *(former if not node.closed else node.former))):
                self._add(name, closed.get(unit, frozenset({unit})))

    def means(self, text: str, kind: str = "") -> frozenset[Meaning]:
        """Everything it can mean; `kind` = what it is said to be where the text itself does not say so.

        More than one = it is not told apart.
        """
        found = [
            (entry, own or kind, name)
            for own, name in readings(text)
            if own or kind or not name.isdecimal()
            for entry in self._by_name.get(plain(name), ())
            if _agree(own or kind, entry.kind)
        ]
        found = [each for each in found if each[0].kind == each[1]] or found
        found = [each for each in found if each[0].name == each[2]] or found
        return frozenset(entry.meaning for entry, _, _ in found if entry.meaning)

    def _add(self, name: str, meaning: Meaning) -> None:
        for kind, rest in readings(name):
            self._by_name[plain(rest)].append(_Entry(kind, rest, meaning))


def readings(text: str) -> Iterator[tuple[str, str]]:
    """How a name can be taken apart into its kind and the rest: as a whole, and without what may be its kind."""
    said = line(text).casefold().strip(" .")
    yield "", said
    for head, forms in _HEADS:
        if said.startswith(forms):
            yield head, said[len(head) :].strip()
            return
    if short := _SHORT.fullmatch(said):
        yield SHORT[short[1] or short[2]], short[3].strip()
    elif before := _BEFORE.fullmatch(said):
        yield FOREIGN[before[1]], before[2]
    elif after := _AFTER.fullmatch(said):
        yield FOREIGN[after[2]], after[1]


def kind_of(text: str) -> str:
    """The kind that it begins with; empty where it has none."""
    return next((kind for kind, _ in readings(text) if kind), "")


def is_kind(text: str) -> str:
    """The kind that it is and nothing more: "xã", "các bản" without the first word."""
    said = plain(line(text))
    own = next((head for head, forms in _HEADS if f"{said} " == forms[-1]), "")
    return own or FOREIGN.get(said, "") or FOREIGN.get(said.removesuffix("s"), "")


def _agree(one: str, other: str) -> bool:
    return not (one and other) or LEVELS[one] == LEVELS[other]
