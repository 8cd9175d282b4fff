"""Who is asked when, and how that ends: for every case, not for those we thought of."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain import delivery, stand_in
from broadcaster.domain.errors import IllegalStep, Malformed
from broadcaster.domain.stand_in import (
    ANSWERED,
    TABLE,
    USUAL,
    WAITING,
    Cause,
    Event,
    Facts,
    State,
    ends,
    is_silent,
    limits_of,
    ordered,
    parse,
    step,
    told,
)
from firmware_config.protocol import Barred

pytestmark = pytest.mark.pure

LATE = {State.COULD_NOT, State.WITHDRAWN}
events = st.lists(st.sampled_from(Event), max_size=12)
facts = st.builds(Facts, st.booleans(), st.booleans(), st.booleans(), st.booleans())
pairs = st.lists(st.integers(1, stand_in.MOST_MINUTES), min_size=2, max_size=2)
settings = st.dictionaries(st.sampled_from(sorted(USUAL)), pairs)


def walked(happened: list[Event]) -> list[State]:
    states = [State.OPEN]
    for event in happened:
        if (states[-1], event) in TABLE:
            states.append(step(states[-1], event))
    return states


@given(events)
def test_what_is_answered_stays_answered_and_what_ended_stays_ended(happened: list[Event]) -> None:
    states = walked(happened)
    for before, after in pairwise(states):
        assert before in WAITING or (before in LATE and after == State.DONE)
        assert before not in ANSWERED or after in ANSWERED
    assert states.count(State.DONE) <= 1


@given(st.sampled_from(sorted(set(State) - {*WAITING})), st.sampled_from(sorted(Event)))
def test_nothing_but_somebody_elses_voice_follows_an_end(state: State, event: Event) -> None:
    if state in LATE and event == Event.SAY:
        return
    with pytest.raises(IllegalStep):
        step(state, event)


@given(st.sampled_from(Cause), facts)
def test_what_is_taken_back_is_never_said(cause: Cause, found: Facts) -> None:
    event = told(cause, found)
    assert (event is Event.TAKE_BACK) is found.taken_back
    if event is None:
        assert (found.taken_back, found.expired, found.known) == (False, False, False)
        assert found.silent or cause is Cause.SPOKEN


@given(st.sampled_from(Cause), facts, st.sampled_from(WAITING))
def test_every_end_is_in_the_table(cause: Cause, found: Facts, state: State) -> None:
    event = told(cause, found)
    assert event is None or step(state, event) not in WAITING


@given(st.lists(st.none() | settings, max_size=5), st.sampled_from(sorted(USUAL)))
def test_the_nearest_unit_that_says_anything_counts(chain: list[dict[str, list[int]] | None], klass: str) -> None:
    found = limits_of(chain, klass)
    said = [own[klass] for own in chain if own and klass in own]
    wanted = [timedelta(minutes=one) for one in said[0]] if said else [USUAL[klass].ask, USUAL[klass].escalate]
    assert [found.ask, found.escalate] == wanted


@given(settings)
def test_settings_are_read_as_they_were_written(given_: dict[str, list[int]]) -> None:
    assert parse(given_) == given_


@pytest.mark.parametrize(
    "wrong",
    [
        None, [], "x", {"normal": [1, 2]}, {"emergency": [0, 5]}, {"emergency": [3]}, {"emergency": "35"},
        {"priority": [15, 121]}, {"priority": [True, 5]}, {"priority": [1.5, 5]}, {"priority": None},
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(wrong: object) -> None:
    with pytest.raises(Malformed):
        parse(wrong)


@given(st.sampled_from(delivery.State), st.sampled_from([*(one.value for one in Barred), "sink_failed", ""]))
def test_what_sounded_or_was_cancelled_or_barred_is_not_silent(state: delivery.State, reason: str) -> None:
    barred = state is delivery.State.REFUSED and reason in {one.value for one in Barred}
    quiet = state not in delivery.PLAYED and state is not delivery.State.CANCELLED
    assert is_silent(state, reason) is (quiet and not barred)


@given(st.lists(st.sampled_from(["vi", "hmn", "en", "fr"]), unique=True), st.permutations(["vi", "hmn", "en", "fr"]))
def test_the_villages_languages_come_first_and_none_is_lost(order: list[str], written: list[str]) -> None:
    found = [language for language, _ in ordered([(language, "…") for language in written], order)]
    assert found[: len(order)] == order
    assert found[len(order) :] == [language for language in written if language not in order]


@given(st.sampled_from(["emergency", "priority", "normal"]), st.none() | st.integers(-10, 10_000))
def test_it_is_worth_saying_for_hours_at_most_and_not_beyond_its_validity(klass: str, minutes: int | None) -> None:
    begins = datetime(2026, 11, 25, 3, tzinfo=UTC)
    valid = None if minutes is None else begins + timedelta(minutes=minutes)
    until = ends(begins, klass, valid)
    assert until <= begins + timedelta(hours=6)
    assert valid is None or until <= valid
