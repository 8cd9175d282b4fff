"""`make bench`: how fast Loa is, as ratios measured in the same run."""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from bench import report
from bench.figures import Figure, show

# Each part has `run(quick) -> list[Figure]`.
PARTS = (
    "render",
    "receipts",
    "fanout",
    "latency",
    "bytes",
    "idle",
    "footprint",
    "planning",
    "manifests",
    "starting",
    "loudness",
    "province",
    "pages",
    "groups",
    "residents",
)


def measure(part: str, *, quick: bool) -> Sequence[Figure]:
    """The figures of one part."""
    run: Callable[..., Sequence[Figure]] = importlib.import_module(f"bench.{part}").run
    return run(quick=quick)


def main() -> int:
    """Measure the parts asked for, print each as it is known; 1 when a goal was missed."""
    options = _options()
    figures: list[Figure] = []
    for part in options.parts or PARTS:
        load = os.getloadavg()[0]
        measured = measure(part, quick=options.quick)
        figures.extend(measured)
        if not options.json:
            show(measured)
        if options.write:
            report.write(options.write, part, measured, load)
    if options.json:
        print(json.dumps([asdict(figure) for figure in figures]))
    return 1 if any(figure.met is False for figure in figures) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions; for trying the bench itself")
    parser.add_argument("--json", action="store_true", help="one JSON list instead of tables")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables into their places in this document")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    sys.exit(main())
