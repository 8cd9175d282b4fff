"""Which of our units a CAP area means: by code, by polygon or circle, else by name."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from broadcaster.domain.audience import Tree
from broadcaster.domain.cap.message import Area, Circle, Point
from broadcaster.domain.words import plain

Ring = Sequence[Point]
EARTH_KM = 6371.0
MOST_POINTS = 300
"""Of a ring; somebody else's finest border must not take our minutes."""
BEFORE_NAMES = (
    "tinh ",
    "thanh pho ",
    "tp ",
    "huyen ",
    "quan ",
    "thi xa ",
    "xa ",
    "phuong ",
    "thi tran ",
    "ban ",
    "thon ",
)


@dataclass(frozen=True, slots=True)
class Ground:
    """One unit as areas are compared with it."""

    id: str
    names: tuple[str, ...]
    rings: tuple[Ring, ...] = ()
    """Its border, latitude first."""
    points: tuple[Point, ...] = ()
    """Where its own loudspeakers hang."""


@dataclass(frozen=True, slots=True)
class Placed:
    """What was found; `drawn` = the alert itself says where it is in a way that leaves no doubt."""

    units: tuple[str, ...]
    drawn: bool


def placed(areas: Sequence[Area], grounds: Sequence[Ground], tree: Tree, top: str) -> Placed:
    """The topmost of these units that the areas mean; all of them lie at or under `top`.

    An area that names something above `top` means all of `top`.
    """
    areas = [replace(area, polygons=tuple(map(_light, area.polygons))) for area in areas]
    above = set(tree.path(top))
    drawn = any(area.polygons or area.circles for area in areas)
    hit = {ground.id for ground in grounds for area in areas if _coded(area, ground) or _drawn(area, ground)}
    if not hit and not drawn:
        hit = {ground.id for ground in grounds for area in areas if _named(area, ground)}
    if hit & above:
        return Placed((top,), drawn=drawn)
    found = [each for each in hit if top in tree.path(each) and not hit & set(tree.path(each)[:-1])]
    return Placed(tuple(sorted(found)), drawn=drawn)


def _light(ring: Sequence[Point]) -> tuple[Point, ...]:
    stride = -(-len(ring) // MOST_POINTS)
    return (*ring[:-1:stride], ring[-1])


def _apart(one: Ring, other: Ring) -> bool:
    """Whether even the boxes around two rings do not touch."""
    for axis in (0, 1):
        a, b = [point[axis] for point in one], [point[axis] for point in other]
        if max(a) < min(b) or max(b) < min(a):
            return True
    return False


def _coded(area: Area, ground: Ground) -> bool:
    return any(value == ground.id for _, value in area.geocodes)


def _named(area: Area, ground: Ground) -> bool:
    wanted = {_bare(part) for part in area.desc.replace(";", ",").replace("\n", ",").split(",")}
    return bool(wanted & {_bare(name) for name in ground.names})


def _bare(name: str) -> str:
    text = " ".join(plain(name).strip(" .").split())
    kind = next((kind for kind in BEFORE_NAMES if text.startswith(kind)), "")
    return text.removeprefix(kind) or text


def _drawn(area: Area, ground: Ground) -> bool:
    return any(_in_ring(ground, ring) for ring in area.polygons) or any(_in_circle(ground, it) for it in area.circles)


def _in_ring(ground: Ground, ring: Ring) -> bool:
    if any(inside(point, ring) for point in ground.points):
        return True
    borders = [border for border in ground.rings if not _apart(border, ring)]
    # A unit may lie wholly within the warned place, the place within the unit, or their borders cross.
    return any(
        inside(border[0], ring) or inside(ring[0], border) or _cross([border], ring) for border in borders if border
    )


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


def _cross(borders: Iterable[Ring], ring: Ring) -> bool:
    return any(
        _meet(a, b, c, d)
        for border in borders
        for a, b in itertools.pairwise(border)
        for c, d in itertools.pairwise(ring)
    )


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> bool:
        return (r[0] - p[0]) * (q[1] - p[1]) > (q[0] - p[0]) * (r[1] - p[1])

    return side(a, c, d) != side(b, c, d) and side(a, b, c) != side(a, b, d)
