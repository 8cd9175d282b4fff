"""What residents are shown of many and long words: which alerts stand on top, and how much of each text fits. PURE"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from broadcaster.domain.differences import Change, Piece

UNENDED = timedelta(hours=24)
"""How long an alert without an end of its own stands on top after it was heard last."""
ENDED = timedelta(hours=12)
"""How long it stays there with its correction, its all-clear or its withdrawal."""
BESIDE = 6
"""So many words that stayed are shown on each side of those that did not."""
MORE = "…"


def on_top(aired: datetime, expires: datetime | None, ended: datetime | None, now: datetime) -> bool:
    """Whether an alert heard last at `aired` stands above all else; `ended` = when people were told otherwise."""
    until = ended + ENDED if ended else expires or aired + UNENDED
    return aired <= now < until


def fair(sizes: Sequence[int], room: int) -> list[int]:
    """How much each may have of the room: all it needs, or as much as every other that needs more."""
    given = [0] * len(sizes)
    for done, place in enumerate(sorted(range(len(sizes)), key=lambda at: sizes[at])):
        given[place] = min(sizes[place], max(0, room) // (len(sizes) - done))
        room -= given[place]
    return given


def around(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The changes with a few words beside them; what is left out is marked."""
    last = len(pieces) - 1
    return tuple(
        piece if piece.change is not Change.SAME else _shortened(piece, first=place == 0, last=place == last)
        for place, piece in enumerate(pieces)
    )


def _shortened(piece: Piece, *, first: bool, last: bool) -> Piece:
    words = piece.text.split()
    head, tail = words[: 0 if first else BESIDE], words[len(words) - (0 if last else BESIDE) :]
    if len(head) + len(tail) >= len(words):
        return piece
    text = " ".join(filter(None, [" ".join(head), MORE, " ".join(tail)]))
    before, after = (" " if head and piece.text[:1].isspace() else ""), (" " if piece.text[-1:].isspace() else "")
    return replace(piece, text=before + text + after)
