"""`loa language …`: the languages announcements are made in, their voice banks, and who speaks them."""

import json
from typing import Annotated

import typer
from rich.table import Table

from broadcaster.app import utc_now
from broadcaster.commands.ground import ground, out
from broadcaster.commands.people import person_id
from broadcaster.domain.languages import LANGUAGES
from broadcaster.services.actor import SYSTEM
from broadcaster.services.people import native_speakers
from broadcaster.services.sound import takes, voice_bank

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Languages, their voice banks, who speaks them.")
TAG = typer.Argument(help="Its tag, e.g. hmn; `loa language list` has them all.")


@app.command("list")
def list_languages(*, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """All languages, and how far their voice banks are."""
    with ground() as here, here.database.read() as session:
        far = takes.progress(session)
    rows = [
        {
            "language": tag,
            "name": language.en,
            "own": language.own,
            "voice": language.voice,
            "pieces": far[tag].pieces if tag in far else 0,
            "accepted": far[tag].accepted if tag in far else 0,
            "waiting": far[tag].waiting if tag in far else 0,
        }
        for tag, language in LANGUAGES.items()
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("", "name", "own name", "voice", "accepted", "waiting")
    for row in rows:
        share = f"{row['accepted']}/{row['pieces']}" if row["pieces"] else ""
        machine = "machine" if row["voice"] else "recorded"
        table.add_row(
            str(row["language"]), str(row["name"]), str(row["own"]), machine, share, str(row["waiting"] or "")
        )
    out.print(table)


@app.command()
def start(language: Annotated[str, TAG]) -> None:
    """Put the usual phrases, hours, days, villages and sentences on a language's list of what to record."""
    with ground() as here, here.database.transaction() as session:
        added = voice_bank.start(session, SYSTEM, language, now=utc_now())
    out.print(f"{language}: {added}")


@app.command()
def speaks(
    language: Annotated[str, TAG],
    login: Annotated[str, typer.Argument(help="Who speaks it.")],
    *,
    no: Annotated[bool, typer.Option("--no", help="Does not speak it after all.")] = False,
) -> None:
    """Note that a person speaks a language natively, and so may record and review it."""
    with ground() as here, here.database.transaction() as session:
        who = person_id(session, login)
        native_speakers.declare(session, SYSTEM, who, language, able=not no, now=utc_now())
