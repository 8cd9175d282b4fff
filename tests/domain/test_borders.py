"""A border is read from GeoJSON strictly: whatever is not one is refused, whatever is kept is one."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.borders import KEPT_POINTS, MOST_POINTS, border, points_of
from broadcaster.domain.errors import BorderUnreadable

pytestmark = pytest.mark.pure

SQUARE = [[104.30, 21.05], [104.31, 21.05], [104.31, 21.06], [104.30, 21.05]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}
points = st.tuples(st.integers(-18_000_000, 18_000_000), st.integers(-9_000_000, 9_000_000)).map(
    lambda at: [at[0] / 1e5, at[1] / 1e5]
)
rings = st.lists(points, min_size=3, max_size=40, unique_by=tuple).map(lambda found: [*found, found[0]])
polygons = st.lists(rings, min_size=1, max_size=3)
shapes = polygons.map(lambda held: {"type": "Polygon", "coordinates": held}) | st.lists(
    polygons, min_size=1, max_size=3
).map(lambda held: {"type": "MultiPolygon", "coordinates": held})
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.sampled_from(["Polygon", "Feature"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "coordinates", "geometry", "features"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def raw(shape: object) -> bytes:
    return json.dumps(shape).encode()


def refused(shape: object) -> str:
    with pytest.raises(BorderUnreadable) as found:
        border(shape if isinstance(shape, bytes) else raw(shape))
    return str(found.value.params["problem"])


@given(shapes)
def test_every_polygon_is_kept_as_closed_rings_on_earth(shape: dict[str, Any]) -> None:
    found = border(raw(shape))
    assert found["type"] == "MultiPolygon"
    for polygon in found["coordinates"]:
        for ring in polygon:
            assert len(ring) >= 4
            assert ring[0] == ring[-1]
    assert all(-180 <= longitude <= 180 and -90 <= latitude <= 90 for longitude, latitude in points_of(found))
    assert border(raw(found)) == found


@given(json_values | st.binary(max_size=60))
def test_anything_else_is_refused_and_nothing_breaks(value: object) -> None:
    try:
        found = border(value if isinstance(value, bytes) else raw(value))
    except BorderUnreadable:
        return
    assert found["coordinates"]


@pytest.mark.parametrize(
    ("shape", "problem"),
    [
        (b"{", "border_json"),
        (b"\xff\xfe", "border_json"),
        (b"[" * 200_000, "border_json"),
        (raw(POLYGON).replace(b"21.06", b"NaN"), "border_json"),
        ({"type": "Point", "coordinates": [104, 21]}, "border_kind"),
        ({"type": "FeatureCollection", "features": []}, "border_kind"),
        ({"type": "Polygon", "coordinates": [SQUARE[:-1]]}, "border_ring"),
        ({"type": "Polygon", "coordinates": [[*SQUARE[:-1], [104.0, 21.0]]]}, "border_ring"),
        ({"type": "Polygon", "coordinates": [[[True, 21.0], *SQUARE[1:]]]}, "border_ring"),
        ({"type": "Polygon", "coordinates": [[[517_000.0, 2_328_000.0]] * 4]}, "border_earth"),
        (
            {"type": "Polygon", "coordinates": [[*SQUARE[:-1], *[[104.3, 21.0]] * MOST_POINTS, SQUARE[0]]]},
            "border_points",
        ),
    ],
)
def test_what_is_wrong_is_named(shape: object, problem: str) -> None:
    assert refused(shape) == problem


@pytest.mark.parametrize("wrap", [lambda one: {"type": "Feature", "properties": {}, "geometry": one}, lambda one: one])
def test_features_and_collections_of_them_are_read(wrap: Any) -> None:
    one = border(raw(wrap(POLYGON)))
    feature = {"type": "Feature", "geometry": POLYGON}
    many = border(raw({"type": "FeatureCollection", "features": [feature, feature]}))
    assert (len(one["coordinates"]), len(many["coordinates"])) == (1, 2)
    assert one["coordinates"][0][0] == SQUARE


def test_a_surveyor_s_border_becomes_light_and_stays_the_same_shape() -> None:
    turns = [2 * math.pi * at / 20_000 for at in range(20_000)]
    circle = [[104 + math.cos(turn) / 20, 21 + math.sin(turn) / 20, 812.5] for turn in turns]
    found = border(b"\xef\xbb\xbf" + raw({"type": "Polygon", "coordinates": [[*circle, circle[0]]]}))
    held = list(points_of(found))
    assert 100 < len(held) <= KEPT_POINTS
    assert all(abs(math.dist(point, (104, 21)) - 0.05) < 1e-4 for point in held)
