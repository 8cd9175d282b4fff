"""Figures as Markdown, put into their place in a document."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure

END = "<!-- end -->"
WORDS = {True: "met", False: "**missed**", None: ""}


class NoPlace(Exception):
    """The document lacks a part's place: a line `<!-- figures: PART -->` and, after it, a line `<!-- end -->`."""


def where(load: float) -> str:
    """What must be known beside the figures; `load` is the machine's load average before they were measured."""
    cores = os.cpu_count() or 1
    today = datetime.now(UTC).date().isoformat()
    python = f"{platform.python_implementation()} {platform.python_version()} on {platform.machine()}"
    return f"{today}, {cores} cores, {python}; load average before it began: {load:.1f}."


def table(figures: Iterable[Figure]) -> str:
    """A Markdown table."""
    return "\n".join(["| what | measured | goal | |", "| --- | ---: | --- | --- |", *map(_row, figures)])


def _row(one: Figure) -> str:
    # A bar would end the cell.
    name = one.name.replace("|", r"\|")
    return f"| {name} | {one.value:.4g} {one.unit} | {one.goal} | {WORDS[one.met]} |"


def placed(document: str, part: str, content: str) -> str:
    """The document with the content of one place exchanged. Raises NoPlace."""
    begin = f"<!-- figures: {part} -->"
    before, found, rest = document.partition(begin)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise NoPlace(f"no place for {part}")
    return f"{before}{begin}\n{content}\n\n{END}{after}"


def write(path: Path, part: str, figures: Iterable[Figure], load: float) -> None:
    """Put what was measured, and where, into a document. Raises NoPlace, OSError."""
    document = path.read_text(encoding="utf-8")
    path.write_text(placed(document, part, f"{where(load)}\n\n{table(figures)}"), encoding="utf-8")
