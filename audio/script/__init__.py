"""Written Vietnamese → the words a radio announcer would read, in small rules that can be shown one by one."""

import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from audio.script import abbreviations, clock, codes, counting, dates, laws, measures, phones, roman, symbols, web
from audio.script.dictionary import own_rules
from audio.script.pipeline import Change, Rule, changes, joined
from audio.script.tidy import normal, tidied

__all__ = ["Change", "explain", "spoken"]
_RULES: tuple[Rule, ...] = (
    *web.RULES,
    symbols.PICTURES,
    *symbols.EARLY,
    *counting.EARLY,
    *laws.RULES,
    *codes.FIRST,
    *phones.RULES,
    *clock.RULES,
    *dates.RULES,
    *roman.RULES,
    *measures.RULES,
    *abbreviations.RULES,
    *codes.RULES,
    *counting.RULES,
    *codes.LAST,
    *symbols.RULES,
)


def spoken(text: str, *, language: str = "vi", dictionary: Mapping[str, str] | None = None) -> str:
    """The whole text as it should be read aloud, one line for each line; never raises.

    In other languages than Vietnamese only the dictionary changes a word: their voices read figures themselves.
    """
    plain, _ = normal(text)
    return tidied(joined(plain, _changes(plain, language, dictionary)))


def explain(text: str, *, language: str = "vi", dictionary: Mapping[str, str] | None = None) -> list[Change]:
    """What is read otherwise than written, in the order of the text; places count in `text` as it was given."""
    plain, places = normal(text)
    return [
        replace(
            change,
            written=text[places[change.start] : places[change.end]],
            spoken=change.spoken.strip(),
            start=places[change.start],
            end=places[change.end],
        )
        for change in _changes(plain, language, dictionary)
    ]


def _changes(plain: str, language: str, dictionary: Mapping[str, str] | None) -> list[Change]:
    own = {
        unicodedata.normalize("NFC", written): unicodedata.normalize("NFC", words)
        for written, words in (dictionary or {}).items()
    }
    return changes(plain, (*own_rules(own), *(_RULES if language == "vi" else ())))
