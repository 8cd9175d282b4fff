"""The live table of the demo: one row for each speaker, climbing the ladder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.table import Table

LADDER = ("planned", "stored", "armed", "started", "finished", "heard")
END_BADLY = frozenset({"partial", "missed", "refused", "cancelled"})


@dataclass(frozen=True, slots=True)
class Row:
    """One speaker's delivery: the milliseconds since approval of each step it reached, and the level it measured."""

    speaker: str
    state: str
    reached: Mapping[str, int]
    """Milliseconds since approval, by step."""
    level: int | None
    """Hundredths of dBFS, measured on the frames written."""
    attempts: int = 0


def table(rows: Sequence[Row], title: str) -> Table:
    """The rows as a table; a step that was not reached stays empty."""
    shown = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 0, 0, 1))
    shown.add_column("loa", no_wrap=True)
    for step in LADDER[1:]:
        shown.add_column(step, justify="right", min_width=len("finished"))
    shown.add_column("dBFS", justify="right", min_width=5)
    shown.add_column("×", justify="right", min_width=1)
    for row in rows:
        shown.add_row(row.speaker, *(_cell(row, step) for step in LADDER[1:]), _level(row), str(row.attempts or ""))
    return shown


def _cell(row: Row, step: str) -> str:
    if step in row.reached:
        return f"[green]{row.reached[step]:,}[/green]"
    if row.state in END_BADLY and step == "finished":
        return f"[red]{row.state}[/red]"
    return "[dim]…[/dim]"


def _level(row: Row) -> str:
    return "" if row.level is None else f"{row.level / 100:.1f}"
