"""Where a loudspeaker hangs: degrees as a phone or a map shows them, and the name of its post."""

import math
from dataclasses import dataclass

from broadcaster.domain.errors import BadPlace
from broadcaster.domain.words import line

DIGITS = 6
"""A millionth of a degree is about a hand's breadth."""
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Where:
    """Degrees north and east, or neither; posts of one name in one unit are one post."""

    latitude: float | None = None
    longitude: float | None = None
    post: str = ""

    @property
    def text(self) -> str:
        """As it is typed: "21.052400, 104.301200"; empty when unknown."""
        if self.latitude is None or self.longitude is None:
            return ""
        return f"{self.latitude:.{DIGITS}f}, {self.longitude:.{DIGITS}f}"


def where(latitude: float | None, longitude: float | None, post: str = "") -> Where:
    """The place, checked and rounded. Raises BadPlace."""
    name = line(post)
    if len(name) > LONGEST:
        raise BadPlace(place=name[:LONGEST])
    if latitude is None and longitude is None:
        return Where(post=name)
    if latitude is None or longitude is None or not _on_earth(latitude, longitude):
        raise BadPlace(place=f"{latitude}, {longitude}")
    return Where(round(latitude, DIGITS), round(longitude, DIGITS), name)


def read(text: str, post: str = "") -> Where:
    """The place someone typed or pasted: two numbers with a comma or a space between; nothing = unknown.

    Raises BadPlace.
    """
    found = line(text)
    parts = found.replace(";", " ").replace(", ", " ").split()
    parts = parts if len(parts) != 1 else found.split(",")
    try:
        numbers = [float(part.replace(",", ".")) for part in parts]
    except ValueError:
        numbers = []
    if not found:
        return where(None, None, post)
    if len(numbers) != 2:
        raise BadPlace(place=found[:LONGEST])
    return where(numbers[0], numbers[1], post)


def _on_earth(latitude: float, longitude: float) -> bool:
    finite = math.isfinite(latitude) and math.isfinite(longitude)
    return finite and -90 <= latitude <= 90 and -180 <= longitude <= 180
