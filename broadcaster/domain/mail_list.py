"""E-mail addresses as an office types or pastes them. PURE"""

import re
import unicodedata
from dataclasses import dataclass

MOST = 2_000
"""Addresses in one go."""
LONGEST = 200
_PIECES = re.compile(r"[,;\n]+")
_NAMED = re.compile(r"<([^<>\s@]{1,64}@[^<>\s@]{1,200})>")
# What mail servers everywhere take; quotes, comments and letters with marks in an address are not among it.
_ADDRESS = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]",
    re.IGNORECASE | re.ASCII,
)
_HIDDEN = re.compile(r"\S+@\S+")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was understood and what was not, each once and in its order."""

    good: tuple[str, ...]
    wrong: tuple[str, ...]


def addresses(text: str) -> Typed:
    """The addresses in a text, in lower case: one to a line, or with commas, or as “Name <address>”."""
    text = unicodedata.normalize("NFKC", text)
    words = [word for piece in _PIECES.split(text) for word in (_NAMED.findall(piece) or piece.split())]
    good = [word.lower() for word in words if is_address(word)]
    wrong = [word for word in words if not is_address(word)]
    return Typed(tuple(dict.fromkeys(good)), tuple(dict.fromkeys(wrong)))


def is_address(text: str) -> bool:
    """Whether mail can be sent there, by its form."""
    return len(text) <= LONGEST and _ADDRESS.fullmatch(text) is not None


def without_addresses(text: str) -> str:
    """What a mail server said, fit for everybody's eyes."""
    return _HIDDEN.sub("…", text)
