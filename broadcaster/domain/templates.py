"""Texts to start from: what stands in braces is asked for and filled in. PURE"""

import re
from collections.abc import Iterable, Mapping

LONGEST_NAME = 40
MOST_PLACEHOLDERS = 20
_BRACES = re.compile(rf"\{{([^{{}}\n]{{1,{LONGEST_NAME}}})\}}")


def placeholders(texts: Iterable[str]) -> list[str]:
    """The names in braces, each once, in their order: "{giờ}" and "{ giờ }" are one."""
    return list(dict.fromkeys(name for text in texts for found in _BRACES.findall(text) if (name := found.strip())))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with values in place of their braces; what has none stays as it is, so that nobody overlooks it."""
    return _BRACES.sub(lambda found: values.get(found[1].strip()) or found[0], text)
