"""Unicode and white space put in order, without losing where each sign stood."""

import re
import unicodedata

_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff")
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\r\n?")
_BEFORE_MARK = re.compile(r" +([,.;:!?%)\]])(?=\s|$)")
_AFTER_OPENING = re.compile(r"([(\[]) +")
_TIGHT = re.compile(r"(?<=\w)([,;])(?=[^\W\d_])")
_DOUBLED = re.compile(r"([,;:])(?: *[,;])+")
_LEADING = re.compile(r"(?m)^ *[,;:.]+(?: +|$)|^ +| +$")
# Unicode composition is canonical; these letters only look Vietnamese and are written so by old keyboards.
_RAISED = ("<supe", "<sub>")
_LOOKALIKES = {"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "\u00a0": " "}

# Anything outside the letters and signs of an ordinary Vietnamese notice is looked at one by one.
_ODD = re.compile("[^\\x09\\x0a\\x0d\\x20-\\x7e°²³À-ÏÑ-ÖØ-ïñ-öø-ſƠơƯưẠ-ỹ–—‘’“”…•]")


def normal(text: str) -> tuple[str, list[int]]:
    """The text in NFC with ASCII digits and no invisible signs, and for each of its signs where it stood."""
    if unicodedata.is_normalized("NFC", text) and not _ODD.search(text):
        return text, list(range(len(text) + 1))
    pieces, places = list[str](), list[int]()
    for start, cluster in _clusters(text):
        kept = "".join(_plain(one) for one in unicodedata.normalize("NFC", cluster))
        pieces.append(kept)
        places += [start] * len(kept)
    return "".join(pieces), [*places, len(text)]


def _clusters(text: str) -> list[tuple[int, str]]:
    starts = [at for at, one in enumerate(text) if at == 0 or not unicodedata.combining(one)]
    return [(start, text[start:end]) for start, end in zip(starts, [*starts[1:], len(text)], strict=False)]


def _plain(one: str) -> str:
    if one in _INVISIBLE or one == "\ue000" or unicodedata.category(one) == "Cs":
        return ""
    if one.isdigit() and unicodedata.decomposition(one)[:5] not in _RAISED:
        return str(unicodedata.digit(one))
    return _LOOKALIKES.get(one, one)


def tidied(text: str) -> str:
    """One space between words, none before a mark or at the ends of lines; line breaks stay."""
    text = unicodedata.normalize("NFC", _BREAKS.sub("\n", text))
    text = _SPACES.sub(" ", text)
    text = _BEFORE_MARK.sub(r"\1", text)
    text = _AFTER_OPENING.sub(r"\1", text)
    text = _TIGHT.sub(r"\1 ", text)
    text = _DOUBLED.sub(r"\1", text)
    return _LEADING.sub("", text)
