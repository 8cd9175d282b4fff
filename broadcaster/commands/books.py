"""`loa audit verify`, `loa unit load`: the book of changes, and the administrative tree."""

import json
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from broadcaster.app import utc_now
from broadcaster.commands.ground import err, ground, out
from broadcaster.domain.errors import Malformed
from broadcaster.services import audit as book
from broadcaster.services.actor import SYSTEM
from broadcaster.services.places import units as tree

audit = typer.Typer(no_args_is_help=True, add_completion=False, help="The book of every change.")
units = typer.Typer(no_args_is_help=True, add_completion=False, help="The administrative tree.")


@audit.command()
def verify(as_json: Annotated[bool, typer.Option("--json", help="A JSON object.")] = False) -> None:
    """Follow the whole chain of the audit; say which row is the first that was altered, and end with 1."""
    with ground() as here, here.database.read() as session:
        verdict = book.verify(session)
    if as_json:
        print(
            json.dumps({"sound": verdict.sound, "rows": verdict.head.seq, "bad": verdict.bad, "why": verdict.problem})
        )
    elif verdict.sound:
        out.print(f"[green]{verdict.head.seq} rows, the chain is whole.[/green]")
    else:
        err.print(f"[red]Row {verdict.bad}: {verdict.problem}[/red]")
    raise typer.Exit(0 if verdict.sound else 1)


@units.command()
def load(
    file: Annotated[Path, typer.Argument(help="A TOML file as broadcaster/demo/yen_chau.toml.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be made.")] = False,
) -> None:
    """Make the units and groups of a file that are not there yet."""
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Malformed(field=str(file), problem=str(error)) from None
    with ground() as here, here.database.transaction() as session:
        made = tree.load_tree(session, SYSTEM, given, now=utc_now())
        if dry_run:
            session.rollback()
    out.print(f"{made} units {'would be made' if dry_run else 'made'}.")
