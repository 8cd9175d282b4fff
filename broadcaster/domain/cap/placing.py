"""Which of our units a CAP area means: by code, by polygon or circle, else by name."""

import itertools
import math
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from broadcaster.domain.audience import Tree
from broadcaster.domain.cap.gazetteer import Gazetteer
from broadcaster.domain.cap.message import Area, Circle, Point
from broadcaster.domain.cap.naming import Named, named

Ring = Sequence[Point]
Box = tuple[Point, Point]
EARTH_KM = 6371.0
MOST_POINTS = 300
"""Of a ring; somebody else's finest border must not take our minutes."""
MOST_SHAPES, MOST_CORNERS, MOST_CODES = 100, 3_000, 2_000
"""Of one message that are looked up, of the shapes near us only; nobody's alert may hold up the others."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One unit as areas are compared with it."""

    id: str
    rings: tuple[Ring, ...] = ()
    """Its border, latitude first."""
    points: tuple[Point, ...] = ()
    """Where its own loudspeakers hang."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What was found; `drawn` = the alert itself says where it is in a way that leaves no doubt."""

    units: tuple[str, ...]
    drawn: bool
    whole: bool = True
    """Whether all of it was looked up: it may be here although nothing was found."""
    several: tuple[str, ...] = ()
    """What may mean one place or another; people say which."""
    unknown: tuple[str, ...] = ()
    """Names that none of our units has."""


def placed(areas: Sequence[Area], grounds: Sequence[Ground], tree: Tree, top: str, gazetteer: Gazetteer) -> Placed:
    """The topmost of these units that the areas mean; all of them lie at or under `top`.

    An area that names something above `top` means all of `top`. `grounds` were made light before.
    """
    codes = list(dict.fromkeys(value for area in areas for _, value in area.geocodes))
    circles = list(dict.fromkeys(circle for area in areas for circle in area.circles))
    # Each language of an alert draws the same once more.
    rings = list(dict.fromkeys(ring for area in areas for ring in area.polygons))
    near = _near(rings, grounds)
    looked_at = _some(near)
    whole = len(looked_at) == len(near) and len(circles) <= MOST_SHAPES and len(codes) <= MOST_CODES
    hit = {ground.id for ground in grounds if ground.id in codes[:MOST_CODES]}
    hit |= {ground.id for ground in grounds if _drawn(ground, looked_at, circles[:MOST_SHAPES])}
    drawn, descs = bool(rings or circles), [area.desc for area in areas]
    names = Named() if hit or drawn else named(descs, gazetteer, tree)
    whole = whole and names.whole
    return Placed(
        _topmost(hit | names.units, tree, top),
        drawn,
        whole,
        names.several if whole else (*names.several, *dict.fromkeys(descs)),
        names.unknown,
    )


def _topmost(hit: AbstractSet[str], tree: Tree, top: str) -> tuple[str, ...]:
    if hit & set(tree.path(top)):
        return (top,)
    return tuple(sorted(each for each in hit if top in tree.path(each) and not hit & set(tree.path(each)[:-1])))


def light(ring: Ring) -> tuple[Point, ...]:
    """The same border with fewer corners where it has very many."""
    stride = -(-len(ring) // MOST_POINTS)
    return (*ring[:-1:stride], ring[-1])


def _near(rings: Sequence[Ring], grounds: Sequence[Ground]) -> list[Ring]:
    ours = [point for ground in grounds for points in (*ground.rings, ground.points) for point in points]
    return [ring for ring in rings if ours and _touch(_box(ring), _box(ours))]


def _some(rings: Sequence[Ring]) -> list[Ring]:
    """As many of them as there is time for."""
    thin = [light(ring) for ring in rings[:MOST_SHAPES]]
    corners = itertools.accumulate(map(len, thin))
    return [ring for ring, sofar in zip(thin, corners, strict=True) if sofar <= MOST_CORNERS]


def _box(points: Iterable[Point]) -> Box:
    latitudes, longitudes = zip(*points, strict=True)
    return (min(latitudes), min(longitudes)), (max(latitudes), max(longitudes))


def _touch(one: Box, other: Box) -> bool:
    (low, high), (bottom, top) = one, other
    return all(low[axis] <= top[axis] and bottom[axis] <= high[axis] for axis in (0, 1))


def _drawn(ground: Ground, rings: Sequence[Ring], circles: Sequence[Circle]) -> bool:
    return any(_in_ring(ground, ring) for ring in rings) or any(_in_circle(ground, it) for it in circles)


def _in_ring(ground: Ground, ring: Ring) -> bool:
    if any(inside(point, ring) for point in ground.points):
        return True
    borders = [border for border in ground.rings if border and _touch(_box(border), _box(ring))]
    # A unit may lie wholly within the warned place, the place within the unit, or their borders cross.
    return any(inside(border[0], ring) or inside(ring[0], border) or _cross(border, ring) for border in borders)


def _in_circle(ground: Ground, circle: Circle) -> bool:
    corners = [point for border in ground.rings for point in border]
    near = any(distance(point, circle.centre) <= circle.km for point in (*ground.points, *corners))
    return near or any(inside(circle.centre, border) for border in ground.rings)


def inside(point: Point, ring: Ring) -> bool:
    """Whether a point lies in a ring (even–odd rule)."""
    found = False
    for (y1, x1), (y2, x2) in itertools.pairwise(ring):
        if (y1 > point[0]) != (y2 > point[0]) and point[1] < (x2 - x1) * (point[0] - y1) / (y2 - y1) + x1:
            found = not found
    return found


def distance(one: Point, other: Point) -> float:
    """Kilometres on the ground."""
    (a1, o1), (a2, o2) = (tuple(map(math.radians, point)) for point in (one, other))
    half = math.sin((a2 - a1) / 2) ** 2 + math.cos(a1) * math.cos(a2) * math.sin((o2 - o1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def _cross(border: Ring, ring: Ring) -> bool:
    around = _box(border)
    close = [each for each in itertools.pairwise(ring) if _touch(_box(each), around)]
    return any(_meet(a, b, c, d) for a, b in itertools.pairwise(border) for c, d in close)


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> bool:
        return (r[0] - p[0]) * (q[1] - p[1]) > (q[0] - p[0]) * (r[1] - p[1])

    return side(a, c, d) != side(b, c, d) and side(a, b, c) != side(a, b, d)
