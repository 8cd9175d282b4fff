"""Letters joined to figures: roads, classes, viruses, number plates, places on the map; and unknown acronyms."""

import re

from audio.script.context import ends_with, words_before
from audio.script.letters import is_syllable, letter, spell
from audio.script.numbers import cardinal, coded, digits, whole
from audio.script.pipeline import Rule
from audio.script.words_names import PREFIXES, WORDS

_CAPITAL = "A-ZĐĂÂÊÔƠƯ"
_VOWELS = re.compile(r"[AEIOUYĂÂÊÔƠƯ]")
_SIDES = {"N": "bắc", "B": "bắc", "E": "đông", "Đ": "đông", "S": "nam", "W": "tây"}
_READABLE_FROM = 5
_POST = r"(?:[Kk][Mm] ?\d{1,4} ?\+ ?\d{1,3}|K[Mm](?: |(?!2(?!\d)))\d{1,4})"


def _figures(written: str) -> str:
    return digits(written) if written.startswith("0") or len(written) > 2 else cardinal(int(written))


def _plate(match: re.Match[str], _text: str) -> str:
    series = " ".join(letter(one) if one.isalpha() else digits(one) for one in match["series"])
    return f"{coded(match['province'])} {series} {digits(match['n'])}"


def _road(match: re.Match[str], text: str) -> str | None:
    tail = match["tail"]
    number = coded(match["n"]) if match["n"].startswith("0") else cardinal(int(match["n"]))
    # "ĐT 0987 654 321" is a telephone.
    if " " in match[0] and re.match(r" \d", text[match.end() :]):
        return None
    if match["road"] in {"ĐT", "DT"} and len(match["n"]) < 3:
        return None
    prefix = PREFIXES[match["road"]]
    said = "" if ends_with(words_before(text, match.start(), 2), {prefix}) else f"{prefix} "
    return f"{said}{number}" + (f" {letter(tail).lower()}" if tail else "")


def _kilometre(match: re.Match[str], _text: str) -> str:
    posts = re.findall(r"(\d+)(?: ?\+ ?(\d+))?", match[0])
    said = (f"ki lô mét {whole(post)}" + (f" cộng {whole(metres)}" if metres else "") for post, metres in posts)
    return " đến ".join(said)


def _virus(match: re.Match[str], _text: str) -> str:
    kind = f"{letter(match['kind'])} " if match["kind"] else ""
    return kind + " ".join(letter(one) if one.isalpha() else digits(one) for one in match["type"])


def _mixed(match: re.Match[str], _text: str) -> str | None:
    parts = [part for part in re.split(r"(\d+)|[-./]", match[0]) if part]
    if not any(part.isdecimal() for part in parts):
        return None
    return " ".join(_figures(part) if part.isdecimal() else _letters(part) for part in parts)


def _letters(written: str) -> str:
    if written.upper() in WORDS:
        return WORDS[written.upper()]
    readable = len(written) >= _READABLE_FROM and _vowelled(written)
    return written.lower() if readable else spell(written)


def _acronym(match: re.Match[str], _text: str) -> str | None:
    written = match[0]
    if written in WORDS:
        return WORDS[written] if WORDS[written].upper() != written else None
    if is_syllable(written) or (len(written) >= _READABLE_FROM and _vowelled(written)):
        return None
    return spell(written)


def _vowelled(written: str) -> bool:
    """Whether a long foreign word can be left to the voice: it has vowels, and few consonants stand together."""
    sounds = re.sub(r"NG|NH|SH|TH|CH|PH|KH|TR|ST|CK", "T", written)
    return bool(_VOWELS.search(written)) and not re.search(r"[^AEIOUYĂÂÊÔƠƯ]{3,}", sounds)


def _coordinate(match: re.Match[str], _text: str) -> str:
    words = f"{cardinal(int(match['d']))} độ"
    words += f" {cardinal(int(match['m']))} phút" if match["m"] else ""
    words += f" {cardinal(int(match['s']))} giây" if match["s"] else ""
    return f"{words} {_SIDES[match['side']]}" if match["side"] else words


FIRST = (
    Rule(
        "coordinate",
        re.compile(
            r"(?<!\w)(?P<d>\d{1,3})[°º] ?"
            r"(?:(?P<m>\d{1,2})['’′] ?(?:(?P<s>\d{1,2})(?:\"|''|″|”) ?)?)?(?P<side>[NEBĐSW])(?!\w)"
        ),
        _coordinate,
    ),
    Rule(
        "coordinate",
        re.compile(r"(?<!\w)(?P<d>\d{1,3})[°º] ?(?P<m>\d{1,2})['’′](?: ?(?P<s>\d{1,2})(?:\"|''|″|”))?(?P<side>)"),
        _coordinate,
    ),
    Rule(
        "plate",
        re.compile(
            r"(?<![\w.,/])(?P<province>\d{2}) ?-? ?(?P<series>[A-ZĐ]{1,2}\d?|[A-Z]\d)"
            r"[- ](?P<n>\d{3}\.?\d{2}|\d{4})(?![\w]|[.,]\d)"
        ),
        _plate,
    ),
    Rule("virus", re.compile(r"(?<!\w)(?:(?P<kind>[AB])[/(] ?)?(?P<type>H\d{1,2}N\d{1,2})\)?(?!\w)"), _virus),
    Rule(
        "road",
        re.compile(
            rf"(?<!\w)(?P<road>{'|'.join(map(re.escape, PREFIXES))})[.\- ]?"
            r"(?P<n>\d{1,4})(?P<tail>[A-Za-z]?)(?![\w]|[.,/]\d)"
        ),
        _road,
    ),
    Rule("road", re.compile(rf"(?<!\w){_POST}(?:\s*(?:-|–|đến)\s*{_POST})?(?!\w)"), _kilometre),
)

RULES = (
    Rule(
        "code",
        re.compile(
            rf"(?<![\w])[{_CAPITAL}][A-Za-zĐđ]{{0,9}}(?:[-.]?\d+[{_CAPITAL}]{{0,3}})+(?:[-/]\d+)*(?![\w]|[.,]\d)"
        ),
        _mixed,
    ),
    Rule(
        "code",
        re.compile(rf"(?<![\w.,])\d{{1,3}}[{_CAPITAL}][A-ZĐa-z]{{0,2}}(?:\d{{1,3}}(?:\.\d{{1,2}})?)?(?![\w])"),
        _mixed,
    ),
)

LAST = (Rule("acronym", re.compile(rf"(?<![\w])[{_CAPITAL}]{{2,}}(?!\w)"), _acronym),)
