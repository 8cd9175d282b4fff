"""Two hundred worlds under faults, in portions that several workers may share."""

import pytest

from bench.sim.worlds import outcomes

pytestmark = pytest.mark.database

FOUND = {
    22: "an end that a full disk did not take was forgotten in a power cut, and the airing heard again",
    351: "what had just been written held back the question for what nobody had confirmed",
    838: "receipts confirmed by a manifest alone, and the next batch did not join the chain",
    1053: "a broker swallowed its answer to our subscription, and what waited never left",
}
"""Seeds that once went wrong, and what they found."""
SEEDS, PORTION = sorted({*range(1, 201), *FOUND}), 10


@pytest.mark.parametrize("first", range(0, len(SEEDS), PORTION))
def test_whatever_goes_wrong_all_promises_are_kept(first: int) -> None:
    found = list(outcomes("faults", SEEDS[first : first + PORTION]))
    assert {one.seed: one.faults for one in found if one.faults} == {}
    assert sum(one.tally["owed"] for one in found) > 0


def test_the_same_seed_tells_the_same_story() -> None:
    [one], [other] = (list(outcomes("faults", [3])) for _ in range(2))
    assert one == other
