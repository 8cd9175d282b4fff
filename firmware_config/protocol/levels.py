"""How loud each second was, in one character each: small enough for a receipt of ten minutes of sound."""

from collections.abc import Iterable

MOST = 120
"""Characters in one receipt; a longer sound has several seconds in each."""

SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""From silence to full scale."""

STEP = 150
_LOWEST = -STEP * (len(SIGNS) - 1)


def seconds_each(ms: int) -> int:
    """How many seconds of a sound of that length one character stands for."""
    return max(1, -(-ms // (MOST * 1000)))


def write_levels(levels: Iterable[int]) -> str:
    """Levels in centi-dBFS as text, to the next 1.5 dB; what is lower than -94.5 dBFS is silence."""
    return "".join(SIGNS[min(len(SIGNS) - 1, max(0, round((level - _LOWEST) / STEP)))] for level in levels)


def read_levels(text: str) -> tuple[int, ...]:
    """The levels in centi-dBFS; raises ValueError for a character that is none of ours."""
    return tuple(_LOWEST + STEP * SIGNS.index(sign) for sign in text)
