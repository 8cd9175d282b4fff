"""Looking speakers up finds exactly those that searching all of them finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.atlas import Atlas
from broadcaster.domain.audience import Choice, ChoiceKind, Place, Tree, resolve

pytestmark = pytest.mark.pure

UNITS = tuple(f"unit-{number}" for number in range(8))
GROUPS = ("market", "flood")


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    parents: dict[str, str | None] = {}
    for number, unit in enumerate(UNITS):
        parents[unit] = draw(st.none() | st.sampled_from(UNITS[:number])) if number else None
    return Tree(parents)


places = st.lists(
    st.builds(
        Place,
        st.integers(0, 30).map("loa-{}".format),
        st.sampled_from(UNITS),
        st.frozensets(st.sampled_from(GROUPS)),
    ),
    unique_by=lambda place: place.speaker,
)
names = {
    ChoiceKind.UNIT: st.sampled_from((*UNITS, "elsewhere")),
    ChoiceKind.GROUP: st.sampled_from((*GROUPS, "none")),
    ChoiceKind.SPEAKER: st.integers(0, 30).map("loa-{}".format),
}
choices = st.lists(
    st.sampled_from(ChoiceKind).flatmap(lambda kind: st.builds(Choice, st.just(kind), names[kind], st.booleans())),
    max_size=5,
)


@given(trees(), places, choices)
def test_it_resolves_as_the_rule_does(tree: Tree, where: list[Place], wanted: list[Choice]) -> None:
    assert Atlas(tree, where).resolve(wanted) == resolve(wanted, tree, where)


@given(trees(), places, st.sampled_from(UNITS))
def test_a_unit_holds_what_hangs_anywhere_below_it(tree: Tree, where: list[Place], unit: str) -> None:
    inside = {place.speaker for place in where if unit in tree.path(place.unit)}
    assert Atlas(tree, where).under(unit) == inside
