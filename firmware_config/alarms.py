"""What may be wrong with a speaker, in a sentence with what to do: the same on the page and from `loa-agent doctor`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("vi", "en", "fr")
FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that may be wrong."""

    code: str
    weight: int
    """3: nothing is heard there. 2: soon nothing will be, or nobody can tell. 1: to be looked at on the next visit."""
    words: Mapping[str, tuple[str, str]]
    """By language: what is wrong, and what to do."""

    def says(self, language: str) -> str:
        """What is wrong, in this language or else in Vietnamese."""
        return self.words.get(language, self.words["vi"])[0]

    def cure(self, language: str) -> str:
        """What to do about it."""
        return self.words.get(language, self.words["vi"])[1]


@cache
def alarms() -> Mapping[str, Alarm]:
    """All of them, by code."""
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {code: _alarm(code, one) for code, one in raw.items()}


def alarm(code: str) -> Alarm:
    """The alarm of a code; one that a newer speaker made up is named as it is."""
    found = alarms().get(code)
    if found is not None:
        return found
    unknown = alarms()["unknown"]
    return Alarm(
        code, unknown.weight, {name: (f"{says} ({code})", cure) for name, (says, cure) in unknown.words.items()}
    )


def worst_first(codes: Iterable[str]) -> list[Alarm]:
    """The alarms of these codes, each once, the heaviest first."""
    found = [alarm(code) for code in dict.fromkeys(codes)]
    return sorted(found, key=lambda one: -one.weight)


def _alarm(code: str, raw: Mapping[str, object]) -> Alarm:
    weight, words = raw["weight"], {name: raw[name] for name in LANGUAGES}
    assert isinstance(weight, int), code
    pairs: dict[str, tuple[str, str]] = {}
    for name, pair in words.items():
        assert isinstance(pair, list), code
        says, cure = map(str, pair)
        pairs[name] = (says, cure)
    return Alarm(code, weight, pairs)
