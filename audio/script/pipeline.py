"""Run rules over a text, each on what earlier ones left, and remember exactly what became of what."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

# A private-use sign stands for whatever is already read, so that places never move and no later rule matches it.
_DONE = "\ue000"
_DASHES = ("-", "–")


@dataclass(frozen=True, slots=True)
class Change:
    """One stretch `start:end` of the text as written, how it is read, and the rule that says so."""

    written: str
    spoken: str
    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Where `pattern` matches, `read(match, text)` gives the words, or None to leave it to later rules.

    Words that would join two lines are left to later rules too: a line is a pause.
    """

    name: str
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], str], str | None]


def changes(text: str, rules: Iterable[Rule]) -> list[Change]:
    """Every change the rules make to `text`, in the order of the text, none overlapping."""
    left, found = text, list[Change]()
    for rule in rules:
        made = list(_apply(rule, left, text))
        found += made
        left = _cover(left, made)
    return sorted(found, key=lambda change: change.start)


def _apply(rule: Rule, left: str, text: str) -> Iterable[Change]:
    for match in rule.pattern.finditer(left):
        start, end = match.span()
        words = rule.read(match, text) if end > start else None
        if words is not None and words.count("\n") == match[0].count("\n"):
            yield Change(text[start:end], words, start, end, rule.name)


def _cover(left: str, made: list[Change]) -> str:
    pieces, at = list[str](), 0
    for change in made:
        pieces += left[at : change.start], _DONE * (change.end - change.start)
        at = change.end
    return "".join([*pieces, left[at:]])


def joined(text: str, made: Iterable[Change]) -> str:
    """The text with the changes put in, and a space wherever words would run together."""
    pieces, at, before = list[str](), 0, ""
    for change in made:
        between = text[at : change.start]
        pieces += _joint(before, change.rule) if between in _DASHES else between, change.spoken
        at, before = change.end, change.rule
    pieces.append(text[at:])
    out = list[str]()
    for piece in filter(None, pieces):
        if out and (out[-1][-1].isalnum() or out[-1][-1] == ")") and piece[0].isalnum():
            out.append(" ")
        out.append(piece)
    return "".join(out)


def _joint(before: str, after: str) -> str:
    """What a dash between two changes becomes: from one road or level to another, otherwise nothing heard."""
    return " đến " if before == after == "road" else " " if before else "-"
