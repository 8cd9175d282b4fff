"""Policies add up: whatever a unit says, never fewer than one approval, and never less than above."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.errors import BadPolicy
from broadcaster.domain.permissions import Role
from broadcaster.domain.policy import APPROVING, MOST_APPROVALS, Demand, Row, demand, parse
from firmware_config.protocol import Kind, Klass

pytestmark = pytest.mark.pure

rows = st.builds(
    Row,
    klass=st.sampled_from(["", *(str(each.value) for each in Klass)]),
    kind=st.sampled_from(["", *(str(each.value) for each in Kind)]),
    up_to_speakers=st.none() | st.integers(1, 50),
    approvals=st.integers(1, MOST_APPROVALS),
    roles=st.sampled_from([APPROVING, (Role.OWNER,), (Role.APPROVER,)]),
)
policies = st.lists(st.lists(rows, max_size=4), max_size=4)
cases = st.tuples(st.sampled_from(["normal", "emergency"]), st.sampled_from(["live", "drill"]), st.integers(1, 60))


def test_who_says_nothing_asks_for_one_of_two_roles() -> None:
    assert APPROVING == (Role.APPROVER, Role.OWNER)
    assert demand([], "normal", "live", 3) == Demand(1, frozenset(APPROVING))


@given(policies, policies, cases)
def test_a_unit_below_can_only_ask_for_more(above: list[list[Row]], below: list[list[Row]], case: Any) -> None:
    first, both = demand(above, *case), demand([*above, *below], *case)
    assert both.approvals >= first.approvals >= 1
    assert both.roles <= first.roles <= frozenset(APPROVING)


@given(policies, cases)
def test_the_order_of_units_does_not_matter(given: list[list[Row]], case: Any) -> None:
    assert demand(given, *case) == demand(given[::-1], *case)


def test_the_first_row_that_holds_counts() -> None:
    policy = parse(
        [
            {"class": "normal", "up_to_speakers": 10},
            {"class": "normal", "approvals": 2},
            {"class": "emergency", "approvals": 3, "roles": ["owner"]},
        ]
    )
    asked = [demand([policy], klass, "live", n).approvals for klass, n in (("normal", 10), ("normal", 11))]
    assert asked == [1, 2]
    assert demand([policy], "priority", "live", 99) == Demand()
    assert demand([policy], "emergency", "live", 1) == Demand(3, frozenset({Role.OWNER}))


@given(st.lists(rows, max_size=5))
def test_a_policy_reads_what_it_writes_or_names_the_row(given: list[Row]) -> None:
    try:
        assert list(parse([row.to_json() for row in given])) == given
    except BadPolicy as refused:
        place = int(refused.params["row"]) - 1
        assert any(earlier.covers(given[place]) for earlier in given[:place])


@given(rows, rows, cases)
def test_a_row_that_covers_another_holds_wherever_that_holds(one: Row, other: Row, case: Any) -> None:
    if one.covers(other) and other.holds_for(*case):
        assert one.holds_for(*case)


@pytest.mark.parametrize(
    "bad",
    [
        {"class": "urgent"},
        {"kind": "real"},
        {"class": ["normal"]},
        {"approvals": 0},
        {"approvals": 6},
        {"approvals": True},
        {"approvals": "2"},
        {"up_to_speakers": 0},
        {"up_to_speakers": -1},
        {"roles": []},
        {"roles": ["clerk"]},
        {"roles": "owner"},
        {"roles": [["owner"]]},
        {"who": "anyone"},
        [],
        None,
    ],
)
def test_a_row_that_cannot_be_is_named(bad: object) -> None:
    with pytest.raises(BadPolicy) as refused:
        parse([{"class": "normal"}, bad])
    assert refused.value.params["row"] == 2


@pytest.mark.parametrize("bad", [None, {}, "rows", [{}] * 21])
def test_what_is_no_list_of_rows_is_refused(bad: object) -> None:
    with pytest.raises(BadPolicy):
        parse(bad)
