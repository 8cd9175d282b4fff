"""Units side by side: shares never flatter, and every order holds every unit once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.comparing import By, Compared, Drill, Figures, Share, in_order

pytestmark = pytest.mark.pure
NOON = datetime(2026, 11, 25, 5, tzinfo=UTC)

shares = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda both: Share(min(both), max(both)))
drills = st.builds(Drill, st.sampled_from("abc"), st.just(NOON), shares)
figures = st.builds(
    Figures,
    online=shares,
    today=shares,
    week=shares,
    ill=st.integers(0, 9),
    waiting=st.integers(0, 2),
    running=st.integers(0, 2),
    exceptions=st.integers(0, 9),
    drill=st.none() | drills,
)
compared = st.lists(st.builds(Compared, st.uuids().map(str), st.text(max_size=3), figures, st.just(0)), max_size=8)


@given(shares)
def test_a_percentage_never_says_more_than_is_true(share: Share) -> None:
    if share.whole == 0:
        assert share.percent is None
        assert not share.few
    else:
        assert share.percent is not None
        assert share.percent * share.whole <= share.part * 100
        assert (share.percent == 100) == (share.missing == 0)


@given(compared, st.sampled_from(By), st.booleans())
def test_every_order_holds_every_unit_once(units: list[Compared], by: By, reverse: bool) -> None:
    assert sorted(one.id for one in in_order(units, by, reverse=reverse)) == sorted(one.id for one in units)


@given(compared)
def test_a_unit_that_needs_somebody_is_never_shown_below_one_that_is_well(units: list[Compared]) -> None:
    tones = [one.figures.tone for one in in_order(units, By.TROUBLE)]
    assert tones == sorted(tones, key=["bad", "wait", "ok", "off"].index)


@given(compared)
def test_the_smallest_share_comes_first_and_nothing_due_last(units: list[Compared]) -> None:
    ratios = [one.figures.today.ratio for one in in_order(units, By.TODAY)]
    known = [ratio for ratio in ratios if ratio is not None]
    assert ratios == [*sorted(known), *[None] * (len(ratios) - len(known))]


@given(st.lists(figures, max_size=6), st.randoms())
def test_sums_do_not_depend_on_the_order_of_counting(several: list[Figures], chance: object) -> None:
    forward = sum(several, start=Figures())
    backward = sum(reversed(several), start=Figures())
    assert forward == backward


def test_the_last_drill_is_the_one_of_the_sum() -> None:
    before = Figures(drill=Drill("a", NOON - timedelta(days=9), Share(1, 3)))
    village = Figures(drill=Drill("b", NOON, Share(2, 3)))
    assert (before + village + village).drill == Drill("b", NOON, Share(4, 6))


def test_one_village_waiting_for_a_voice_is_enough_to_need_somebody() -> None:
    well = Figures(online=Share(9, 9), today=Share(9, 9), week=Share(9, 9))
    assert [well.tone, replace(well, ill=1).tone, replace(well, waiting=1).tone] == ["ok", "wait", "bad"]
    assert Figures().tone == "off"
