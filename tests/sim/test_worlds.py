"""Two hundred worlds under faults, in portions that several workers may share."""

import pytest

from bench.sim.worlds import outcomes

pytestmark = pytest.mark.database

SEEDS, PORTION = 200, 10


@pytest.mark.parametrize("first", range(1, SEEDS + 1, PORTION))
def test_whatever_goes_wrong_all_promises_are_kept(first: int) -> None:
    found = list(outcomes("faults", range(first, first + PORTION)))
    assert {one.seed: one.faults for one in found if one.faults} == {}
    assert sum(one.tally["owed"] for one in found) > 0
