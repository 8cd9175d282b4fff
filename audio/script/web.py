"""Addresses on the net and e-mail, said so that a listener can type them."""

import re

from audio.script.letters import is_bare_syllable, spell
from audio.script.numbers import digits
from audio.script.pipeline import Rule
from audio.script.words_web import LABELS, MARKS

_ENDS = "vn|com|org|net|gov|edu|info|io|me|app|gle|ly|be|asia|xyz|tv|int|health|name|pro|biz"
_PATH = r"(?P<path>/[^\s,;\"“”<>()]*)?"
_HOST = rf"(?:[a-zA-Z0-9_-]+\.)+(?:{_ENDS})(?![\w-])"
_TRAILING = ".,;:!?)\"'”"
_SYLLABLE_LONGEST = 6


def _label(written: str) -> str:
    """One part of an address: a known word, or syllables, or digits and letters by name."""
    known = LABELS.get(written.lower())
    if known:
        return known
    pieces = re.findall(r"\d+|[^\W\d_]+", written)
    return " ".join(digits(piece) if piece.isdecimal() else _word(piece.lower()) for piece in pieces)


def _word(written: str) -> str:
    if written in LABELS:
        return LABELS[written]
    cut = _cut(written)
    if cut:
        return " ".join(LABELS.get(part, part) for part in cut)
    return written if re.search(r"[aeiouy]", written) and len(written) > 3 else spell(written)


def _cut(written: str) -> list[str] | None:
    """The fewest known words and bare syllables that make up `written`, or None."""
    best: list[list[str] | None] = [[]]
    for end in range(1, len(written) + 1):
        options = [
            [*head, part]
            for start in range(max(0, end - 14), end)
            if (head := best[start]) is not None and _is_part(part := written[start:end])
        ]
        best.append(min(options, key=len) if options else None)
    return best[-1]


def _is_part(part: str) -> bool:
    return part in LABELS or (2 <= len(part) <= _SYLLABLE_LONGEST and is_bare_syllable(part))


def _said(address: str) -> str:
    words = [MARKS[part] if part in MARKS else _label(part) for part in re.split(r"([.@/\-_])", address) if part]
    return " ".join(filter(None, words))


def _url(match: re.Match[str], _text: str) -> str | None:
    address = match["host"]
    path = (match["path"] or "").partition("?")[0].partition("#")[0].rstrip(_TRAILING + "/")
    short = path.strip("/")
    said = _said(re.sub(r"^www\.", "", address, flags=re.IGNORECASE))
    known = LABELS.get(short.replace("-", "").lower())
    if known:
        return f"{said} gạch chéo {known}"
    # A long path cannot be typed from hearing; the site's name can.
    return f"{said} gạch chéo {_said(short)}" if short and len(short) <= 20 and "/" not in short else said


def _email(match: re.Match[str], _text: str) -> str:
    return _said(match[0])


def _hashtag(match: re.Match[str], _text: str) -> str:
    parts = re.findall(r"\d+|[a-zA-ZÀ-ỹ][a-zà-ỹ]+|[A-ZĐ]+(?![a-zà-ỹ])", match["tag"])
    return " ".join(digits(part) if part.isdecimal() else part for part in parts)


RULES = (
    Rule("hashtag", re.compile(r"(?<!\w)#(?P<tag>[^\W\d_]\w*)"), _hashtag),
    Rule("e-mail", re.compile(rf"(?<![\w.])[a-zA-Z0-9._-]+@{_HOST}"), _email),
    Rule(
        "address",
        re.compile(rf"(?:(?<!\w)https?://)?(?<![\w@.-])(?P<host>{_HOST})(?::\d+)?{_PATH}", re.IGNORECASE),
        _url,
    ),
)
