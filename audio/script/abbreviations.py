"""Abbreviations: those that mean one thing, and those whose neighbours decide."""

import re
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from audio.script.ambiguous import AMBIGUOUS, FIGURE, NAME, YEAR, Sense
from audio.script.context import begins_with, ends_with, words_after, words_before
from audio.script.letters import is_bare_syllable, is_syllable
from audio.script.pipeline import Rule
from audio.script.words_admin import ADMIN
from audio.script.words_bodies import BODIES
from audio.script.words_life import LIFE
from audio.script.words_work import HEADS, WORK


def _plain_letters(written: str) -> str:
    return written.lower().replace("đ", "d").replace("ư", "u").replace("ơ", "o")


_PLAIN = {written: spoken for written, spoken in (WORK | BODIES | LIFE | ADMIN).items() if written not in AMBIGUOUS}
# Typed in haste without capitals; short ones and those that read as a syllable stay words.
_SMALL = {
    written.lower(): spoken
    for written, spoken in _PLAIN.items()
    if len(written) > 2 and written.isalpha() and written.isupper() and not is_bare_syllable(_plain_letters(written))
}
_NEXT = re.compile(r"[\s.:(\"“]*")
_BESIDE = re.compile(r"[^\W\d_]+\s?\Z")
_WORD = re.compile(r"\s?[^\W\d_]+")
_INITIAL = re.compile(r"[A-ZĐÂÔƠƯÁÀẢÃẠÉÈÊÍÌÓÒÚÙÝ][a-zà-ỹ]+\s+\Z")


def _one_of(written: Iterable[str]) -> str:
    """Alternatives, longest first; by first letter, or every word of a text would be tried against all of them."""
    longest_first = sorted(sorted(written, key=len, reverse=True), key=itemgetter(0))
    groups = (
        first + "(?:" + "|".join(map(_rest, words)) + ")" for first, words in groupby(longest_first, itemgetter(0))
    )
    return "|".join(groups)


def _rest(word: str) -> str:
    return re.escape(word[1:]) + ("" if word.endswith(".") else r"(?!\w|\.\d)")


def _kind(text: str, at: int) -> str:
    """What begins at `at`: a capitalised name, a short figure, a year, or none of them."""
    start = _NEXT.match(text, at)
    rest = text[start.end() if start else at :][:12]
    if re.match(r"\d{1,3}(?!\d)", rest):
        return FIGURE
    if re.match(r"(?:19|20)\d\d(?!\d)", rest):
        return YEAR
    return NAME if rest[:1].isupper() and rest[1:2].islower() else ""


def _fits(sense: Sense, text: str, start: int, end: int) -> bool:
    if sense.always:
        return True
    if ends_with(words_before(text, start, 3), sense.before):
        return True
    follows = _kind(text, end)
    if follows and follows in sense.after:
        return True
    if ":" in sense.after and text[end:].lstrip().startswith(":"):
        return True
    if "#3" in sense.after and re.match(r"\s?\d{3}(?!\d)", text[end:]):
        return True
    return begins_with(words_after(text, end, 3), sense.after)


def _decided(match: re.Match[str], text: str) -> str | None:
    written = match[0]
    if len(written) == 2 and written.endswith(".") and _INITIAL.search(text, max(0, match.start() - 12), match.start()):
        return None
    shouted = _shouted(match, text)
    for sense in AMBIGUOUS[written]:
        if not (shouted and sense.always) and _fits(sense, text, match.start(), match.end()):
            return sense.spoken
    return None


def _echo(match: re.Match[str], text: str) -> str | None:
    """ "căn cước công dân (CCCD)" would be heard twice; the bracket only introduces the short form."""
    said = text[: match.start()].rstrip().lower().endswith(_PLAIN[match["short"]].lower())
    return " " if said else None


def _shouted(match: re.Match[str], text: str) -> bool:
    """Whether "ĐA" is but a syllable of a title in capitals, as in "TỐI ĐA"."""
    if not is_syllable(match[0]):
        return False
    before, after = _BESIDE.search(text[: match.start()]), _WORD.match(text, match.end())
    beside = [found[0].strip() for found in (before, after) if found]
    return any(len(word) > 1 and word.isupper() and is_syllable(word) for word in beside)


def _unrepeated(spoken: str, text: str, at: int) -> str:
    """ "giấy GKS", "hội HPN": what the writer has already put before the abbreviation is not said twice."""
    words, before = spoken.split(), text[max(0, at - 30) : at].lower().split(" ")[:-1]
    said = next((n for n in (3, 2, 1) if n < len(words) and before[-n:] == words[:n]), 0)
    return " ".join(words[said:])


def _plain(match: re.Match[str], text: str) -> str | None:
    if _shouted(match, text):
        return None
    spoken = _unrepeated(_PLAIN.get(match[0]) or _SMALL[match[0]], text, match.start())
    ends_sentence = match[0].endswith((".", "…")) and not text[match.end() :].partition("\n")[0].strip()
    return spoken + "." if ends_sentence else spoken


def _composed(match: re.Match[str], _text: str) -> str | None:
    """ "VPUBND", "HTXDVNN": a known beginning and a known rest, where nobody would know the letters."""
    written = match[0]
    cuts = (at for at in range(len(written) - 3, 1, -1) if written[:at] in HEADS and written[at:] in _PLAIN)
    return next((f"{HEADS[written[:at]]} {_PLAIN[written[at:]]}" for at in cuts), None)


RULES = (
    Rule("echo", re.compile(rf"\s?\((?P<short>{_one_of(_PLAIN)})\)"), _echo),
    Rule("abbreviation", re.compile(rf"(?<![\w.])(?:{_one_of(_PLAIN)})"), _plain),
    Rule("abbreviation", re.compile(rf"(?<![\w.])(?:{_one_of(AMBIGUOUS)})"), _decided),
    Rule("abbreviation", re.compile(rf"(?<![\w.])(?:{_one_of(_SMALL)})"), _plain),
    Rule("abbreviation", re.compile(r"(?<![\w.])[A-ZĐƯƠÂ]{5,12}(?!\w)"), _composed),
)
