"""How far a copy got: the table, and when it is tried again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.audience import Choice, ChoiceKind, Tree
from broadcaster.domain.mirror import (
    LONGEST_WAIT,
    MOST_REPEATS,
    TABLE,
    Action,
    CopyState,
    Event,
    IllegalCopyStep,
    Outcome,
    Past,
    again,
    owed,
    reached,
    step,
    wait,
)
from firmware_config.protocol import Klass

pytestmark = pytest.mark.pure

FINAL = (CopyState.FAILED, CopyState.DELIVERED)
BY_ITSELF = [event for event in Event if event not in {Event.RETRY, Event.CARRY}]


@given(st.sampled_from(CopyState), st.sampled_from(Event))
def test_what_is_not_in_the_table_is_no_step(state: CopyState, event: Event) -> None:
    if (state, event) in TABLE:
        assert step(state, event) is TABLE[state, event]
    else:
        with pytest.raises(IllegalCopyStep):
            step(state, event)


@pytest.mark.parametrize("state", FINAL)
def test_nothing_follows_a_final_state_by_itself(state: CopyState) -> None:
    assert not [pair for pair in TABLE if pair[0] is state and pair[1] in BY_ITSELF]


@pytest.mark.parametrize("state", CopyState)
def test_a_person_has_only_what_failed_sent_again(state: CopyState) -> None:
    assert ((state, Event.RETRY) in TABLE) is (state is CopyState.FAILED)


@pytest.mark.parametrize("state", CopyState)
def test_a_person_carries_over_what_certainly_did_not_go_out(state: CopyState) -> None:
    assert ((state, Event.CARRY) in TABLE) is (state in {CopyState.QUEUED, CopyState.FAILED})


@given(st.lists(st.sampled_from(BY_ITSELF), max_size=12))
def test_what_may_have_gone_out_is_never_queued_again_by_itself(events: list[Event]) -> None:
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


pasts = st.lists(st.builds(Past, st.sampled_from(Action), st.integers(1, 3), st.sampled_from(CopyState), st.booleans()))


@given(pasts, st.integers(1, 4))
def test_a_withdrawal_is_owed_exactly_where_somebody_may_have_read_it_since_the_last(
    history: list[Past], revision: int
) -> None:
    action = owed(history, revision=revision, standing=False)
    told = any(past.action is Action.WITHDRAW and past.revision == revision for past in history)
    read = False
    for past in history:
        ends = past.action is Action.WITHDRAW
        read = read and past.state is CopyState.FAILED if ends else read or past.may_be_out
    assert action == (Action.WITHDRAW if read and not told else None)


@given(pasts, st.booleans(), st.integers(1, 4))
def test_nothing_is_owed_that_a_channel_has_of_this_revision(
    history: list[Past], standing: bool, revision: int
) -> None:
    action = owed(history, revision=revision, standing=standing)
    assert (action, revision) not in {(past.action, past.revision) for past in history}


@given(pasts)
def test_words_that_stand_are_owed_once_and_as_a_correction_where_others_were_read(history: list[Past]) -> None:
    action = owed(history, revision=9, standing=True)
    assert action is (Action.CORRECT if any(past.may_be_out for past in history) else Action.POST)
    assert owed([*history, Past(action, 9, CopyState.FAILED, sending=False)], revision=9, standing=True) is None


TREE = Tree({"commune": None, "village": "commune", "hamlet": "village", "neighbour": "commune"})


@pytest.mark.parametrize(
    ("unit", "hears"), [("commune", True), ("village", True), ("hamlet", False), ("neighbour", False)]
)
def test_a_speaker_chosen_by_itself_reaches_its_unit_and_those_above(unit: str, *, hears: bool) -> None:
    chosen = [Choice(ChoiceKind.SPEAKER, "loa-1")]
    assert reached(chosen, unit, TREE, ["village"]) is hears


def test_an_excepted_unit_is_not_reached_by_a_speaker_in_it() -> None:
    chosen = [Choice(ChoiceKind.GROUP, "market"), Choice(ChoiceKind.UNIT, "village", include=False)]
    assert not reached(chosen, "village", TREE, ["village"])
    assert reached(chosen, "commune", TREE, ["village"])
