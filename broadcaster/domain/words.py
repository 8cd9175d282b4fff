"""Text as it came from a form or a program, made fit to store, sign and compare."""

import re
import unicodedata

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]+")


def prose(text: str) -> str:
    """NFC, one kind of line break, no control characters or halves of characters, no space around."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub(" ", unicodedata.normalize("NFC", lines)).strip()


def line(text: str) -> str:
    """The same on one line."""
    return " ".join(prose(text).split())


def plain(text: str) -> str:
    """For searching, as app.js does it: without marks on letters, đ as d, in lower case."""
    apart = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.category(letter).startswith("M"))


def slug(text: str, *, most: int = 48) -> str:
    """A name as a program takes it: "Bản Chiềng Đông 1" → "ban-chieng-dong-1"; empty where no letter is left."""
    return re.sub(r"[^a-z0-9]+", "-", plain(text)).strip("-")[:most].strip("-")
