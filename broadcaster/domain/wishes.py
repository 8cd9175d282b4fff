"""A change of the tree as people wish for it, and as it is stored until its day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

END = "end"
"""The answer that a role is over; another answer names the unit on which it is held from then on, none keeps it."""


class Kind(StrEnum):
    """What can be done with units."""

    MERGE = "merge"
    SPLIT = "split"
    RENAME = "rename"
    MOVE = "move"


class Trouble(StrEnum):
    """What can stand against it."""

    UNKNOWN = "unit_unknown"
    CLOSED = "unit_closed"
    TOO_FEW = "unit_too_few"
    NESTED = "unit_nested"
    NO_NAME = "unit_no_name"
    NO_LEVEL = "unit_no_level"
    NAME_TAKEN = "unit_name_taken"
    ID_TAKEN = "unit_id_taken"
    NOTHING = "unit_nothing"
    CYCLE = "unit_cycle"
    EMPTY_PART = "unit_empty_part"
    UNPLACED = "unit_unplaced"
    LOUDSPEAKERS = "unit_loudspeakers"
    UNANSWERED = "role_unanswered"
    NOBODY = "role_nobody"
    NOT_ALLOWED = "unit_not_allowed"


@dataclass(frozen=True, slots=True)
class Part:
    """One of the units that another one is split into."""

    id: str
    name: str
    level: str
    villages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants."""

    kind: Kind
    units: tuple[str, ...]
    """Those that are merged; the one that is split, renamed or moved."""
    id: str = ""
    """Of the new unit that others are merged into."""
    into: str = ""
    """Or which of them the others become part of."""
    name: str = ""
    level: str = ""
    parent: str = ""
    """Where it goes; of a merger: empty = under the lowest unit above all of them."""
    as_in: str = ""
    """In a merger, whose rules, languages and ways of approving hold for all; empty = each part keeps its own."""
    parts: tuple[Part, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    """What becomes of roles: by grant, END or the unit on which it is held from then on."""

    @property
    def concerned(self) -> frozenset[str]:
        """Every unit it names."""
        named = (*self.units, self.id, self.into, self.parent, *(part.id for part in self.parts))
        return frozenset(each for each in named if each)

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        parts = [[part.id, part.name, part.level, list(part.villages)] for part in self.parts]
        words = {name: getattr(self, name) for name in ("id", "into", "name", "level", "parent", "as_in")}
        given = {"kind": str(self.kind), "units": list(self.units), "parts": parts, "answers": dict(self.answers)}
        return given | words

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Wish":
        """As it was stored."""
        parts = tuple(Part(id, name, level, tuple(some)) for id, name, level, some in stored["parts"])  # noqa: A001
        words = {name: str(stored[name]) for name in ("id", "into", "name", "level", "parent", "as_in")}
        kind, units = Kind(stored["kind"]), tuple(stored["units"])
        return cls(kind=kind, units=units, parts=parts, answers=dict(stored["answers"]), **words)
