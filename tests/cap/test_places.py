"""Which of our units an alert means, and that no alert takes our minutes."""

import math

import pytest

from broadcaster.domain.audience import Tree
from broadcaster.domain.cap import placing
from broadcaster.domain.cap.gazetteer import Gazetteer
from broadcaster.domain.cap.message import Area, Circle, Point
from broadcaster.domain.cap.placing import Ground, Placed, light, placed

pytestmark = pytest.mark.pure

TREE = Tree({"tinh": None, "xa": "tinh", "ban-1": "xa", "ban-2": "xa"})


def square(latitude: float, longitude: float, side: float = 0.1) -> tuple[Point, ...]:
    far, right = latitude + side, longitude + side
    return ((latitude, longitude), (latitude, right), (far, right), (far, longitude), (latitude, longitude))


GROUNDS = (
    Ground("tinh"),
    Ground("xa"),
    Ground("ban-1", rings=(square(21.0, 104.0),)),
    Ground("ban-2", points=((21.5, 104.5),)),
)


def found(*areas: Area) -> Placed:
    return placed(areas, GROUNDS, TREE, "xa", Gazetteer({}))


def test_shapes_that_are_far_from_us_do_not_take_the_place_of_those_near() -> None:
    far = [square(8.0 + n / 1000, 106.0) for n in range(3 * placing.MOST_SHAPES)]
    assert found(Area("x", polygons=(*far, square(21.05, 104.05)))) == Placed(("ban-1",), drawn=True)


def test_what_is_too_much_is_not_looked_up_and_said_to_be_elsewhere_by_nobody() -> None:
    beside = [square(21.2 + n / 10_000, 104.2, 0.01) for n in range(placing.MOST_SHAPES)]
    assert found(Area("x", polygons=tuple(beside))) == Placed((), drawn=True)
    assert found(Area("x", polygons=(*beside, square(21.05, 104.05)))) == Placed(
        (), drawn=True, whole=False, several=("x",)
    )
    fine = [_round(n) for n in range(placing.MOST_CORNERS // 250 + 1)]
    assert not found(Area("x", polygons=tuple(fine))).whole
    away = [Circle((10.0, 100.0 + n), 1.0) for n in range(placing.MOST_SHAPES)]
    assert found(Area("x", circles=(*away, Circle((21.5, 104.5), 1.0)))) == Placed(
        (), drawn=True, whole=False, several=("x",)
    )
    codes = [("code", f"n-{n}") for n in range(placing.MOST_CODES)]
    assert found(Area("x", geocodes=(*codes, ("code", "ban-1")))) == Placed(
        (), drawn=False, whole=False, several=("x",), unknown=("x",)
    )


def test_what_each_language_draws_once_more_is_looked_up_once() -> None:
    beside = tuple(square(21.2 + n / 10_000, 104.2, 0.01) for n in range(placing.MOST_SHAPES - 1))
    areas = [Area(name, polygons=(*beside, square(21.05, 104.05))) for name in ("vi", "en", "fr")]
    assert found(*areas) == Placed(("ban-1",), drawn=True)


def test_a_border_made_light_still_ends_where_it_begins() -> None:
    ring = _round(0)
    thin = light(ring)
    assert len(ring) > placing.MOST_POINTS >= len(thin) - 1
    assert thin[0] == thin[-1]
    assert light(square(0, 0)) == square(0, 0)


def _round(shift: int) -> tuple[Point, ...]:
    turns = [2 * math.pi * n / 1_000 for n in range(1_000)]
    corners = [(21.3 + shift / 1000 + math.sin(turn) / 100, 104.3 + math.cos(turn) / 100) for turn in turns]
    return (*corners, corners[0])
