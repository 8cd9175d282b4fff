"""Text as a short message takes it: letters without marks fit seven bits and three times as many into a part. PURE"""

import re
import unicodedata

# Two or more parts carry a header each, which leaves 153 letters of seven bits or 67 of sixteen.
PARTS = 3
PLAIN, MARKED = 153 * PARTS, 67 * PARTS

# Each stands for one character, so that a text never grows; brackets and the like would count twice.
_LIKE = str.maketrans(
    {
        like: letter
        for letter, those in {
            "d": "đ",
            "D": "Đ",
            "-": "–—−‒~^",
            '"': "“”„«»",
            "'": "‘’‚`´",
            ".": "…·",
            "@": "＠",
            "(": "[{",
            ")": "]}",
            "/": "\\|",
            "E": "€",
            " ": "\u00a0",
        }.items()
        for like in those
    }
)
_ODD = re.compile(r"[^\n\x20-\x7e]")
_GAPS = re.compile(r"[ \t]*\n\s*")


def seven_bit(text: str) -> str:
    """The text in the letters that every phone's short message has, never longer than it was in NFC."""
    apart = unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).translate(_LIKE))
    bare = "".join(letter for letter in apart if not unicodedata.category(letter).startswith("M"))
    return _GAPS.sub("\n", _ODD.sub("", bare.translate(_LIKE))).strip()
