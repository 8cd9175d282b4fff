"""What changed between two texts, word by word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby

_WORDS = re.compile(r"\S+\s*|\s+")


class Change(StrEnum):
    """What became of a stretch of words."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row."""

    text: str
    change: Change


def words(before: str, after: str) -> tuple[Piece, ...]:
    """Both texts in one: what stayed with what was added is `after`, with what was removed `before`."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces: list[Piece] = []
    matcher = SequenceMatcher(None, [word.strip() for word in old], [word.strip() for word in new], autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            pieces += _same(old[i:j], new[k:m])
        else:
            pieces += [Piece("".join(old[i:j]), Change.REMOVED), Piece("".join(new[k:m]), Change.ADDED)]
    return _joined(pieces)


def _same(old: Sequence[str], new: Sequence[str]) -> list[Piece]:
    """Words that are the same but perhaps for the space after them."""
    found: list[Piece] = []
    for was, now in zip(old, new, strict=True):
        word = now.rstrip()
        found.append(Piece(now if was == now else word, Change.SAME))
        if was != now:
            found += [Piece(was[len(word) :], Change.REMOVED), Piece(now[len(word) :], Change.ADDED)]
    return found


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    runs = groupby((piece for piece in pieces if piece.text), key=lambda piece: piece.change)
    return tuple(Piece("".join(piece.text for piece in run), change) for change, run in runs)


def changed(pieces: Sequence[Piece]) -> bool:
    """Whether anything is not as it was."""
    return any(piece.change is not Change.SAME for piece in pieces)
