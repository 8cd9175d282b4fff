"""The ledger's table, row by row."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent.ledger import OVER, TABLE, Entry, IllegalStep, Stage, Step, advance, turned_away
from tests.agent.station import item

pytestmark = pytest.mark.pure

ITEM = item("airing-1", "sha256:" + "0" * 64, start=1_000)


def test_every_stage_has_its_row() -> None:
    assert TABLE.keys() == set(Stage)


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("step", Step)
def test_a_step_is_in_the_table_or_raises(stage: Stage, step: Step) -> None:
    entry = Entry(ITEM, stage, starts=1)
    if step in TABLE[stage]:
        assert advance(entry, step).item == ITEM
    else:
        with pytest.raises(IllegalStep):
            advance(entry, step)


def test_from_the_end_nothing_leads_back() -> None:
    for stage in OVER:
        assert set(TABLE[stage].values()) <= OVER


@pytest.mark.parametrize("stage", sorted(set(Stage) - OVER))
def test_every_open_airing_can_be_turned_away(stage: Stage) -> None:
    assert advance(Entry(ITEM, stage, starts=1), turned_away(Entry(ITEM, stage))).stage in OVER


def test_one_start_more_than_allowed_is_no_step() -> None:
    entry = Entry(replace(ITEM, max_starts=2), Stage.STARTED, starts=2)
    with pytest.raises(IllegalStep):
        advance(entry, Step.START)


def test_a_start_taken_back_leaves_what_was_there_before() -> None:
    armed = Entry(ITEM, Stage.ARMED)
    once = advance(armed, Step.START)
    assert advance(once, Step.UNSTART) == armed
    assert advance(advance(once, Step.START), Step.UNSTART) == once


@given(st.lists(st.sampled_from(Step), max_size=30))
def test_whatever_happens_starts_and_ends_are_counted_right(steps: list[Step]) -> None:
    entry, ends = Entry(ITEM), 0
    for step in steps:
        try:
            entry = advance(entry, step)
        except IllegalStep:
            continue
        ends += step in {Step.FINISH, Step.GIVE_UP, Step.MISS, Step.REFUSE, Step.CANCEL}
    assert 0 <= entry.starts <= ITEM.max_starts
    assert ends == int(entry.over)
