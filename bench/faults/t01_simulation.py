"""T01: ten thousand worlds of the product's own code on a virtual clock, each with faults drawn by its seed."""

from __future__ import annotations

import os
from collections import Counter

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.sim.worlds import outcomes

WORLDS = 10_000
TWICE = 20
"""So many worlds are lived through a second time, by another process."""


def run(scale: Scale) -> Outcome:
    """Every seed from that of the scale on; the first few again, for the same trace."""
    first, count = scale.seed, scale.of(WORLDS)
    processes = max(2, os.cpu_count() or 2)
    figures, struck = Counter[str](), Counter[str]()
    wrong: list[str] = []
    traces: dict[int, str] = {}
    for done, one in enumerate(outcomes("faults", range(first, first + count), processes=processes), start=1):
        progress(f"T01 {done} of {count} worlds")
        figures += one.tally
        struck += one.struck
        traces[one.seed] = one.trace
        wrong += [f"seed {one.seed}: {fault}" for fault in one.faults]
    again = outcomes("faults", range(first, first + min(count, TWICE)), processes=processes)
    other = [one.seed for one in again if traces[one.seed] != one.trace]
    wrong += [f"seed {seed}: another trace the second time" for seed in other]
    kinds = Counter(fault.split(":")[1].strip() for fault in wrong)
    outside = kinds["window"] + kinds["rules"] + kinds["expired"]
    figure = (
        f"{count} worlds with {struck.total()} faults; of {figures['owed']} owed sounds {kinds['lost']} lost; "
        f"of {figures['sounds']} sounds {kinds['twice']} twice, {outside} outside, {kinds['unsigned']} unsigned; "
        f"of {figures['receipts']} receipts {kinds['receipts'] + kinds['chain']} wrong; {len(wrong)} faults in all"
    )
    return Outcome(not wrong and figures["owed"] > 0, figure, "\n".join(wrong))


FAULT = Fault(
    "T01",
    "the product's own code on a virtual clock, line, disk and chance, with faults drawn by seed",
    "of 10,000 worlds none loses what it owes, sounds twice, outside its window or the rules, or unsigned; "
    "the same seed gives the same trace",
    run,
)
