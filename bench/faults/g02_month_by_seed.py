"""G2: the same month on the virtual clock, line and disk, judged by the oracle of the simulation."""

from __future__ import annotations

from bench.faults.fault import Fault, Outcome, Scale
from bench.sim.ground import ground
from bench.sim.month import HOURS, Month
from bench.sim.oracle import Oracle
from bench.sim.worlds import quiet

DAYS, RECEIPTS = 30, 5_000


def run(scale: Scale) -> Outcome:
    """One speaker, told a month ahead, then alone, then asked for all it has to say."""
    days, receipts = scale.of(DAYS, 3), scale.of(RECEIPTS, 100)
    with quiet(), ground() as made:
        month = Month(scale.seed, made, days=days, receipts=receipts)
        month.live()
        oracle = Oracle(month)
        wrong = oracle.faults()
        month.close()
    tally = oracle.tally
    enough = tally["owed"] >= (days - 1) * len(HOURS) and tally["receipts"] >= receipts
    figure = (
        f"{days} days: {tally['sounds']} sounds of {tally['owed']} owed; {tally['receipts']} receipts back in one "
        f"chain; {len(wrong)} faults"
    )
    return Outcome(not wrong and enough, figure, "\n".join(f"{what}: {told}" for what, told in wrong))


FAULT = Fault(
    number="G2",
    title="a month without a signal in the simulation",
    criterion="30 days offline: every planned item sounds once inside its window; 5,000 receipts back with true times, "
    "each once, in one chain",
    run=run,
)
