"""Signs that are read, and signs that are only looked at."""

import re

from audio.script.context import words_after
from audio.script.letters import letter
from audio.script.numbers import cardinal
from audio.script.pipeline import Rule
from audio.script.words_units import PER

_READ = {
    "&": "và",
    "≥": "lớn hơn hoặc bằng",
    "≤": "nhỏ hơn hoặc bằng",
    ">=": "lớn hơn hoặc bằng",
    "<=": "nhỏ hơn hoặc bằng",
    "±": "cộng trừ",
    "≈": "xấp xỉ",
    "÷": "đến",
    "°": "độ",
    "@": "a còng",
    "→": ",",
    "⇒": ",",
    "Φ": "phi",
    "φ": "phi",
    "Ø": "phi",
    "⌀": "phi",
    "~": "khoảng",
}
_ARITHMETIC = {"+": "cộng", "=": "bằng", ">": "lớn hơn", "<": "nhỏ hơn", "×": "nhân", "x": "nhân", "X": "nhân"}
_NEAR = 16
_PICTURES = (
    "\u2190\u2191\u2193-\u21d1\u21d3-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\ufe0f\u20e3\u200d\U0001f000-\U0001faff"
    "\U000e0020-\U000e007f"
)


def _signed(match: re.Match[str], _text: str) -> str:
    return _READ[match[0]]


def _sum(match: re.Match[str], _text: str) -> str:
    return _ARITHMETIC[match[0].strip()]


def _slash(match: re.Match[str], text: str) -> str:
    """ "trên" where something is measured, between other words a choice."""
    if text[match.start() - 1].isupper() and re.match(r"\d+[A-ZĐ]", text[match.end() :]):
        return " "
    beside = text[max(0, match.start() - _NEAR) : match.start()] + text[match.end()]
    measured = any(one.isdecimal() or one in "%²³" for one in beside) or words_after(text, match.end(), 1) in PER
    return " trên " if measured else " hoặc "


def _silent(_match: re.Match[str], _text: str) -> str:
    return " "


def _item(match: re.Match[str], _text: str) -> str:
    return f"{letter(match['letter'])}."


def _numbered(match: re.Match[str], text: str) -> str | None:
    line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    inside = line.strip() and line.rstrip()[-1] not in ":;."
    if line.count("(") > line.count(")") or (match["sign"] == "/" and inside):
        return None
    return cardinal(int(match["n"])) + ("," if line.strip() else ".")


PICTURES = Rule("picture", re.compile(rf"[{_PICTURES}]+"), _silent)
BULLETS = Rule(
    "bullet",
    re.compile(
        r"(?m)^[ \t.,;:]*(?:(?:(?:[-–—•●▪◦·*+►✓✔➢❖#=_]|[>~](?! *\d))+|[oO](?=[ \t]{2,}))(?=[ \t]|$)[ \t]*"
        r"|[-–—•*+](?=[^\W\d_]))+"
    ),
    _silent,
)

EARLY = (
    BULLETS,
    Rule("item", re.compile(r"(?m)(?<![^\n])(?<=^)[ \t]*(?P<letter>[a-hđ])[)./](?=\s)"), _item),
    Rule("item", re.compile(r"(?<![\w(.,/])(?P<n>\d{1,2})(?P<sign>[)/])(?=\s)"), _numbered),
    Rule("sign", re.compile(r"\./\.?"), lambda _match, _text: "."),
)

RULES = (
    Rule("bullet", re.compile(r"(?m)^[ \t]*[-–—•*+]+(?=\ue000)"), _silent),
    Rule("sign", re.compile(r"(?<=\ue000) ?~ ?(?=\ue000)"), lambda _match, _text: " đến "),
    Rule("sign", re.compile("|".join(re.escape(sign) for sign in sorted(_READ, key=len, reverse=True))), _signed),
    Rule("sign", re.compile(r"(?<=[\w\ue000)]) ?(?:[+=<>×](?= ?[\w\ue000])|[xX](?= ?\ue000))"), _sum),
    Rule("sign", re.compile(r"(?<=[\"”]) ?[>»] ?(?=[\"“])"), lambda _match, _text: ", "),
    Rule("sign", re.compile(r"[<>](?= ?\ue000)"), _sum),
    Rule("slash", re.compile(r"(?<=[\w\ue000]) ?/ ?(?=[\w\ue000])"), _slash),
    Rule("sign", re.compile(r"(?<=\ue000)\^(?=\ue000)"), lambda _match, _text: "mũ"),
    Rule("sign", re.compile(r"(?<=[^\W\d_])-(?=\ue000)"), _silent),
    Rule("silent", re.compile(r"[*#_^|\\{}<>\[\]=+`§©®™•●▪◦]+|\.{4,}|(?<!\w)/+|/+(?!\w)|-{2,}|…{2,}"), _silent),
)
