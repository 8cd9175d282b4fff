"""What an outlet says, after any history that the rules of copies allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.mirror import TABLE, Action, CopyState, Event, Past, owed, step
from broadcaster.domain.parity import Says, Standing, says

pytestmark = pytest.mark.pure

ATTEMPTS = st.lists(st.sampled_from([event for event in Event if event is not Event.RETRY]), max_size=4)
# A correction, or its end: the announcement's own steps.
COURSES = st.lists(st.tuples(st.booleans(), ATTEMPTS), min_size=1, max_size=5)


def past(action: Action, revision: int, state: CopyState, *, sending: bool = False) -> Past:
    return Past(action, revision, state, sending)


def attempted(state: CopyState, events: list[Event]) -> CopyState:
    for event in events:
        if (state, event) in TABLE:
            state = step(state, event)
    return state


def dropped(history: list[Past], action: Action | None) -> list[Past]:
    """As the service does when something newer is owed, or nothing stands: what still waits is not sent any more."""
    gone = [one.waiting and (action is not None or one.action is not Action.WITHDRAW) for one in history]
    fallen = [past(one.action, one.revision, CopyState.FAILED) for one in history]
    return [there if drop else one for one, there, drop in zip(history, fallen, gone, strict=True)]


@given(COURSES)
def test_an_outlet_that_says_otherwise_has_a_copy_that_shows_why(course: list[tuple[bool, list[Event]]]) -> None:
    history: list[Past] = []
    for revision, (ends, events) in enumerate(course, 1):
        standing = Standing(revision, withdrawn=ends)
        action = owed(history, revision=revision, standing=not ends)
        if action or ends:
            history = dropped(history, action)
        if action:
            history.append(past(action, revision, attempted(CopyState.QUEUED, events)))
        told = says(standing, history)
        if told is Says.SAME:
            assert not history or ends or history[-1].state in {CopyState.ACCEPTED, CopyState.DELIVERED}
        else:
            # Never in silence: the latest copy waits, is unsure, or failed with a reason.
            assert history[-1].state in {CopyState.QUEUED, CopyState.UNKNOWN, CopyState.FAILED}
        if ends:
            return


@given(COURSES)
def test_what_left_an_outlet_out_and_took_it_in_again_is_withdrawn_there_too(
    course: list[tuple[bool, list[Event]]],
) -> None:
    history: list[Past] = []
    for revision, (left_out, events) in enumerate([*course, (True, [Event.ACCEPT])], 1):
        action = owed(history, revision=revision, standing=not left_out)
        if action or left_out:
            history = dropped(history, action)
        if action:
            history.append(past(action, revision, attempted(CopyState.QUEUED, events)))
    read = any(one.may_be_out for one in history)
    assert not read or [one.action for one in history if one.may_be_out or one.waiting][-1] is Action.WITHDRAW
    assert not read or says(Standing(len(course) + 1, withdrawn=True), history) is not Says.OLDER


@pytest.mark.parametrize(
    ("standing", "history", "expected"),
    [
        (Standing(1), [], Says.SILENT),
        (Standing(1, withdrawn=True), [], Says.SAME),
        (Standing(1), [past(Action.POST, 1, CopyState.ACCEPTED)], Says.SAME),
        (Standing(1), [past(Action.POST, 1, CopyState.QUEUED)], Says.COMING),
        (Standing(1), [past(Action.POST, 1, CopyState.QUEUED, sending=True)], Says.COMING),
        (Standing(1), [past(Action.POST, 1, CopyState.UNKNOWN)], Says.UNSURE),
        (Standing(1), [past(Action.POST, 1, CopyState.FAILED)], Says.SILENT),
        (
            Standing(2),
            [past(Action.POST, 1, CopyState.DELIVERED), past(Action.CORRECT, 2, CopyState.FAILED)],
            Says.OLDER,
        ),
        (Standing(2), [past(Action.POST, 1, CopyState.DELIVERED)], Says.OLDER),
        (Standing(1, withdrawn=True), [past(Action.POST, 1, CopyState.FAILED)], Says.SAME),
        (Standing(1, withdrawn=True), [past(Action.POST, 1, CopyState.ACCEPTED)], Says.OLDER),
        (
            Standing(1, withdrawn=True),
            [past(Action.POST, 1, CopyState.ACCEPTED), past(Action.WITHDRAW, 1, CopyState.ACCEPTED)],
            Says.SAME,
        ),
        (
            Standing(3, withdrawn=True),
            [past(Action.WITHDRAW, 2, CopyState.ACCEPTED), past(Action.CORRECT, 3, CopyState.ACCEPTED)],
            Says.OLDER,
        ),
        (
            Standing(1),
            [past(Action.POST, 1, CopyState.ACCEPTED), past(Action.WITHDRAW, 2, CopyState.ACCEPTED)],
            Says.OLDER,
        ),
        (
            Standing(2),
            [past(Action.POST, 1, CopyState.ACCEPTED), past(Action.WITHDRAW, 2, CopyState.ACCEPTED)],
            Says.SAME,
        ),
    ],
)
def test_what_readers_find(standing: Standing, history: list[Past], expected: Says) -> None:
    assert says(standing, history) is expected
