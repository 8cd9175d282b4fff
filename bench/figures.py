"""A measured figure beside its goal, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One thing measured."""

    name: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None
    """None where there is no goal."""


def at_most(name: str, value: float, unit: str, limit: float) -> Figure:
    """Return a figure that should not be above `limit`."""
    return Figure(name, value, unit, f"≤ {limit:g}", value <= limit)


def at_least(name: str, value: float, unit: str, limit: float) -> Figure:
    """Return a figure that should not be below `limit`."""
    return Figure(name, value, unit, f"≥ {limit:g}", value >= limit)


def show(figures: Iterable[Figure], title: str = "", console: Console | None = None) -> None:
    """Print figures as a table; a missed goal is said in words, not by colour alone."""
    table = Table(title=title or None)
    table.add_column("what")
    table.add_column("measured", justify="right")
    table.add_column("unit")
    table.add_column("goal")
    table.add_column("")
    words = {True: "[green]met[/]", False: "[red]missed[/]", None: ""}
    for figure in figures:
        table.add_row(figure.name, f"{figure.value:.4g}", figure.unit, figure.goal, words[figure.met])
    (console or Console()).print(table)
