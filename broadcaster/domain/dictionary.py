"""What an entry of a commune's dictionary may be. PURE"""

from broadcaster.domain import languages
from broadcaster.domain.errors import Malformed
from broadcaster.domain.languages import LANGUAGES
from broadcaster.domain.words import line

LONGEST_WRITTEN = 60
LONGEST_SPOKEN = 200
READ_ALOUD = tuple(tag for tag, language in LANGUAGES.items() if language.voice)


def checked(language: str, written: str, spoken: str) -> tuple[str, str]:
    """Both, tidied. Raises UnknownLanguage, and Malformed for what no machine reads or what cannot be found."""
    if not languages.require(language).voice:
        raise Malformed(field="language", problem=", ".join(READ_ALOUD))
    tidy, said = line(written), line(spoken)
    for name, text, longest in (("written", tidy, LONGEST_WRITTEN), ("spoken", said, LONGEST_SPOKEN)):
        if len(text) > longest or not any(map(str.isalnum, text)):
            raise Malformed(field=name, problem=f"1–{longest}")
    return tidy, said
