"""Many worlds of either kind, in this process or spread over several."""

import logging
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from bench.sim.ground import ground
from bench.sim.rules import story
from bench.sim.verdict import judge
from tests.databases import server

KINDS = ("faults", "rules")
AT_ONCE = 10
"""Seeds a process takes at a time: making the morning costs as much as a few worlds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one world."""

    seed: int
    trace: str
    faults: tuple[str, ...]
    struck: Counter[str]
    tally: Counter[str]
    lines: tuple[str, ...] = ()


Judge = Callable[[int], Outcome]


def outcomes(kind: str, seeds: Sequence[int], *, processes: int = 1, keep: bool = False) -> Iterator[Outcome]:
    """Of every seed, in order where there is one process; a world that broke down is a fault too."""
    if processes == 1:
        yield from _some(kind, keep, seeds)
        return
    parts = [seeds[at : at + AT_ONCE] for at in range(0, len(seeds), AT_ONCE)]
    with ProcessPoolExecutor(processes) as pool:
        for found in pool.map(partial(_all, kind, keep), parts):
            yield from found


def _all(kind: str, keep: bool, seeds: Sequence[int]) -> list[Outcome]:
    return list(_some(kind, keep, seeds))


def _some(kind: str, keep: bool, seeds: Sequence[int]) -> Iterator[Outcome]:
    with quiet(), _by_faults(keep=keep) if kind == "faults" else _by_rules() as judged:
        for seed in seeds:
            try:
                yield judged(seed)
            except Exception:  # noqa: BLE001 (whatever it is, the next seed is another world)
                broken = traceback.format_exc(limit=-4)
                yield Outcome(seed, "", (f"broke down: {broken}",), Counter(), Counter())


@contextmanager
def _by_faults(*, keep: bool) -> Iterator[Judge]:
    with ground() as made:

        def judged(seed: int) -> Outcome:
            found = judge(seed, made, keep=keep)
            faults = tuple(f"{what}: {told}" for what, told in found.faults)
            return Outcome(seed, found.trace, faults, found.struck, found.tally, found.lines)

        yield judged


@contextmanager
def _by_rules() -> Iterator[Judge]:
    with tempfile.TemporaryDirectory(prefix="loa-") as folder, server("sqlite") as place:
        signing = story.signing_keys(Path(folder))

        def judged(seed: int) -> Outcome:
            found = story.tell(seed, place, signing)
            faults = tuple(f"{what}: {told}" for what, told in found.faults)
            return Outcome(seed, "", faults, Counter(), found.tally)

        yield judged


@contextmanager
def quiet() -> Iterator[None]:
    """Thousands of worlds would fill a screen with what they were meant to do."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        structlog.configure(**before)
