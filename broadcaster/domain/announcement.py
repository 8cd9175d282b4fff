"""The life of an announcement, and what one must be before it is stored."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from broadcaster.domain import languages, steps
from broadcaster.domain.errors import (
    DrillNotEmergency,
    EmptyAudience,
    LanguageTwice,
    Malformed,
    TextEmpty,
    TextTooLong,
    TitleEmpty,
    TitleTooLong,
    VersionEmpty,
    VersionsMissing,
)
from firmware_config.protocol import Kind, Klass

CATEGORY = re.compile(r"[a-z][a-z_]{1,39}")
VOICE = re.compile(r"([a-z]{1,20}(-(north|central|south))?)?")
SLOWEST, FASTEST = 70, 140
LONGEST_TEXT = 5_000
LONGEST_TITLE = 200
MOST_REPEATS = 10
MOST_VERSIONS = 8


class State(StrEnum):
    """How far an announcement got."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Event(StrEnum):
    """What can happen to it."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


TABLE: dict[tuple[State, Event], State] = {
    (State.DRAFT, Event.EDIT): State.DRAFT,
    (State.DRAFT, Event.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Event.WITHDRAW): State.WITHDRAWN,
    (State.DRAFT, Event.EXPIRE): State.EXPIRED,
    (State.SUBMITTED, Event.EDIT): State.DRAFT,
    (State.SUBMITTED, Event.APPROVE): State.APPROVED,
    (State.SUBMITTED, Event.REJECT): State.REJECTED,
    (State.SUBMITTED, Event.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Event.EXPIRE): State.EXPIRED,
    (State.APPROVED, Event.EDIT): State.DRAFT,
    (State.APPROVED, Event.WITHDRAW): State.WITHDRAWN,
    (State.APPROVED, Event.EXPIRE): State.EXPIRED,
    (State.REJECTED, Event.EDIT): State.DRAFT,
    (State.REJECTED, Event.WITHDRAW): State.WITHDRAWN,
    (State.REJECTED, Event.EXPIRE): State.EXPIRED,
}


def step(state: State, event: Event) -> State:
    """The state after the event; raises IllegalStep when that cannot happen now."""
    return steps.take(TABLE, state, event)


@dataclass(frozen=True, slots=True)
class Words:
    """One version as it is to be checked; a text of None was not given at all."""

    language: str
    text: str | None
    recorded: bool


def check(*, title: str, versions: Sequence[Words], audience: int, repeat: int, unfinished: bool = False) -> None:
    """Raise the first refusal that a draft deserves; `audience` is how many choices it includes.

    An `unfinished` one may still lack words and places.
    """
    if not title.strip():
        raise TitleEmpty
    if len(title) > LONGEST_TITLE:
        raise TitleTooLong(limit=LONGEST_TITLE)
    if not versions:
        raise VersionsMissing
    if len(versions) > MOST_VERSIONS:
        raise Malformed(field="versions", problem=f"1–{MOST_VERSIONS}")
    for place, version in enumerate(versions):
        _check_words(version, unfinished=unfinished)
        if version.language in {earlier.language for earlier in versions[:place]}:
            raise LanguageTwice(language=version.language)
    if not (audience or unfinished):
        raise EmptyAudience
    if not 1 <= repeat <= MOST_REPEATS:
        raise Malformed(field="repeat", problem=f"1–{MOST_REPEATS}")


def check_labels(klass: str, kind: str, category: str, spoken_in: Sequence[str]) -> None:
    """Raise DrillNotEmergency, UnknownLanguage, and Malformed for a class, kind or category that is not one."""
    if klass not in set(Klass):
        raise Malformed(field="class", problem=", ".join(Klass))
    if kind not in set(Kind):
        raise Malformed(field="kind", problem=", ".join(Kind))
    if klass == Klass.EMERGENCY and kind != Kind.LIVE:
        raise DrillNotEmergency
    if not CATEGORY.fullmatch(category):
        raise Malformed(field="category", problem="a–z, _")
    for language in spoken_in:
        languages.require(language)


def check_reader(voice: str, speed: int) -> None:
    """Raise Malformed for a voice that cannot be one, and for a speed in percent nobody could follow."""
    if not VOICE.fullmatch(voice):
        raise Malformed(field="voice", problem="espeak-south")
    if not SLOWEST <= speed <= FASTEST:
        raise Malformed(field="speed", problem=f"{SLOWEST}–{FASTEST}")


def _check_words(version: Words, *, unfinished: bool) -> None:
    needed = not (version.recorded or unfinished)
    if version.text is None and needed:
        raise VersionEmpty(language=version.language)
    text = version.text or ""
    if not text.strip() and needed:
        raise TextEmpty(language=version.language)
    if len(text) > LONGEST_TEXT:
        raise TextTooLong(language=version.language, length=len(text), limit=LONGEST_TEXT)
