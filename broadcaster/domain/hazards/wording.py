"""The form in which one language words the hazards."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Warned:
    """One hazard in one language; `actions` are for levels 1–2, for level 3 and for levels 4–5."""

    name: str
    """As a button says it."""
    headline: str
    """As a title says it."""
    happens: str
    """What happens, with {place}, {time} and, where the hazard asks for it, {what}."""
    actions: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Wording:
    """All hazards in one language."""

    level: str
    """The sentence that names a level of Decision 18/2021, with {level}."""
    titled: str
    """A title of {headline}, {level} and {place}."""
    plain_title: str
    """The same without a level."""
    warnings: Mapping[str, Warned]
