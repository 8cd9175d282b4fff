"""A unit's border as maps bring it: GeoJSON (RFC 7946) read strictly, and made light enough for a phone."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from broadcaster.domain.errors import BorderUnreadable

MOST_POINTS = 50_000
"""In what is uploaded."""
KEPT_POINTS = 500
"""In what is kept: finer than a phone's screen shows."""
DIGITS = 5
"""About a metre."""
FINEST = 1e-5
KINDS = ("Polygon", "MultiPolygon")

Point = tuple[float, float]
Ring = list[Point]
Polygon = list[Ring]


def border(raw: bytes) -> dict[str, Any]:
    """The geometry to keep: a MultiPolygon of few points. Raises BorderUnreadable."""
    try:
        found = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BorderUnreadable(problem="border_json") from None
    polygons = [polygon for geometry in _geometries(found) for polygon in _polygons(geometry)]
    if not polygons:
        raise BorderUnreadable(problem="border_kind")
    if sum(len(ring) for polygon in polygons for ring in polygon) > MOST_POINTS:
        raise BorderUnreadable(problem="border_points")
    return {"type": "MultiPolygon", "coordinates": _light(polygons)}


def points_of(geometry: Mapping[str, Any]) -> Iterator[Point]:
    """Every point of what is kept."""
    for polygon in geometry["coordinates"]:
        for ring in polygon:
            yield from ((longitude, latitude) for longitude, latitude in ring)


def _no_number(_text: str) -> NoReturn:
    raise ValueError("no number")


def _geometries(found: object) -> Iterator[object]:
    kind = found.get("type") if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise BorderUnreadable(problem="border_kind")
    if kind == "FeatureCollection":
        features = found.get("features")
        if not isinstance(features, list) or any(not _is_feature(each) for each in features):
            raise BorderUnreadable(problem="border_kind")
        yield from (each.get("geometry") for each in features)
    else:
        yield found.get("geometry") if kind == "Feature" else found


def _is_feature(each: object) -> bool:
    return isinstance(each, dict) and each.get("type") == "Feature"


def _polygons(geometry: object) -> Iterator[Polygon]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    held = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind not in KINDS or not isinstance(held, list):
        raise BorderUnreadable(problem="border_kind")
    for polygon in [held] if kind == "Polygon" else held:
        if not isinstance(polygon, list) or not polygon:
            raise BorderUnreadable(problem="border_kind")
        yield [_ring(ring) for ring in polygon]


def _ring(ring: object) -> Ring:
    if not isinstance(ring, list) or len(ring) < 4:
        raise BorderUnreadable(problem="border_ring")
    if len(ring) > MOST_POINTS:
        raise BorderUnreadable(problem="border_points")
    points = [_point(each) for each in ring]
    if points[0] != points[-1] or len(set(points)) < 3:
        raise BorderUnreadable(problem="border_ring")
    return points


def _point(position: object) -> Point:
    if not isinstance(position, list) or len(position) < 2:
        raise BorderUnreadable(problem="border_ring")
    longitude, latitude = (_number(each) for each in position[:2])
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise BorderUnreadable(problem="border_earth")
    return round(longitude, DIGITS), round(latitude, DIGITS)


def _number(value: object) -> float:
    if type(value) not in {int, float}:
        raise BorderUnreadable(problem="border_ring")
    try:
        number = float(value)  # type: ignore[arg-type]
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BorderUnreadable(problem="border_earth")
    return number


def _light(polygons: Sequence[Polygon]) -> list[list[list[list[float]]]]:
    """The same shape in no more points than are kept, coarser step by step."""
    rings = [polygon[0] for polygon in polygons] if _count(polygons) > KEPT_POINTS else None
    wanted = [[ring] for ring in _largest(rings)] if rings else list(polygons)
    step = FINEST
    while _count(wanted) > KEPT_POINTS:
        wanted = [[_thinned(ring, step) for ring in polygon] for polygon in wanted]
        step *= 2
    return [[[list(point) for point in ring] for ring in polygon] for polygon in wanted]


def _largest(rings: Sequence[Ring]) -> list[Ring]:
    """Islets are left out where there are more than the points kept could show."""
    return sorted(rings, key=_extent, reverse=True)[: KEPT_POINTS // 10]


def _extent(ring: Ring) -> float:
    longitudes, latitudes = [point[0] for point in ring], [point[1] for point in ring]
    return (max(longitudes) - min(longitudes)) * (max(latitudes) - min(latitudes))


def _count(polygons: Sequence[Polygon]) -> int:
    return sum(len(ring) for polygon in polygons for ring in polygon)


def _thinned(ring: Ring, step: float) -> Ring:
    """Without the points nearer than `step` to the last one kept; never fewer than a triangle."""
    kept = [ring[0]]
    for point in ring[1:-1]:
        if math.dist(point, kept[-1]) >= step:
            kept.append(point)
    third = len(ring) // 3
    return [*kept, ring[-1]] if len(kept) >= 3 else [ring[0], ring[third], ring[2 * third], ring[-1]]
