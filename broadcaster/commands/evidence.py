"""`loa evidence`: whether a signed report of an airing is what this server signed."""

from pathlib import Path
from typing import Annotated

import typer

from broadcaster.commands.ground import FAILED, err, ground
from broadcaster.services.speaking import reporting
from firmware_config.protocol import Refused


def evidence(
    file: Annotated[Path, typer.Argument(help="The signed report, as it was downloaded.")],
) -> None:
    """Check a signed report and print the text that was signed; end with 1 where it was altered or is another's."""
    raw = file.read_bytes()
    with ground() as here:
        keys = here.signing.keys.ring()
    try:
        text = reporting.check(raw, keys)
    except Refused as refused:
        err.print(f"[red]Not what this server signed: {refused.code}[/red]")
        raise typer.Exit(FAILED) from None
    print(text, end="")
