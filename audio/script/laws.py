"""Numbers of laws and official papers: 57-NQ/TW, 39/2020/TT-BTTTT, 1234/QĐ-UBND."""

import re

from audio.script.context import ends_with, words_before
from audio.script.letters import spell
from audio.script.numbers import cardinal, coded
from audio.script.pipeline import Rule
from audio.script.words_admin import ADMIN
from audio.script.words_bodies import BODIES
from audio.script.words_papers import ISSUERS, PAPERS

_CODE = r"[A-ZĐÂÔƯ][A-Za-zĐđÂÔƠƯ&]*\d{0,2}(?:[-./][A-ZĐÂÔƯ][A-Za-zĐđÂÔƠƯ&]*\d{0,2})*"
_NOUNS = frozenset(
    [
        f"{noun}{number}"
        for noun in {*PAPERS.values(), "luật", "bộ luật", "văn bản", "tờ trình"}
        for number in ("", " số")
    ]
)
_SIGNING = frozenset(["CP", "TTg", "TW", "CTN", "UBTVQH", "TU", "HU", "ĐU", "UBND", "HĐND"])
_ASSEMBLY = re.compile(r"(QH|UBTVQH)(\d{1,2})\Z")


def paper_code(written: str) -> str | None:
    """The letters of a paper's number in words, or None where no part of them is known."""
    parts = re.split(r"[-./]", written)
    known = [_part(part, first=index == 0) for index, part in enumerate(parts)]
    if not any(known):
        return None
    return " ".join(words or spell(part) for words, part in zip(known, parts, strict=True))


def _part(part: str, *, first: bool) -> str | None:
    if assembly := _ASSEMBLY.match(part):
        house = {"QH": "Quốc hội", "UBTVQH": "Ủy ban Thường vụ Quốc hội"}[assembly[1]]
        return f"{house} khóa {cardinal(int(assembly[2]))}"
    if first and part in PAPERS:
        return PAPERS[part]
    return ISSUERS.get(part) or BODIES.get(part) or PAPERS.get(part) or ADMIN.get(part)


def _number(match: re.Match[str], text: str) -> str | None:
    code = paper_code(match["code"])
    if code is None and ends_with(words_before(text, match.start(), 1), {"số"}):
        code = " ".join(spell(part) for part in re.split(r"[-./]", match["code"]))
    if code is None:
        return None
    year = f" năm {cardinal(int(match['year']))}" if match["year"] else ""
    letter = f" {match['letter'].lower()}" if match["letter"] else ""
    return f"{coded(match['n'])}{letter}{year} {code}"


def _blank(match: re.Match[str], _text: str) -> str | None:
    return paper_code(match["code"])


def _symbol(match: re.Match[str], _text: str) -> str | None:
    """ "TT-BTTTT" without its number; "TT-PVHCC" and "KH-KT" are no papers."""
    kind, issuer = PAPERS.get(match["kind"]), match["issuer"]
    said = BODIES.get(issuer, "")
    known = issuer in _SIGNING or said.startswith(("bộ ", "sở "))
    return f"{kind} {ISSUERS.get(issuer) or said or ADMIN[issuer]}" if kind and known else None


def _bare(match: re.Match[str], text: str) -> str | None:
    if not ends_with(words_before(text, match.start(), 4), _NOUNS):
        return None
    return f"{coded(match['n'])} năm {cardinal(int(match['year']))}"


def _standard(match: re.Match[str], _text: str) -> str:
    name = {"QCVN": "quy chuẩn Việt Nam", "TCVN": "tiêu chuẩn Việt Nam"}[match["kind"]]
    issuer = match["issuer"]
    tail = f" {paper_code(issuer) or spell(issuer)}" if issuer else ""
    numbers = " gạch ngang ".join(coded(part) for part in re.findall(r"\d+", match["n"]))
    return f"{name} {numbers} năm {cardinal(int(match['year']))}{tail}"


RULES = (
    Rule(
        "law-standard",
        re.compile(r"(?<!\w)(?P<kind>QCVN|TCVN) ?(?P<n>\d+(?:-\d+)*):(?P<year>\d{4})(?:/(?P<issuer>[A-ZĐ]+))?"),
        _standard,
    ),
    Rule(
        "law",
        re.compile(
            rf"(?<![\w.,/])(?P<n>\d{{1,5}})(?P<letter>[a-zA-Z]?)"
            rf"(?: ?/ ?(?P<year>[12]\d{{3}}))? ?[/-] ?(?P<code>{_CODE})(?![\w])"
        ),
        _number,
    ),
    Rule("law", re.compile(rf"[.…_]{{2,}} ?[/-] ?(?P<code>{_CODE})(?![\w])"), _blank),
    Rule("law", re.compile(r"(?<![\w./-])(?P<kind>[A-ZĐ][A-ZĐr]{1,3})[-/](?P<issuer>[A-ZĐTg]{2,8})(?![\w-])"), _symbol),
    Rule("law", re.compile(r"(?<![\w.,/])(?P<n>\d{1,4})/(?P<year>(?:19|20)\d{2})(?![\w/]|[.,]\d)"), _bare),
)
