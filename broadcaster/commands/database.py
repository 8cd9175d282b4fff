"""`loa database …`: what whoever looks after the database must tell the service."""

import json
from typing import Annotated

import typer

from broadcaster.app import utc_now
from broadcaster.commands.ground import ground, out
from broadcaster.services.speaking import manifests

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The database: after a restore or a promotion.")


@app.command()
def restored(as_json: Annotated[bool, typer.Option("--json", help="A JSON object.")] = False) -> None:
    """Begin a new epoch after a backup was restored or a copy promoted, so that speakers follow us again."""
    with ground() as here, here.database.transaction() as session:
        epoch = manifests.raise_epoch(session, now=utc_now())
    if as_json:
        print(json.dumps({"epoch": epoch}))
    else:
        out.print(f"Epoch {epoch} has begun; every speaker will be sent its manifest again.")
