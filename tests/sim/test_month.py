"""Days without a line, and hundreds of receipts at their end; `make faults` lives through the whole month."""

import pytest

from bench.sim.ground import ground
from bench.sim.month import HOURS, Month
from bench.sim.oracle import Oracle
from bench.sim.worlds import quiet

pytestmark = pytest.mark.database

DAYS, RECEIPTS = 3, 300


def test_every_planned_item_plays_and_every_receipt_is_told_with_its_true_time() -> None:
    with quiet(), ground() as made:
        month = Month(7, made, days=DAYS, receipts=RECEIPTS)
        month.live()
        oracle = Oracle(month)
        faults = oracle.faults()
        month.close()
    assert faults == []
    assert oracle.tally["owed"] >= (DAYS - 1) * len(HOURS)
    assert oracle.tally["sounds"] == oracle.tally["owed"]
    assert oracle.tally["receipts"] >= RECEIPTS
