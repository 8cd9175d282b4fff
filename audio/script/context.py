"""Look at the words beside a place in a text, because a notice's short forms mean what their neighbours say."""

import re
from collections.abc import Collection

_REACH = 60
_WORD = re.compile(r"[\w/&]+")
_STOPS = re.compile(r"[.;:!?\n]\s")
_PAUSES = re.compile(r"[.;:!?,()\n]\s?(?!\d)")


def words_before(text: str, at: int, count: int) -> str:
    """Up to `count` lower-cased words that end before `at`, in the same sentence, joined by single spaces."""
    near = _STOPS.split(text[max(0, at - _REACH) : at])[-1]
    return " ".join(_WORD.findall(near)[-count:]).lower()


def words_after(text: str, at: int, count: int) -> str:
    """Up to `count` lower-cased words that begin at or after `at`, before any pause."""
    near = _PAUSES.split(text[at : at + _REACH].lstrip(".: "))[0]
    return " ".join(_WORD.findall(near)[:count]).lower()


def ends_with(phrase: str, endings: Collection[str]) -> bool:
    """Whether the last one, two, three … words of `phrase` are one of `endings`."""
    words = phrase.split()
    return any(" ".join(words[start:]) in endings for start in range(len(words)))


def begins_with(phrase: str, beginnings: Collection[str]) -> bool:
    """Whether the first one, two, three … words of `phrase` are one of `beginnings`."""
    words = phrase.split()
    return any(" ".join(words[:stop]) in beginnings for stop in range(1, len(words) + 1))


def starts_line(text: str, at: int) -> bool:
    """Whether only spaces stand between the beginning of the line and `at`."""
    return not text[text.rfind("\n", 0, at) + 1 : at].strip()
