"""Airings that meet on the same loudspeakers."""

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.collisions import Collision, Slot, find, meet
from firmware_config.protocol import Klass

pytestmark = pytest.mark.pure

SPEAKERS = ["loa-1", "loa-2", "loa-3", "loa-4"]
MINUTE = 60_000


def slot(
    name: str, start: int, minutes: int = 1, *speakers: str, klass: Klass = Klass.PRIORITY, order: int = 0
) -> Slot:
    return Slot(name, klass, start * MINUTE, minutes * MINUTE, order, frozenset(speakers or SPEAKERS))


days = st.lists(
    st.builds(
        Slot,
        airing=st.uuids().map(str),
        klass=st.sampled_from(list(Klass)),
        start=st.integers(0, 30).map(lambda minute: minute * MINUTE),
        ms=st.integers(1, 6 * MINUTE),
        order=st.integers(0, 3),
        speakers=st.frozensets(st.sampled_from(SPEAKERS), min_size=1),
    ),
    max_size=14,
    unique_by=lambda one: one.airing,
)


def of(found: list[Collision], airing: str) -> Collision | None:
    return next((one for one in found if any(each.airing == airing for each in one.slots)), None)


@given(days)
def test_two_collide_exactly_where_they_sound_together_on_one_speaker(day: list[Slot]) -> None:
    found = find(day)
    for one, two in combinations(day, 2):
        together = one.start < two.end and two.start < one.end and bool(one.speakers & two.speakers)
        if one.klass is two.klass and one.klass is not Klass.EMERGENCY and together:
            assert of(found, one.airing) is of(found, two.airing) is not None
            assert one.speakers & two.speakers <= of(found, one.airing).speakers  # type: ignore[union-attr]


@given(days)
def test_each_collision_is_one_class_hangs_together_and_stands_in_order(day: list[Slot]) -> None:
    for one in find(day):
        assert len(one.slots) > 1
        assert {each.klass for each in one.slots} == {one.klass}
        assert list(one.slots) == sorted(one.slots, key=lambda each: (each.order, each.start, each.airing))
        reached, rest = {one.slots[0]}, set(one.slots[1:])
        while near := {each for each in rest if any(meet(each, other) for other in reached)}:
            reached |= near
            rest -= near
        assert rest == set()


@given(days, st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_given_does_not_matter(day: list[Slot], chance: random.Random) -> None:
    mixed = day.copy()
    chance.shuffle(mixed)
    assert find(mixed) == find(day)


def test_what_the_commune_may_put_in_order() -> None:
    [one] = find([slot("a", 0, 2, order=1), slot("b", 1, 2)])
    assert (one.ordered, [each.airing for each in one.slots]) == (True, ["b", "a"])
    [other] = find([slot("a", 0, 2, klass=Klass.NORMAL), slot("b", 1, 2, klass=Klass.NORMAL)])
    assert not other.ordered


def test_one_after_the_other_or_elsewhere_is_no_collision() -> None:
    assert find([slot("a", 0), slot("b", 1)]) == []
    assert find([slot("a", 0, 1, "loa-1"), slot("b", 0, 1, "loa-2")]) == []
    assert find([slot("a", 0), slot("b", 0, klass=Klass.NORMAL), slot("c", 0, klass=Klass.EMERGENCY)]) == []
