"""Words that a refusal carries and that each reader reads in a language of their own."""

from collections.abc import Mapping
from typing import Self


class Said(str):
    """A text in several languages; where nobody asks for one of them it is the English text."""

    texts: Mapping[str, str]

    def __new__(cls, texts: Mapping[str, str]) -> Self:
        """From language → text; English ("en") must be among them."""
        made = super().__new__(cls, texts["en"])
        made.texts = dict(texts)
        return made

    def in_(self, language: str) -> str:
        """The text in that language, or in English."""
        return self.texts.get(language, str(self))
