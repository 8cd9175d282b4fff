"""`make sim`: so many airings through the real planner and real speaker cores; a failure names its seed."""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tests.databases import server
from tests.sim.story import AIRINGS, USUAL, Verdict, signing_keys, tell


def run(airings: int, seed: int, minutes: float, progress: Progress) -> tuple[list[Verdict], bool]:
    """World after world from that seed on; whether all that was asked for was lived through in time."""
    until = time.monotonic() + 60 * minutes
    bar = progress.add_task("airings", total=airings)
    verdicts: list[Verdict] = []
    done = 0
    with tempfile.TemporaryDirectory(prefix="loa-") as folder, server("sqlite") as place:
        signing = signing_keys(Path(folder))
        while done < airings and time.monotonic() < until:
            verdicts.append(tell(seed + len(verdicts), place, signing, airings=min(USUAL, airings - done)))
            done += verdicts[-1].tally[AIRINGS]
            progress.update(bar, completed=done)
            for _, fault in verdicts[-1].faults:
                progress.console.print(fault, style="red", markup=False)
    return verdicts, done >= airings


def main() -> int:
    """Run and print what became of the airings; 1 when something was wrong, 2 when the time was too short."""
    options = _options()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        verdicts, whole = run(options.airings, options.seed, options.minutes, progress)
    total: Counter[str] = Counter()
    for verdict in verdicts:
        total += verdict.tally
    faults = [fault for verdict in verdicts for fault in verdict.faults]
    if options.json:
        seeds = [verdict.seed for verdict in verdicts if verdict.faults]
        print(json.dumps({"worlds": len(verdicts), "figures": total, "faults": faults, "failing seeds": seeds}))
    else:
        for what, count in sorted(total.items()):
            print(f"{count:9d} {what}")
        print(f"{len(faults):9d} faults in {len(verdicts)} worlds from seed {options.seed} on")
    return 1 if faults else 0 if whole else 2


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make sim", description=__doc__)
    parser.add_argument("--airings", type=int, default=10_000, help="airings on a loudspeaker (default: 10000)")
    parser.add_argument("--seed", type=int, default=1, help="of the first world; each further one has the next")
    parser.add_argument("--minutes", type=float, default=60, help="begin no new world after so long (default: 60)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
