"""Start offsets of neighbouring loudspeakers, against what sound itself does."""

import math
import random
import time
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.stagger import (
    EARTH_M,
    LATEST_MS,
    SAME_POST_M,
    Plan,
    Post,
    distance_m,
    neighbours,
    offset_ms,
    plan,
    vector,
)

pytestmark = pytest.mark.pure

NORTH, EAST = 21.05, 104.3
SPEED = 343
"""Metres a second."""
DEGREE_M = math.radians(1) * EARTH_M


def at(name: int | str, x_m: float, y_m: float, post: str = "") -> Post:
    """A loudspeaker so many metres east and north of the commune's house."""
    return Post(f"loa-{name}", NORTH + y_m / DEGREE_M, EAST + x_m / DEGREE_M / math.cos(math.radians(NORTH)), post)


metres = st.floats(-2_500, 2_500)
villages = st.lists(
    st.tuples(metres, metres, st.sampled_from(["", "", "", "Cột 1", "Cột 2"])), min_size=1, max_size=25
).map(lambda found: [at(number, *place) for number, place in enumerate(found)])
worlds = st.lists(
    st.tuples(
        st.one_of(st.none(), st.floats(-90, 90)),
        st.one_of(st.none(), st.floats(-180, 180)),
        st.sampled_from(["", "", "A", "B"]),
    ),
    max_size=25,
).map(lambda found: [Post(f"loa-{number}", *place) for number, place in enumerate(found)])


@given(villages)
def test_neighbours_differ_by_no_more_than_their_sound_takes(posts: list[Post]) -> None:
    for cluster in plan(posts).clusters:
        for one, two in combinations(cluster.masts, 2):
            apart = abs(one.offset_ms - two.offset_ms)
            assert apart <= distance_m(one.at, two.at) / SPEED * 1000 + 1


@given(st.lists(st.floats(SAME_POST_M + 1, 400), min_size=1, max_size=8), st.floats(0, 360))
def test_along_a_line_away_from_the_middle_each_starts_when_the_sound_arrives(
    gaps: list[float], bearing: float
) -> None:
    steps = [0.0, *(sum(gaps[: number + 1]) for number in range(len(gaps)))]
    turn = math.radians(bearing)
    both = [*steps, *(-step for step in steps[1:])]
    names = ["middle", *range(1, len(both))]
    posts = [at(name, step * math.sin(turn), step * math.cos(turn)) for name, step in zip(names, both, strict=True)]
    found = plan(posts)
    [cluster] = found.clusters
    assert cluster.centre.speakers == ("loa-middle",)
    arms = (posts[: len(steps)], [posts[0], *posts[len(steps) :]])
    for nearer, farther in (pair for arm in arms for pair in pairwise(arm)):
        way = distance_m(vector(*place(nearer)), vector(*place(farther))) / SPEED * 1000
        late = found.offsets[farther.speaker] - found.offsets[nearer.speaker]
        assert late == pytest.approx(way, abs=1)


def place(post: Post) -> tuple[float, float]:
    assert post.latitude is not None
    assert post.longitude is not None
    return post.latitude, post.longitude


@given(worlds, st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_given_does_not_matter(posts: list[Post], chance: random.Random) -> None:
    mixed = posts.copy()
    chance.shuffle(mixed)
    assert plan(mixed) == plan(posts)


@given(villages)
def test_what_hangs_on_one_post_begins_together(posts: list[Post]) -> None:
    offsets = plan(posts).offsets
    for one, two in combinations(posts, 2):
        close = distance_m(vector(*place(one)), vector(*place(two))) <= SAME_POST_M
        if close or (one.post and one.post == two.post):
            assert offsets[one.speaker] == offsets[two.speaker]


@given(worlds)
def test_everyone_has_an_offset_within_what_the_manifest_carries(posts: list[Post]) -> None:
    found = plan(posts)
    assert found.offsets.keys() == {post.speaker for post in posts}
    assert all(0 <= offset <= LATEST_MS for offset in found.offsets.values())
    assert sorted(found.unknown) == sorted(post.speaker for post in posts if unplaced(post, posts))
    assert all(found.offsets[speaker] == 0 for speaker in found.unknown)


def unplaced(post: Post, posts: list[Post]) -> bool:
    """Neither it nor anything on the same named post has a place."""
    same = [other for other in posts if other is post or (post.post and other.post == post.post)]
    return all(other.latitude is None or other.longitude is None for other in same)


@given(villages)
def test_each_neighbourhood_has_one_that_begins_at_once_and_hangs_nearest_its_middle(posts: list[Post]) -> None:
    for cluster in plan(posts).clusters:
        assert cluster.centre in cluster.masts
        assert cluster.centre.offset_ms == 0


@given(st.floats(0, 30_000))
def test_however_far_the_wave_goes_it_stays_continuous(metres: float) -> None:
    assert 0 <= offset_ms(metres) <= LATEST_MS
    assert abs(offset_ms(metres + 300) - offset_ms(metres)) <= 300 / SPEED * 1000 + 1


def test_two_posts_three_hundred_metres_apart_and_a_third_out_of_earshot() -> None:
    found = plan([at("a", 0, 0), at("b", 300, 0), at("c", 2_000, 0)])
    assert sorted(found.offsets.values()) == [0, 0, round(300 / SPEED * 1000)]
    assert [len(cluster.masts) for cluster in found.clusters] == [2, 1]
    assert [one.speakers for one, _ in neighbours(found.clusters[0], "loa-a")] == [("loa-b",)]
    assert neighbours(found.clusters[0], "loa-a")[0][1] == pytest.approx(300, abs=0.5)


def test_a_known_distance() -> None:
    # One degree of a meridian on a sphere of the mean radius.
    assert distance_m(vector(21, 105), vector(22, 105)) == pytest.approx(111_195, abs=1)
    assert distance_m(vector(0, 179.999), vector(0, -179.999)) == pytest.approx(222.4, abs=0.1)


def test_a_loudspeaker_without_a_place_of_its_own_takes_that_of_its_post() -> None:
    found = plan([at("a", 0, 0), at("b", 0, 0, "Cột 7"), Post("loa-c", None, None, "Cột 7"), at("d", 400, 0)])
    assert found.unknown == ()
    assert found.offsets["loa-c"] == found.offsets["loa-b"]


def test_two_thousand_in_a_moment() -> None:
    chance = random.Random(343)  # noqa: S311  (places, not secrets)
    posts = [at(number, chance.uniform(0, 30_000), chance.uniform(0, 30_000)) for number in range(2_000)]
    began = time.perf_counter()
    found: Plan = plan(posts)
    assert time.perf_counter() - began < 10
    assert len(found.offsets) == 2_000
