"""A seed's story from beginning to end, and what was wrong with it."""

from collections import Counter
from dataclasses import dataclass

from bench.sim.ground import Ground
from bench.sim.oracle import Fault, Oracle
from bench.sim.world import World


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a world."""

    seed: int
    trace: str
    """The hash of all that happened."""
    faults: tuple[Fault, ...]
    struck: Counter[str]
    """What went wrong in it, on purpose."""
    tally: Counter[str]
    lines: tuple[str, ...] = ()


def judge(seed: int, ground: Ground, *, keep: bool = False) -> Verdict:
    """Live through one world, and let the oracle look at it; `keep` = with every line of the trace."""
    world = World(seed, ground, keep)
    try:
        world.live()
        oracle = Oracle(world)
        faults = tuple(oracle.faults())
    finally:
        world.close()
    trace = world.kernel.trace
    return Verdict(seed, trace.hash, faults, world.struck, oracle.tally, tuple(trace.lines))
