"""What is filled into a template: one line, never empty, never endless."""

from broadcaster.domain.errors import Malformed, SlotEmpty
from broadcaster.domain.words import line

LONGEST = 600
_SAYS_NOTHING = " .,;:–-"


def slot_of(name: str, value: str, language: str) -> str:
    """The value as it is read aloud; raises SlotEmpty, Malformed."""
    tidy = line(value)
    if not tidy.strip(_SAYS_NOTHING):
        raise SlotEmpty(slot=name, language=language)
    if len(tidy) > LONGEST:
        raise Malformed(field=name, problem=f"1–{LONGEST}")
    return tidy


def ended(text: str) -> str:
    """The text with the mark that ends its last sentence."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
