"""A commune's own words: written form → spoken form, before every rule of ours."""

import re
from collections.abc import Mapping

from audio.script.pipeline import Rule


def own_rules(dictionary: Mapping[str, str]) -> tuple[Rule, ...]:
    """Rules for whole words exactly as the dictionary writes them, then in any case."""
    words = {written: spoken for written, spoken in dictionary.items() if written.strip()}
    if not words:
        return ()
    folded = {written.lower(): spoken for written, spoken in words.items()}
    pattern = "|".join(_whole(written) for written in sorted(words, key=len, reverse=True))

    def exactly(match: re.Match[str], _text: str) -> str | None:
        return words.get(match[0])

    def in_any_case(match: re.Match[str], _text: str) -> str | None:
        return folded.get(match[0].lower())

    return (
        Rule("dictionary", re.compile(pattern), exactly),
        Rule("dictionary", re.compile(pattern, re.IGNORECASE), in_any_case),
    )


def _whole(written: str) -> str:
    before = r"(?<!\w)" if written[0].isalnum() else ""
    after = r"(?!\w)" if written[-1].isalnum() else ""
    return f"{before}{re.escape(written)}{after}"
