"""What residents say about what was heard: five words, perhaps a note without names, and how much is taken. PURE"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address

from broadcaster.domain import words
from broadcaster.domain.errors import Malformed

LONGEST_NOTE, LONGEST_ANSWER = 300, 1_000
READ = 2_000
"""So much of a note is looked at: anybody may send one, and as long a one as they like."""
BEFORE, AFTER = timedelta(hours=2), timedelta(minutes=5)
"""Whoever stands at the pole means what it said within so long, or what it is about to say."""
HIDDEN = "…"


class What(StrEnum):
    """What a resident may say."""

    HEARD = "heard"
    TOO_LOUD = "too_loud"
    TOO_QUIET = "too_quiet"
    NOT_UNDERSTOOD = "not_understood"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many within a time."""

    most: int
    within: timedelta = timedelta(minutes=10)


# Behind one address of a mobile network there may be a village; one speaker is heard by a few hundred people.
ADDRESS, SPEAKER, ANNOUNCEMENT = Limit(30), Limit(100), Limit(1_000)


@dataclass(frozen=True, slots=True)
class Sounding:
    """One airing that a speaker was to sound."""

    airing: str
    at: datetime


# A telephone number, an identity card, a bank account; a mail address; a link.
_NUMBER = re.compile(r"\+?\d(?:[\s.\-()]*\d){7,}")
_MAIL = re.compile(r"(?<!\S)\S+@\S+")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


def what(text: str) -> What:
    """One of the five. Raises Malformed."""
    try:
        return What(text)
    except ValueError:
        raise Malformed(field="what", problem=text[:40]) from None


def note(text: str) -> str:
    """A note as it is stored: short, and without what would tell who wrote it."""
    tidy = words.prose(text[:READ])
    for secret in (_LINK, _MAIL, _NUMBER):
        tidy = secret.sub(HIDDEN, tidy)
    return tidy[:LONGEST_NOTE].rstrip()


def answer(text: str) -> str:
    """The commune's answer as it is stored. Raises Malformed."""
    tidy = words.prose(text)
    if not 1 <= len(tidy) <= LONGEST_ANSWER:
        raise Malformed(field="answer", problem=f"1–{LONGEST_ANSWER}")
    return tidy


def meant(at: datetime, soundings: Iterable[Sounding]) -> Sounding | None:
    """What whoever stands at the speaker at this moment means: the latest that began, else the next within minutes."""
    near = [each for each in soundings if at - BEFORE <= each.at <= at + AFTER]
    begun = [each for each in near if each.at <= at]
    if begun:
        return max(begun, key=lambda each: (each.at, each.airing))
    return min(near, key=lambda each: (each.at, each.airing), default=None)


def minute(text: str, now: datetime) -> datetime:
    """The minute a form was opened, as it says itself in seconds since 1970; now where that cannot be."""
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        return now
    at = now + timedelta(seconds=int(text) - int(now.timestamp()))
    return at if now - BEFORE <= at <= now else now


def household(address: str) -> str:
    """What floods are counted by: an address, or the network an IPv6 one is given to."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(found) >> 64 << 64)) if isinstance(found, IPv6Address) else str(found)
