"""Every state machine: what the table says happens, what it does not say raises and changes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain import airing, announcement, delivery, stand_in
from broadcaster.domain.errors import IllegalStep

pytestmark = pytest.mark.pure


@dataclass(frozen=True)
class Machine:
    """A table and what it is made of."""

    states: type[StrEnum]
    events: type[StrEnum]
    table: Mapping[Any, StrEnum]
    step: Callable[[Any, Any], StrEnum]
    first: StrEnum


MACHINES = {
    "announcement": Machine(
        announcement.State, announcement.Event, announcement.TABLE, announcement.step, announcement.State.DRAFT
    ),
    "airing": Machine(airing.State, airing.Event, airing.TABLE, airing.step, airing.State.PLANNED),
    "stand_in": Machine(stand_in.State, stand_in.Event, stand_in.TABLE, stand_in.step, stand_in.State.OPEN),
    "delivery": Machine(delivery.State, delivery.Report, delivery.TABLE, delivery.step, delivery.State.PLANNED),
}
machines = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())


@machines
def test_every_cell_is_a_step_or_a_refusal(machine: Machine) -> None:
    for state in machine.states:
        for event in machine.events:
            if (state, event) in machine.table:
                assert machine.step(state, event) is machine.table[state, event]
            else:
                with pytest.raises(IllegalStep) as caught:
                    machine.step(state, event)
                assert caught.value.params == {"event": event, "state": state}


@machines
def test_every_state_can_be_reached(machine: Machine) -> None:
    reached = {machine.first}
    for _ in machine.states:
        reached |= {after for (before, _event), after in machine.table.items() if before in reached}
    assert reached == set(machine.states)


@machines
@given(data=st.data())
def test_a_sequence_of_events_only_ever_follows_the_table(machine: Machine, data: st.DataObject) -> None:
    state = machine.first
    for event in data.draw(st.lists(st.sampled_from(list(machine.events)), max_size=12)):
        before = state
        try:
            state = machine.step(state, event)
        except IllegalStep:
            assert (before, event) not in machine.table
            assert state is before
        else:
            assert machine.table[before, event] is state


def test_the_announcement_table_cell_by_cell() -> None:
    written = {(str(state), str(event)): str(after) for (state, event), after in announcement.TABLE.items()}
    assert written == {
        ("draft", "edit"): "draft",
        ("draft", "submit"): "submitted",
        ("draft", "withdraw"): "withdrawn",
        ("draft", "expire"): "expired",
        ("submitted", "edit"): "draft",
        ("submitted", "approve"): "approved",
        ("submitted", "reject"): "rejected",
        ("submitted", "withdraw"): "withdrawn",
        ("submitted", "expire"): "expired",
        ("approved", "edit"): "draft",
        ("approved", "withdraw"): "withdrawn",
        ("approved", "expire"): "expired",
        ("rejected", "edit"): "draft",
        ("rejected", "withdraw"): "withdrawn",
        ("rejected", "expire"): "expired",
    }


def test_only_approving_what_was_submitted_makes_it_approved() -> None:
    ways = [cell for cell, after in announcement.TABLE.items() if after is announcement.State.APPROVED]
    assert ways == [(announcement.State.SUBMITTED, announcement.Event.APPROVE)]


reports = st.lists(st.sampled_from(list(delivery.Report)), max_size=15)


@given(reports)
def test_late_and_double_reports_never_take_a_delivery_back(told: list[delivery.Report]) -> None:
    state = delivery.State.PLANNED
    for report in told:
        after = delivery.step(state, report)
        assert delivery.RANK[after] >= delivery.RANK[state]
        assert delivery.step(after, report) is after
        state = after


@given(reports, st.randoms())
def test_the_order_in_which_reports_arrive_decides_only_between_equals(
    told: list[delivery.Report], order: Random
) -> None:
    shuffled = list(told)
    order.shuffle(shuffled)
    ends = []
    for sequence in (told, shuffled):
        state = delivery.State.PLANNED
        for report in sequence:
            state = delivery.step(state, report)
        ends.append(delivery.RANK[state])
    assert ends[0] == ends[1]


def test_the_ladder_is_climbed_rung_by_rung_and_heard_is_its_top() -> None:
    state = delivery.LADDER[0]
    for rung in delivery.LADDER[1:]:
        state = delivery.step(state, delivery.Report(rung))
        assert state is rung
    assert all(delivery.step(delivery.State.HEARD, report) is delivery.State.HEARD for report in delivery.Report)


@pytest.mark.parametrize("gave_up", ["missed", "refused", "cancelled", "partial"])
def test_what_was_given_up_may_yet_turn_out_to_be_heard(gave_up: str) -> None:
    state = delivery.step(delivery.State.PLANNED, delivery.Report(gave_up))
    assert delivery.step(state, delivery.Report.HEARD) is delivery.State.HEARD
    assert delivery.step(state, delivery.Report.STORED) is state


@pytest.mark.parametrize(
    ("counts", "over", "event"),
    [
        ({"planned": 3}, False, None),
        ({}, False, None),
        ({"planned": 3}, True, "miss"),
        ({"planned": 2, "started": 1}, False, "start"),
        ({"planned": 2, "heard": 1}, False, "start"),
        ({"heard": 2, "partial": 1}, False, "end"),
        ({"heard": 2, "missed": 1}, False, "end"),
        ({"armed": 1, "finished": 2}, True, "end"),
        ({"missed": 2, "refused": 1}, False, "miss"),
        ({}, True, "miss"),
    ],
)
def test_deliveries_tell_what_became_of_their_airing(counts: dict[str, int], over: bool, event: str | None) -> None:
    assert airing.told_by(counts, over=over) == event


@given(st.frozensets(st.sampled_from(list(delivery.State))), st.sampled_from([*airing.OPEN, airing.State.MISSED]))
def test_whatever_the_deliveries_tell_an_airing_that_can_move_takes(
    there: frozenset[delivery.State], state: airing.State
) -> None:
    event = airing.told_by(dict.fromkeys(there, 1), over=False)
    if event:
        assert airing.step(state, event)
