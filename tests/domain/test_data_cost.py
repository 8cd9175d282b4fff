"""What an announcement costs the SIM cards: in all, the one that pays most, and whose month is spent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.data_cost import OVERHEAD, Line, cost
from firmware_config.protocol import Klass

pytestmark = pytest.mark.pure

MB = 1_000_000
LINES = st.lists(
    st.builds(
        Line,
        speaker=st.text("abcdef", min_size=3, max_size=8),
        missing=st.dictionaries(st.sampled_from("pqr"), st.integers(0, 5 * MB)),
        used=st.integers(0, 200 * MB),
        cap=st.sampled_from([0, 100 * MB]),
        documents=st.integers(1, 3),
    ),
    unique_by=lambda line: line.speaker,
)


def test_one_clip_on_three_speakers_one_of_which_has_it() -> None:
    clip = {"clip": 100_000}
    found = cost([Line("a", clip), Line("b", {}), Line("c", clip | {"chime": 10_000})], Klass.NORMAL)
    assert (found.speakers, found.fetching) == (3, 2)
    assert found.total == 3 * OVERHEAD + 108_000 + 118_800
    assert (found.most, found.costliest) == (OVERHEAD + 118_800, "c")
    assert (found.short, found.beyond) == ((), ())


@pytest.mark.parametrize(
    ("klass", "used", "short", "beyond"),
    [
        (Klass.NORMAL, 79 * MB, False, False),
        (Klass.NORMAL, 80 * MB, True, False),
        (Klass.PRIORITY, 80 * MB, False, False),
        (Klass.PRIORITY, 95 * MB, True, False),
        (Klass.NORMAL, 100 * MB, True, True),
        (Klass.EMERGENCY, 100 * MB, False, True),
    ],
)
def test_whose_month_is_spent(klass: Klass, used: int, *, short: bool, beyond: bool) -> None:
    found = cost([Line("a", {"clip": 500_000}, used=used, cap=100 * MB)], klass)
    assert (found.short == ("a",), found.beyond == ("a",)) == (short, beyond)
    assert found.total == OVERHEAD + (0 if short else 540_000)


def test_two_languages_are_counted_one_upon_the_other() -> None:
    line = Line("a", {"vi": 60_000, "hmn": 60_000}, used=0, cap=100_000)
    assert cost([line], Klass.NORMAL).short == ("a",)


def test_nobody_hears_it() -> None:
    found = cost([], Klass.NORMAL)
    assert (found.speakers, found.total, found.most, found.costliest) == (0, 0, 0, "")


@given(LINES, st.sampled_from(Klass))
def test_the_sum_is_never_less_than_its_parts(lines: list[Line], klass: Klass) -> None:
    found = cost(lines, klass)
    assert found.most <= found.total <= sum(line.bytes for line in lines)
    assert found.total >= sum(line.least for line in lines)
    if klass is Klass.EMERGENCY:
        assert found.short == ()
        assert found.total == sum(line.bytes for line in lines)
