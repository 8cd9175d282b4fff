"""Sentences put together from pieces that people recorded: which pieces one needs, and which of them are missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from audio.errors import SlotUnfilled
from audio.score import Part, Piece, Score, Silence

GAP_MS = 160
"""Between two pieces; with the soft edges they keep one hears 160 to 200, as between two phrases."""


class PieceKind(StrEnum):
    """What a recorded piece is."""

    PHRASE = "phrase"
    HOUR = "hour"
    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    NUMBER = "number"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Need:
    """One piece by its name: a phrase's key, "17" of an hour, a unit's id of a place."""

    kind: PieceKind
    key: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A fixed stretch of a sentence."""

    key: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a sentence that is filled in each time."""

    name: str
    kind: str
    """A key of SLOTS."""


Pattern = Sequence[Phrase | Slot]


@dataclass(frozen=True, slots=True)
class Missing:
    """What must still be recorded and reviewed, each piece once, in the order of the sentence."""

    needs: tuple[Need, ...]


def assemble(pattern: Pattern, slots: Mapping[str, str], pieces: Mapping[Need, str], language: str) -> Score | Missing:
    """Join the pieces of a filled sentence, or list all that are not among `pieces` (need → sha256 of a clip).

    Raises SlotUnfilled.
    """
    wanted = needs(pattern, slots)
    missing = tuple(dict.fromkeys(need for need in wanted if need not in pieces))
    if missing:
        return Missing(missing)
    parts: list[Part] = []
    for need in wanted:
        parts += [Silence(GAP_MS)] * bool(parts) + [Piece(pieces[need])]
    return Score(tuple(parts), language)


def needs(pattern: Pattern, slots: Mapping[str, str]) -> list[Need]:
    """Every piece a filled sentence is made of, in order. Raises SlotUnfilled for an empty or impossible slot."""
    found: list[Need] = []
    for part in pattern:
        if isinstance(part, Phrase):
            found.append(Need(PieceKind.PHRASE, part.key))
        else:
            found += _filled(part, slots.get(part.name, "").strip())
    return found


def _filled(slot: Slot, value: str) -> list[Need]:
    found = SLOTS[slot.kind](value)
    if not found:
        raise SlotUnfilled(slot=slot.name, problem=value or "–")
    return found


def _number(kind: PieceKind, least: int, most: int) -> Callable[[str], list[Need]]:
    def read(value: str) -> list[Need]:
        if not re.fullmatch(r"[0-9]{1,4}", value) or not least <= int(value) <= most:
            return []
        return [Need(kind, str(int(value)))]

    return read


def _time(value: str) -> list[Need]:
    """17:30 as an hour and its minutes; a full hour needs none."""
    hour, _, minute = value.partition(":")
    if not re.fullmatch(r"[0-9]{2}", minute):
        return []
    after = _MINUTE(minute) if int(minute) else []
    return [*_HOUR(hour), *after] if _HOUR(hour) and (after or not int(minute)) else []


def _date(value: str) -> list[Need]:
    """2026-11-24 as a day and a month."""
    found = re.fullmatch(r"[0-9]{4}-([0-9]{2})-([0-9]{2})", value)
    day, month = (_DAY(found[2]), _MONTH(found[1])) if found else ([], [])
    return [*day, *month] if day and month else []


def _place(value: str) -> list[Need]:
    return [Need(PieceKind.PLACE, value)] if value else []


_HOUR, _MINUTE = _number(PieceKind.HOUR, 0, 23), _number(PieceKind.MINUTE, 1, 59)
_DAY, _MONTH = _number(PieceKind.DAY, 1, 31), _number(PieceKind.MONTH, 1, 12)
SLOTS: Mapping[str, Callable[[str], list[Need]]] = {
    "time": _time,
    "date": _date,
    "number": _number(PieceKind.NUMBER, 0, 999),
    "place": _place,
    "hour": _HOUR,
    "day": _DAY,
    "month": _MONTH,
}
"""What may stand in a slot, and the pieces a value of it is read with; none for a value that cannot be."""


def pattern_of(parts: Iterable[Mapping[str, str]]) -> Pattern:
    """Read {"phrase": key} and {"slot": name, "kind": kind}; raise ValueError for anything else."""
    return tuple(map(_part, parts))


def _part(given: Mapping[str, str]) -> Phrase | Slot:
    match dict(given):
        case {"phrase": str(key), **rest} if key and not rest:
            return Phrase(key)
        case {"slot": str(name), "kind": str(kind), **rest} if name and kind in SLOTS and not rest:
            return Slot(name, kind)
    raise ValueError(f"neither a phrase nor a slot: {given}")
