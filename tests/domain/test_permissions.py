"""The table of role and action, cell by cell, and what lies outside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.permissions import MAY, Action, Grant, Role, may, units_of

pytestmark = pytest.mark.pure

#            see write approve withdraw air confirm enrol speakers units channels people audit
CELLS = {
    Role.CLERK: "x x . x x . . . . . . .",
    Role.APPROVER: "x x x x x . . . . . . x",
    Role.VILLAGE_HEAD: "x . . . . x . . . . . .",
    Role.TECHNICIAN: "x . . . . . x x . . . .",
    Role.PROVINCE_MONITOR: "x . . . . . . . . . . x",
    Role.OWNER: "x x x x x x x x x x x x",
}
PATH = ("tinh", "xa", "ban")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", list(Action))
def test_each_cell(role: Role, action: Action) -> None:
    allowed = CELLS[role].split()[list(Action).index(action)] == "x"
    for unit in PATH:
        assert may([Grant(role, unit)], action, PATH) is allowed


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", list(Action))
def test_a_grant_covers_what_is_under_it_and_nothing_beside_or_above(role: Role, action: Action) -> None:
    assert not may([Grant(role, "xa-khac")], action, PATH)
    assert not may([Grant(role, "ban")], action, ("tinh", "xa"))
    assert not may([Grant(role, "xa")], action, ())


@given(st.sampled_from(list(Action)), st.lists(st.text(), max_size=4))
def test_who_has_no_role_may_nothing(action: Action, path: list[str]) -> None:
    assert not may([], action, path)


grants = st.lists(st.builds(Grant, st.sampled_from(list(Role)), st.sampled_from([*PATH, "xa-khac"])))


@given(grants, grants, st.sampled_from(list(Action)))
def test_grants_add_up_and_never_take_away(some: list[Grant], more: list[Grant], action: Action) -> None:
    assert may(some + more, action, PATH) == (may(some, action, PATH) or may(more, action, PATH))


@given(grants, st.sampled_from(list(Action)))
def test_the_units_named_are_those_where_it_is_allowed(some: list[Grant], action: Action) -> None:
    assert bool(units_of(some, action) & set(PATH)) == may(some, action, PATH)


def test_every_role_has_its_line() -> None:
    assert set(MAY) == set(Role) == set(CELLS)
