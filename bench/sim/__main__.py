"""`make sim`: worlds by seed, each judged; a failing one says its number, what was wrong and how to see it again."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench.sim.worlds import KINDS, Outcome, outcomes

TRACES = Path("var/sim")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print what became of the worlds; 1 when something was wrong."""
    options = _options(arguments)
    seeds, began = sorted({seed for some in options.seeds for seed in some}), time.monotonic()
    found: list[Outcome] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("worlds", total=len(seeds))
        for one in outcomes(options.world, seeds, processes=options.processes, keep=options.trace):
            found.append(one)
            progress.advance(bar)
            for fault in one.faults:
                progress.console.print(f"seed {one.seed}: {fault}", style="red", markup=False, soft_wrap=True)
            if options.trace:
                _write(one)
    _tell(found, options, time.monotonic() - began)
    return 1 if any(one.faults for one in found) else 0


def _write(one: Outcome) -> None:
    TRACES.mkdir(parents=True, exist_ok=True)
    path = TRACES / f"{one.seed}.txt"
    path.write_text("\n".join(one.lines) + "\n")
    print(f"seed {one.seed}: {one.trace} in {path}", file=sys.stderr)


def _tell(found: Sequence[Outcome], options: argparse.Namespace, seconds: float) -> None:
    struck, tally = Counter[str](), Counter[str]()
    for one in found:
        struck += one.struck
        tally += one.tally
    failing = [one.seed for one in found if one.faults]
    if options.json:
        told = {"worlds": len(found), "seconds": round(seconds), "struck": struck, "figures": tally}
        print(json.dumps({**told, "failing seeds": failing, "faults": [f for one in found for f in one.faults]}))
        return
    for what, count in [*sorted(tally.items()), *sorted((f"struck by {name}", n) for name, n in struck.items())]:
        print(f"{count:9d} {what}")
    print(f"{len(failing):9d} of {len(found)} worlds went wrong, in {seconds:.0f} s")
    for seed in failing[:10]:
        print(f"see it again: make sim SEEDS={seed} ARGS='--world {options.world} --trace'")


def _seeds(said: str) -> range:
    first, _, last = said.partition("-")
    return range(int(first), int(last or first) + 1)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make sim", description=__doc__)
    parser.add_argument("seeds", nargs="*", type=_seeds, default=[range(1, 101)], help="7, or 1-200 (default: 1-100)")
    parser.add_argument("--world", choices=KINDS, default="faults", help="what is drawn: faults, or rules and edits")
    parser.add_argument("--processes", type=int, default=1, help="so many worlds at a time (default: 1)")
    parser.add_argument("--trace", action="store_true", help=f"write every line of a world into {TRACES}/")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
