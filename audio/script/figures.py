"""What a number looks like in a notice, and how that figure is read."""

import re

from audio.script.numbers import cardinal, digits, fraction_part, whole

# 1.283.000 | 91 000 | 1,283,000 | 4,5 | 1.5 | 2026, each optionally with a decimal part.
NUMBER = (
    r"(?:\d{1,3}(?:\.\d{3})+(?![\d])(?:,\d+)?|\d{1,3}(?: \d{3})+(?![\d])(?:,\d+)?"
    r"|\d{1,3}(?:,\d{3}){2,}(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)*)"
)
DASH = r"[-–—−]"
_GROUPED = re.compile(r"\d{1,3}(?:[. ]\d{3})+(?:,(?P<part>\d+))?\Z")
_ENGLISH = re.compile(r"\d{1,3}(?:,\d{3}){2,}(?:\.(?P<part>\d+))?\Z")
_MARK = re.compile(r"([.,])")
_LONGEST_SAID_AS_NUMBER = 15


def figure(written: str) -> str:
    """The words for one written number without sign or unit."""
    for form in (_GROUPED, _ENGLISH):
        if match := form.match(written):
            part = match["part"]
            head = written[: match.start("part") - 1] if part else written
            return whole(head) + (f" phẩy {fraction_part(part)}" if part else "")
    first, *rest = _MARK.split(written)
    words = [_solid(first)]
    for mark, part in zip(rest[::2], rest[1::2], strict=True):
        words += ["phẩy" if mark == "," else "chấm", fraction_part(part)]
    return " ".join(words)


def _solid(written: str) -> str:
    if len(written) > _LONGEST_SAID_AS_NUMBER or (len(written) > 2 and written.startswith("0")):
        return digits(written)
    return cardinal(int(written))


def span(low: str, high: str) -> str:
    """Two figures with a dash between them."""
    return f"{figure(low)} đến {figure(high)}"
