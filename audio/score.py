"""Scores: of an announcement's words (opening, body as often as wanted, closing), and of the chime before them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum


class Klass(StrEnum):
    """The three classes of Circular 39/2020."""

    NORMAL = "normal"
    PRIORITY = "priority"
    EMERGENCY = "emergency"


class Kind(StrEnum):
    """Whether it is meant, or practised."""

    LIVE = "live"
    DRILL = "drill"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Chime:
    """One of our own chimes, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Silence:
    """A pause."""

    ms: int


@dataclass(frozen=True, slots=True)
class Speech:
    """Text as it should be spoken (numbers and abbreviations already written out)."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Sound:
    """A clip already on the disk, such as a reviewed recording."""

    sha256: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A clip of a few words that is joined to others: the silence at its edges is cut off."""

    sha256: str


Part = Chime | Silence | Speech | Sound | Piece


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads aloud: a voice by its name, the region whose way of speaking it takes, and how fast."""

    voice: str = ""
    """Empty: the best there is."""
    region: str = ""
    """"north", "central", "south"; empty: the voice's own."""
    speed: int = 100
    """Percent of the voice's own speed."""


ANYBODY = Reader()
NO_LANGUAGE = "zxx"
"""BCP 47 for "no linguistic content"."""


@dataclass(frozen=True, slots=True)
class Score:
    """What will be heard, from first to last."""

    parts: tuple[Part, ...]
    language: str
    reader: Reader = ANYBODY

    def canonical(self) -> bytes:
        """Return bytes that are equal exactly when two scores are."""
        parts = [[type(part).__name__, asdict(part)] for part in self.parts]
        # What nobody chose leaves the bytes as they were before there was a choice.
        reader = [] if self.reader == ANYBODY else [asdict(self.reader)]
        return json.dumps([self.language, parts, *reader], ensure_ascii=True, sort_keys=True).encode()


@dataclass(frozen=True, slots=True)
class Manner:
    """How announcements of one class begin and how often they are read."""

    chime: str
    repeat: int
    after_chime_ms: int
    between_ms: int


MANNERS = {
    Klass.NORMAL: Manner("normal", repeat=2, after_chime_ms=600, between_ms=1500),
    Klass.PRIORITY: Manner("priority", repeat=2, after_chime_ms=500, between_ms=1200),
    Klass.EMERGENCY: Manner("emergency", repeat=3, after_chime_ms=400, between_ms=800),
}

OPENINGS = {
    "vi": {
        Klass.NORMAL: "Kính mời bà con chú ý lắng nghe thông báo.",
        Klass.PRIORITY: "Thông báo quan trọng. Đề nghị bà con chú ý lắng nghe.",
        Klass.EMERGENCY: "Thông báo khẩn cấp! Thông báo khẩn cấp! Đề nghị toàn thể bà con chú ý.",
    },
    "en": {
        Klass.NORMAL: "Attention please. Here is an announcement.",
        Klass.PRIORITY: "Attention please. Here is an important announcement.",
        Klass.EMERGENCY: "Emergency! Emergency! Everybody please listen.",
    },
    "fr": {
        Klass.NORMAL: "Votre attention, s'il vous plaît. Voici une annonce.",
        Klass.PRIORITY: "Votre attention, s'il vous plaît. Voici une annonce importante.",
        Klass.EMERGENCY: "Urgence ! Urgence ! Écoutez tous, s'il vous plaît.",
    },
}
AGAIN = {"vi": "Xin nhắc lại thông báo.", "en": "We repeat.", "fr": "Nous répétons."}
CLOSINGS = {
    "vi": {
        Klass.NORMAL: "Thông báo đến đây là hết. Cảm ơn bà con đã chú ý lắng nghe.",
        Klass.PRIORITY: "Thông báo đến đây là hết. Cảm ơn bà con đã chú ý lắng nghe.",
        Klass.EMERGENCY: "Đề nghị bà con khẩn trương thực hiện.",
    },
    "en": {
        Klass.NORMAL: "That is the end of the announcement. Thank you for listening.",
        Klass.PRIORITY: "That is the end of the announcement. Thank you for listening.",
        Klass.EMERGENCY: "Please act at once.",
    },
    "fr": {
        Klass.NORMAL: "C'est la fin de l'annonce. Merci de votre attention.",
        Klass.PRIORITY: "C'est la fin de l'annonce. Merci de votre attention.",
        Klass.EMERGENCY: "Agissez immédiatement, s'il vous plaît.",
    },
}
FRAMES = {
    Kind.DRILL: {"vi": "Đây là diễn tập.", "en": "This is a drill.", "fr": "Ceci est un exercice."},
    Kind.TEST: {"vi": "Đây là phát thử.", "en": "This is a test.", "fr": "Ceci est un essai."},
}
"""What is said first and last of all that is not meant; other languages take the Vietnamese one."""
BEFORE_CLOSING_MS = 1000
FRAME_MS = 700
MOST_REPEATS = 10


