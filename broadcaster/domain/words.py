"""Text as it came from a form or a program, made fit to store, sign and compare."""

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]+")
MOST_MARKS = 30
"""On one letter (UAX #15, Stream-Safe Text Format): putting more in order takes the square of their number."""
# These are marks only once they are taken apart.
_MARKS_WITHIN = frozenset("\u0f73\u0f75\u0f81")


def prose(text: str) -> str:
    """NFC, one kind of line break, no control characters or halves of characters, no space around."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(" ", unicodedata.normalize("NFC", _bearable(lines))).strip()


def line(text: str) -> str:
    """The same on one line."""
    return " ".join(prose(text).split())


def plain(text: str) -> str:
    """For searching, as app.js does it: without marks on letters, đ as d, in lower case."""
    apart = unicodedata.normalize("NFD", _bearable(text.lower().replace("đ", "d")))
    return "".join(letter for letter in apart if not unicodedata.category(letter).startswith("M"))


def slug(text: str, *, most: int = 48) -> str:
    """A name as a program takes it: "Bản Chiềng Đông 1" → "ban-chieng-dong-1"; empty where no letter is left."""
    return re.sub(r"[^a-z0-9]+", "-", plain(text)).strip("-")[:most].strip("-")


def _bearable(text: str) -> str:
    if text.isascii():
        return text
    kept, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) or letter in _MARKS_WITHIN else 0
        if marks <= MOST_MARKS:
            kept.append(letter)
    return "".join(kept)
