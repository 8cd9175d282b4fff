"""Money, percentages and units after a figure, and "so much per so much"."""

import re

from audio.script.context import ends_with, words_before
from audio.script.figures import DASH, NUMBER, figure
from audio.script.numbers import cardinal, whole
from audio.script.pipeline import Rule
from audio.script.tables import words
from audio.script.words_admin import ADMIN
from audio.script.words_life import LIFE
from audio.script.words_units import ABLE_ALONE, CURRENCIES, PER, TOGETHER, UNITS

_ANY = {**UNITS, **CURRENCIES}
_ALTERNATIVES = "|".join(re.escape(unit) for unit in sorted(_ANY, key=len, reverse=True))
_LENGTHS = words("sâu|cao|dài|rộng|dày")
_SCALES = "triệu|nghìn|ngàn|tỷ|tỉ|vạn|trăm|mươi"
_AFTER_FIGURE = "(?:(?<=[\\d²³¹⁰]) ?|" + "|".join(rf"(?<=\b{scale}) " for scale in _SCALES.split("|")) + ")"
_RANGE = r"(?!\w|/c\b)"


def per(written: str) -> str:
    """What stands after "trên": a unit's name, or the word itself."""
    return PER.get(written) or _ANY.get(written) or LIFE.get(written) or ADMIN.get(written, written)


def _unit(match: re.Match[str], _text: str) -> str | None:
    if match[0].startswith((" T", " Đ")):
        return None
    spoken = _ANY[match["unit"]]
    tail = "".join(f" trên {per(part)}" for part in (match["per"] or "").split("/") if part)
    return spoken + tail


def _between(match: re.Match[str], _text: str) -> str:
    unit = _ANY[match["unit"]]
    return f"{figure(match['low'])} {unit} đến {figure(match['high'])} {unit}"


def _over(match: re.Match[str], _text: str) -> str | None:
    unit = match["unit"]
    return f" trên {per(unit)}" if unit in PER or per(unit) != unit else None


def _before_figure(match: re.Match[str], _text: str) -> str:
    scale = f" {match['scale']}" if match["scale"] else ""
    return f"{figure(match['n'])}{scale} {CURRENCIES[match['sign']]}"


def _metres_and(match: re.Match[str], text: str) -> str | None:
    """ "1m75", "1kg2", "2tr5": the second figure is a part of the same unit."""
    unit, part = match["unit"], match["part"]
    if unit in {"tr", "tỷ", "triệu"}:
        below = {"tr": "nghìn", "triệu": "nghìn", "tỷ": "triệu"}[unit]
        name = {"tr": "triệu"}.get(unit, unit)
        said = f"{cardinal(int(match['n']))} {name} {whole(part.ljust(3, '0'))} {below}"
        return f"{said} đồng" if match["money"] else said
    squared = part in "23" and unit == "m"
    if squared and not ends_with(words_before(text, match.start(), 1), _LENGTHS):
        return None
    return f"{cardinal(int(match['n']))} {UNITS[unit]} {whole(part)}"


def _slashed(match: re.Match[str], _text: str) -> str | None:
    left, right = match["left"], match["right"]
    if left.lower() in {"và", "hoặc"} or right.lower() in {"hoặc", "hay"}:
        return f"{left} {right}"
    if f"{left}/{right}".lower() in TOGETHER:
        return f"{left} {right}"
    measured = left in PER or left in _ANY
    return f"{left} trên {per(right)}" if measured and (right in PER or right in UNITS) else None


def _thousands(match: re.Match[str], text: str) -> str | None:
    return "nghìn đồng" if words_before(text, match.start(), 3).rpartition(" ")[2] != "mã" else None


def _stands_alone(match: re.Match[str], _text: str) -> str:
    return ABLE_ALONE[match[0]]


_PER = r"(?P<per>(?:/(?:" + _ALTERNATIVES + r"|[a-zA-ZÀ-ỹ]+)(?!\w))*)"
_CURRENCY_SIGNS = "|".join(re.escape(sign) for sign in CURRENCIES if not sign.isalpha())

RULES = (
    Rule(
        "money",
        re.compile(rf"(?P<sign>{_CURRENCY_SIGNS}) ?(?P<n>{NUMBER})(?: (?P<scale>triệu|tỷ|tỉ|nghìn))?"),
        _before_figure,
    ),
    Rule(
        "measure",
        re.compile(r"(?<![\w.,])(?P<n>\d{1,3})(?P<unit>tr|triệu|tỷ)(?P<part>\d{1,3})(?P<money> ?(?:đ|đồng))?(?!\w)"),
        _metres_and,
    ),
    Rule("measure", re.compile(r"(?<![\w.,])(?P<n>\d{1,3})(?P<unit>m|kg|T)(?P<part>\d{1,2})(?!\w)"), _metres_and),
    Rule(
        "unit",
        re.compile(
            rf"(?<![\w.,])(?P<low>{NUMBER}) ?(?P<unit>{_ALTERNATIVES})\s*{DASH}\s*(?P<high>{NUMBER}) ?(?P=unit)(?!\w)"
        ),
        _between,
    ),
    Rule("money", re.compile(r"(?<=\d)(?: ?k|(?<=\d\d) ?K)(?!\w)"), _thousands),
    Rule("unit", re.compile(rf"{_AFTER_FIGURE}(?P<unit>{_ALTERNATIVES}){_RANGE}{_PER}"), _unit),
    Rule("per", re.compile(r"(?<=[\d\ue000])/(?P<unit>[a-zA-ZÀ-ỹ]+[²³23]?)(?!\w)"), _over),
    Rule("unit", re.compile(r"(?<![\w/])(?:" + "|".join(map(re.escape, ABLE_ALONE)) + r")(?![\w])"), _stands_alone),
    Rule("per", re.compile(r"(?<![\w/])(?P<left>[a-zA-ZÀ-ỹ]+) ?/ ?(?P<right>[a-zA-ZÀ-ỹ]+[²³23]?)(?![\w/])"), _slashed),
)
