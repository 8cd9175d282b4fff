"""Audiences as an algebra over any tree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.audience import WIRE, Choice, ChoiceKind, Place, Tree, resolve
from broadcaster.domain.errors import UnitCycle, UnknownUnit
from firmware_config.protocol import Audience

pytestmark = pytest.mark.pure

UNITS = [f"u{number}" for number in range(8)]
GROUPS = ["g0", "g1"]
SPEAKERS = [f"d{number}" for number in range(6)]


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Any tree or forest of up to eight units, of any depth."""
    earlier = [None, *UNITS]
    return Tree({unit: draw(st.sampled_from(earlier[: place + 1])) for place, unit in enumerate(UNITS)})


places = st.lists(
    st.builds(Place, st.sampled_from(SPEAKERS), st.sampled_from(UNITS), st.frozensets(st.sampled_from(GROUPS))),
    unique_by=lambda place: place.speaker,
)
refs = st.one_of(
    st.tuples(st.just(ChoiceKind.UNIT), st.sampled_from(UNITS)),
    st.tuples(st.just(ChoiceKind.GROUP), st.sampled_from(GROUPS)),
    st.tuples(st.just(ChoiceKind.SPEAKER), st.sampled_from(SPEAKERS)),
)
included = st.lists(refs.map(lambda ref: Choice(ref[0], ref[1], include=True)))
excepted = st.lists(refs.map(lambda ref: Choice(ref[0], ref[1], include=False)))


def names(found: tuple[Place, ...]) -> set[str]:
    return {place.speaker for place in found}


@given(trees(), places, included, included)
def test_choosing_more_is_the_union(tree: Tree, where: list[Place], one: list[Choice], other: list[Choice]) -> None:
    both = names(resolve(one + other, tree, where))
    assert both == names(resolve(one, tree, where)) | names(resolve(other, tree, where))


@given(trees(), places, included, excepted)
def test_an_exception_always_wins(tree: Tree, where: list[Place], one: list[Choice], but: list[Choice]) -> None:
    unwanted = names(resolve([Choice(c.kind, c.ref) for c in but], tree, where))
    assert names(resolve(one + but, tree, where)) == names(resolve(one, tree, where)) - unwanted


@given(trees(), places, excepted)
def test_nothing_chosen_is_nobody(tree: Tree, where: list[Place], but: list[Choice]) -> None:
    assert resolve(but, tree, where) == ()


@given(trees(), places, included, excepted)
def test_order_and_repetition_do_not_matter(
    tree: Tree, where: list[Place], one: list[Choice], but: list[Choice]
) -> None:
    assert resolve(one + but, tree, where) == resolve((but + one) * 2, tree, where[::-1])


@given(trees(), places, included, excepted)
def test_the_speaker_comes_to_the_same_result(
    tree: Tree, where: list[Place], one: list[Choice], but: list[Choice]
) -> None:
    signed = Audience(
        include=tuple(f"{WIRE[c.kind]}:{c.ref}" for c in one), exclude=tuple(f"{WIRE[c.kind]}:{c.ref}" for c in but)
    )
    there = {place.speaker for place in where if signed.covers(place.speaker, tree.path(place.unit), place.groups)}
    assert names(resolve(one + but, tree, where)) == there


@given(trees(), st.sampled_from(UNITS))
def test_a_unit_lies_under_each_unit_of_its_path(tree: Tree, unit: str) -> None:
    path = tree.path(unit)
    assert path[-1] == unit
    assert tree.parents[path[0]] is None
    assert all(unit in tree.under(above) for above in path)


@pytest.mark.parametrize("parents", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "b"}])
def test_a_circle_is_an_error_and_not_an_endless_climb(parents: dict[str, str | None]) -> None:
    with pytest.raises(UnitCycle):
        Tree(parents).check()
    with pytest.raises(UnitCycle):
        Tree(parents).under("a")


def test_a_parent_that_is_missing_is_named() -> None:
    with pytest.raises(UnknownUnit, match="gone"):
        Tree({"a": "gone"}).path("a")
    with pytest.raises(UnknownUnit, match="nowhere"):
        Tree({"a": None}).under("nowhere")
