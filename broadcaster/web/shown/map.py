"""Places on earth as a small drawing: north up, metres to units, names that do not run over one another."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH = 360.0
"""As wide as a phone, so that letters keep their size there."""
TALLEST = 420.0
EDGE = 34.0
LETTER, LINE = 6.2, 13.0
DOT = 7.0
NARROWEST_M = 120.0
STEPS = (1, 2, 5)

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A bar of a round length."""

    length: float
    metres: int


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of text beside a dot; `anchor` is SVG's text-anchor."""

    x: float
    y: float
    anchor: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """From degrees to the drawing's own units."""

    west: float
    north: float
    east_m: float
    """Metres in a degree of longitude here."""
    north_m: float
    unit: float
    """Drawing units in a metre."""
    left: float
    height: float

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Where a place is drawn."""
        x = self.left + (longitude - self.west) * self.east_m * self.unit
        y = EDGE + (self.north - latitude) * self.north_m * self.unit
        return round(x, 1), round(y, 1)

    def scale(self) -> Scale:
        """The longest round bar that takes no more than a third of the width."""
        room = WIDTH / 3 / self.unit
        whole = 10 ** math.floor(math.log10(room))
        metres = max(step * whole for step in STEPS if step * whole <= room)
        return Scale(round(metres * self.unit, 1), int(metres))


def frame(places: Sequence[tuple[float, float]]) -> Frame:
    """The closest look at all of these (latitude, longitude)."""
    souths, wests = [place[0] for place in places], [place[1] for place in places]
    north_m = math.pi * 6_371_008.8 / 180
    east_m = north_m * max(0.01, math.cos(math.radians((min(souths) + max(souths)) / 2)))
    wide = max(NARROWEST_M, (max(wests) - min(wests)) * east_m)
    tall = max(NARROWEST_M / 2, (max(souths) - min(souths)) * north_m)
    unit = min((WIDTH - 2 * EDGE) / wide, (TALLEST - 2 * EDGE) / tall)
    left = (WIDTH - (max(wests) - min(wests)) * east_m * unit) / 2
    height = round((max(souths) - min(souths)) * north_m * unit + 2 * EDGE)
    return Frame(min(wests), max(souths), east_m, north_m, unit, left, max(height, 2 * EDGE + 20))


def labels(dots: Sequence[tuple[float, float]], texts: Sequence[Sequence[str]], height: float) -> list[Label | None]:
    """Beside each dot where there is room; shortened to its first line, or left out, where there is none."""
    taken = [_around(x, y) for x, y in dots]
    found: list[Label | None] = []
    for place, lines in zip(dots, texts, strict=True):
        label = next(_fitting(place, lines, taken, height), None)
        if label is not None:
            taken.append(_box(label))
        found.append(label)
    return found


def _fitting(place: tuple[float, float], lines: Sequence[str], taken: list[Box], height: float) -> Iterator[Label]:
    x, y = place
    for some in (tuple(lines), tuple(lines[:1])):
        rise = LINE * (len(some) - 1) / 2
        for label in (
            Label(x + DOT + 4, y + 4 - rise, "start", some),
            Label(x - DOT - 4, y + 4 - rise, "end", some),
            Label(x, y + DOT + 13, "middle", some),
            Label(x, y - DOT - 5 - LINE * (len(some) - 1), "middle", some),
        ):
            box = _box(label)
            inside = box[0] >= 0 and box[2] <= WIDTH and box[1] >= 0 and box[3] <= height
            if some and inside and not any(_meet(box, other) for other in taken):
                yield label


def _box(label: Label) -> Box:
    wide = max(len(line) for line in label.lines) * LETTER
    left = label.x - {"start": 0.0, "middle": wide / 2, "end": wide}[label.anchor]
    return left, label.y - 10, left + wide, label.y + 3 + LINE * (len(label.lines) - 1)


def _around(x: float, y: float) -> Box:
    return x - DOT, y - DOT, x + DOT, y + DOT


def _meet(one: Box, two: Box) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
