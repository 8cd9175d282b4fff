"""How long a text will sound, roughly, before anybody has read it aloud. PURE"""

from __future__ import annotations

from dataclasses import dataclass

from audio.score import AGAIN, BEFORE_CLOSING_MS, CLOSINGS, MANNERS, OPENINGS, Klass, primary

CHARACTERS_A_SECOND = {"vi": 12.5, "en": 14.0, "fr": 16.0}
"""Of text as it is written, at the usual speed; measured on announcements read by the voice that is always there."""
OTHERS = 12.5
FOR_A_DIGIT = 5
"""How many letters more a digit takes when it is read: "19h30" is said in 26."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one language is read, in characters a second; and what sounds besides the text, in seconds."""

    per_second: float
    around: float
    """The opening and the closing with their pauses, once."""
    between: float
    """Before each repetition."""

    def seconds(self, text: str, *, repeat: int = 1, speed: int = 100) -> int:
        """How long it sounds in whole seconds; 0 for no text at all."""
        written = text.strip()
        if not written:
            return 0
        characters = len(written) + FOR_A_DIGIT * sum(map(str.isdigit, written))
        body = repeat * characters / self.per_second + (repeat - 1) * self.between
        return round((body + self.around) * 100 / speed)


def pace_of(language: str, klass: str) -> Pace:
    """The pace of announcements of a class in a language. Raises ValueError for an unknown class."""
    kind, tongue = Klass(klass), primary(language)
    per_second = CHARACTERS_A_SECOND.get(tongue, OTHERS)
    opening, closing = OPENINGS.get(tongue, {}).get(kind, ""), CLOSINGS.get(tongue, {}).get(kind, "")
    pauses = (MANNERS[kind].after_chime_ms + BEFORE_CLOSING_MS) / 1000 if opening else 0.0
    around = (len(opening) + len(closing)) / per_second + pauses
    between = len(AGAIN.get(tongue, "")) / per_second + MANNERS[kind].between_ms * 1.5 / 1000
    return Pace(per_second, round(around, 1), round(between, 1))
