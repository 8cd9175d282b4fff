"""How far a copy got: the table, and when it is tried again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.mirror import (
    LONGEST_WAIT,
    MOST_REPEATS,
    TABLE,
    CopyState,
    Event,
    IllegalCopyStep,
    Outcome,
    again,
    step,
    wait,
)
from firmware_config.protocol import Klass

pytestmark = pytest.mark.pure

FINAL = (CopyState.FAILED, CopyState.DELIVERED)


@given(st.sampled_from(CopyState), st.sampled_from(Event))
def test_what_is_not_in_the_table_is_no_step(state: CopyState, event: Event) -> None:
    if (state, event) in TABLE:
        assert step(state, event) is TABLE[state, event]
    else:
        with pytest.raises(IllegalCopyStep):
            step(state, event)


@pytest.mark.parametrize("state", FINAL)
def test_nothing_follows_a_final_state(state: CopyState) -> None:
    assert not [pair for pair in TABLE if pair[0] is state]


@given(st.lists(st.sampled_from(Event), max_size=12))
def test_what_may_have_gone_out_is_never_queued_again(events: list[Event]) -> None:
    state, gone_out = CopyState.QUEUED, False
    for event in events:
        if (state, event) in TABLE:
            state = step(state, event)
        gone_out = gone_out or state in {CopyState.UNKNOWN, CopyState.ACCEPTED, CopyState.DELIVERED}
        assert not (gone_out and state is CopyState.QUEUED)


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        (Outcome(CopyState.ACCEPTED), Event.ACCEPT),
        (Outcome(CopyState.DELIVERED), Event.DELIVER),
        (Outcome(CopyState.UNKNOWN), Event.LOSE),
        (Outcome(CopyState.FAILED), Event.DEFER),
        (Outcome(CopyState.FAILED, permanent=True), Event.REFUSE),
    ],
)
def test_an_outcome_is_a_step(outcome: Outcome, event: Event) -> None:
    assert outcome.event is event


def test_only_an_emergency_is_sent_again_when_nobody_knows_and_not_for_ever() -> None:
    assert not again(CopyState.UNKNOWN, Klass.NORMAL, 1)
    assert not again(CopyState.UNKNOWN, Klass.PRIORITY, 1)
    assert again(CopyState.UNKNOWN, Klass.EMERGENCY, 1)
    assert not again(CopyState.UNKNOWN, Klass.EMERGENCY, MOST_REPEATS)
    assert again(CopyState.QUEUED, Klass.NORMAL, 1000)


@given(st.integers(1, 10_000))
def test_patience_doubles_and_ends_at_five_minutes(attempts: int) -> None:
    assert timedelta(seconds=5) <= wait(attempts, None) <= wait(attempts + 1, None) <= LONGEST_WAIT


@given(st.integers(1, 100), st.integers(-10, 10**7))
def test_a_provider_may_ask_for_up_to_an_hour(attempts: int, asked: int) -> None:
    expected = min(max(asked, 1), 3600)
    assert wait(attempts, asked) == timedelta(seconds=expected)
