"""`make faults`: make the faults that are asked for, and say of each what it was judged by and what came out."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import re
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import faults as package
from bench.faults import report
from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.needs import missing

NUMBERED = re.compile(r"[a-z]\d\d_")
PAGE = Path("docs/faults.md")


@dataclass(frozen=True, slots=True)
class Run:
    """One fault and what became of it: an outcome, or what this machine lacks."""

    fault: Fault
    outcome: Outcome | None
    missing: Sequence[str] = ()


def known() -> dict[str, Fault]:
    """Every fault there is, by number."""
    names = (module.name for module in pkgutil.iter_modules(package.__path__) if NUMBERED.match(module.name))
    found: dict[str, Fault] = {}
    for name in sorted(names):
        module = importlib.import_module(f"{package.__name__}.{name}")
        for fault in getattr(module, "FAULTS", ()) or (module.FAULT,):
            assert fault.number not in found, fault.number
            found[fault.number] = fault
    return found


def make(fault: Fault, *, share: float, seed: int) -> Run:
    """Make one fault in a folder of its own."""
    if lacking := missing(fault.needs):
        return Run(fault, None, lacking)
    progress(f"{fault.number} {fault.title} …")
    with tempfile.TemporaryDirectory(prefix=f"loa-{fault.number.lower()}-", ignore_cleanup_errors=True) as folder:
        try:
            outcome = fault.run(Scale(share, seed, Path(folder)))
        except Exception as error:  # noqa: BLE001  # what a fault run cannot cope with is a finding, not the end of the run
            outcome = Outcome(good=False, figure=f"ended by {error!r}"[:200], details=traceback.format_exc())
    progress("")
    return Run(fault, outcome)


def shown(run: Run, seconds: float) -> str:
    """What is printed of a run."""
    head = f"{run.fault.number}  {run.fault.title}\n     criterion: {run.fault.criterion}\n"
    if run.outcome is None:
        return f"{head}     not run: {', '.join(run.missing)} missing"
    word = "good" if run.outcome.good else "NOT GOOD"
    lines = [f"{head}     {word}: {run.outcome.figure}  ({seconds:.0f} s)"]
    lines += [f"       {line}" for line in run.outcome.details.splitlines()]
    return "\n".join(lines)


def status(runs: Iterable[Run]) -> int:
    """1 when one that was run is not good, or when none could be run."""
    outcomes = [run.outcome for run in runs if run.outcome]
    return 0 if outcomes and all(outcome.good for outcome in outcomes) else 1


def main(arguments: Sequence[str] | None = None, faults: dict[str, Fault] | None = None) -> int:
    """Make the faults that are asked for; 1 when one is not good."""
    faults = known() if faults is None else faults
    options = _options(arguments, faults)
    if options.list:
        print("\n".join(f"{one.number}  {one.title}{_needing(one)}" for one in faults.values()))
        return 0
    runs: list[Run] = []
    for number in options.numbers or faults:
        began = time.monotonic()
        run = make(faults[number], share=options.share, seed=options.seed)
        runs.append(run)
        if not options.json:
            print(shown(run, time.monotonic() - began), flush=True)
        if options.write:
            _write(options.page, run, options.share)
    if options.json:
        print(json.dumps([_plain(run) for run in runs], ensure_ascii=False))
    return status(runs)


def _write(page: Path, run: Run, share: float) -> None:
    if run.outcome:
        report.write(page, [report.Row.of(run.fault, run.outcome, share)])
    else:
        report.write(page, [], [report.Row.not_run(run.fault, run.missing)])


def _plain(run: Run) -> dict[str, object]:
    outcome = asdict(run.outcome) if run.outcome else None
    return {"number": run.fault.number, "title": run.fault.title, "criterion": run.fault.criterion} | {
        "outcome": outcome,
        "missing": list(run.missing),
    }


def _needing(fault: Fault) -> str:
    return f"  (needs {', '.join(sorted(fault.needs))})" if fault.needs else ""


def _options(arguments: Sequence[str] | None, faults: dict[str, Fault]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("numbers", nargs="*", metavar="NUMBER", help="which, such as T04 T05 (default: all)")
    parser.add_argument("--share", type=float, default=1.0, help="how much of each: 1 is all that is asked for")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same chances")
    parser.add_argument("--list", action="store_true", help="only say which faults there are")
    parser.add_argument("--json", action="store_true", help="one JSON list instead of lines")
    parser.add_argument("--write", action="store_true", help="put what came out into the table of the page")
    parser.add_argument("--page", type=Path, default=PAGE, help=f"the page (default: {PAGE})")
    options = parser.parse_args(arguments)
    if unknown := set(options.numbers) - set(faults):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    if not 0 < options.share <= 10:
        parser.error("--share is above 0 and at most 10")
    return options


if __name__ == "__main__":
    # Asked to end, it must still end what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