def primary(language: str) -> str:
    """Return the language without its region or variant: "vi" of "vi-VN"."""
    return language.lower().replace("_", "-").split("-", maxsplit=1)[0]


def chime_score(klass: str = Klass.NORMAL, kind: str = Kind.LIVE) -> Score:
    """The chime before an announcement and the pause behind it; the same for all of one class and kind.

    Raises ValueError for an unknown class or kind.
    """
    manner = MANNERS[Klass(klass)]
    name = manner.chime if Kind(kind) is Kind.LIVE else "drill"
    return Score((Chime(name), Silence(manner.after_chime_ms)), NO_LANGUAGE)


def score(
    body: str,
    *,
    language: str = "vi",
    klass: str = Klass.NORMAL,
    kind: str = Kind.LIVE,
    repeat: int | None = None,
    opening: str | None = None,
    closing: str | None = None,
    reader: Reader = ANYBODY,
) -> Score:
    """Order the words of an announcement; the class decides what is not given, and a drill says that it is one.

    `opening` and `closing` left out are the phrases usual for class and language; "" is none.
    All texts are already spoken ones. Raises ValueError for an unknown class or kind, an empty body or a
    `repeat` outside 1 to 10.
    """
    if not body.strip():
        raise ValueError("there is nothing to say")
    manner = MANNERS[Klass(klass)]
    usual = primary(language)
    first = OPENINGS.get(usual, {}).get(Klass(klass), "") if opening is None else opening
    last = CLOSINGS.get(usual, {}).get(Klass(klass), "") if closing is None else closing
    parts: list[Part] = [Speech(first, language), Silence(manner.after_chime_ms)] if first.strip() else []
    parts += _bodies([Speech(body, language)], _again(usual, language), _times(repeat, manner), manner.between_ms)
    if last.strip():
        parts += [Silence(BEFORE_CLOSING_MS), Speech(last, language)]
    return Score(tuple(framed(parts, language, kind)), language, reader)


def played(body: Sequence[Part], *, language: str, klass: str, kind: str = Kind.LIVE, repeat: int = 1) -> Score:
    """Order what was recorded, as often as wanted; a drill says that it is one. Raises ValueError as `score`."""
    manner = MANNERS[Klass(klass)]
    parts = _bodies(list(body), [], _times(repeat, manner), manner.between_ms)
    return Score(tuple(framed(parts, language, kind)), language)


def framed(parts: list[Part], language: str, kind: str) -> list[Part]:
    """The same between two sentences that say it is not meant, unless it is."""
    if Kind(kind) is Kind.LIVE:
        return parts
    sentences = FRAMES[Kind(kind)]
    spoken_in = language if primary(language) in sentences else "vi"
    frame = Speech(sentences[primary(spoken_in)], spoken_in)
    return [frame, Silence(FRAME_MS), *parts, Silence(FRAME_MS), frame]


def _times(repeat: int | None, manner: Manner) -> int:
    times = manner.repeat if repeat is None else repeat
    if not 1 <= times <= MOST_REPEATS:
        raise ValueError(f"an announcement is read 1 to {MOST_REPEATS} times")
    return times


def _again(usual: str, language: str) -> list[Part]:
    return [Speech(AGAIN[usual], language)] if usual in AGAIN else []


def _bodies(body: list[Part], again: list[Part], times: int, pause_ms: int) -> list[Part]:
    parts = list(body)
    for _ in range(times - 1):
        parts.append(Silence(pause_ms))
        if again:
            parts += [*again, Silence(pause_ms // 2)]
        parts += body
    return parts
