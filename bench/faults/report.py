"""The table of docs/faults.md: one row for each fault, made by the run itself."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.faults.fault import Fault, Outcome
from bench.report import NoPlace, placed

PART = "faults"
HEAD = "| number | what is done | criterion | figure | when | how much of it |\n| --- | --- | --- | --- | --- | --- |"
WORDS = {True: "", False: "**not met**: "}


@dataclass(frozen=True, slots=True)
class Row:
    """One fault's line in the table."""

    number: str
    text: str

    @classmethod
    def of(cls, fault: Fault, outcome: Outcome, share: float) -> Row:
        """What was run just now."""
        today = datetime.now(UTC).date().isoformat()
        how_much = f"{share:g} of it, {os.cpu_count() or 1} cores, load {os.getloadavg()[0]:.0f}"
        return cls._of(fault, WORDS[outcome.good] + outcome.figure, today, how_much)

    @classmethod
    def not_run(cls, fault: Fault, missing: Iterable[str]) -> Row:
        """What this machine cannot run says so."""
        return cls._of(fault, f"not run: {', '.join(missing)} missing", "", "")

    @classmethod
    def _of(cls, fault: Fault, *rest: str) -> Row:
        figure, when, how_much = rest
        cells = (fault.number, fault.title, fault.criterion, figure, when, how_much)
        return cls(fault.number, "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")


def rows(document: str) -> list[Row]:
    """The rows that stand in a document's table. Raises NoPlace."""
    _, found, rest = document.partition(f"<!-- figures: {PART} -->")
    inside, ended, _ = rest.partition("<!-- end -->")
    if not (found and ended):
        raise NoPlace(f"no place for {PART}")
    lines = [line for line in inside.splitlines() if line.startswith("| ")][2:]
    return [Row(line.split("|")[1].strip(), line) for line in lines]


def merged(old: Iterable[Row], new: Iterable[Row], not_run: Iterable[Row] = ()) -> list[Row]:
    """New rows in the place of old ones, in the order of their numbers; "not run" takes no figure away."""
    found = {row.number: row for row in not_run}
    found |= {row.number: row for row in old} | {row.number: row for row in new}
    return [found[number] for number in sorted(found)]


def write(path: Path, new: Iterable[Row], not_run: Iterable[Row] = ()) -> None:
    """Put the rows into a document's table. Raises NoPlace, OSError."""
    document = path.read_text(encoding="utf-8")
    table = [HEAD, *(row.text for row in merged(rows(document), new, not_run))]
    path.write_text(placed(document, PART, "\n".join(table)), encoding="utf-8")
