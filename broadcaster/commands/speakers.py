"""`loa speaker …`: enrol a speaker and write its bundle, list speakers, take one out of service."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import select

from broadcaster.app import utc_now
from broadcaster.commands.ground import ground, out
from broadcaster.commands.speaker_log import show_log
from broadcaster.commands.tending import set_speaker
from broadcaster.domain.where import read
from broadcaster.services.actor import SYSTEM
from broadcaster.services.places import speakers
from broadcaster.services.places.ahead_days import set_ahead
from broadcaster.services.places.health import standings
from broadcaster.store.places import tree
from broadcaster.store.tables import Speaker
from firmware_config.bundle import write_folder, write_zip
from firmware_config.device_config import Sound

PLACE = 'Degrees north and east, e.g. "21.0524, 104.3012".'
POST = "The name of its post; loudspeakers of one post begin together."

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Loudspeakers: enrol, list, revoke.")


@app.command()
def add(
    name: Annotated[str, typer.Argument(help='What people call it, e.g. "Bản Chiềng Đông 1".')],
    unit: Annotated[str, typer.Option(help="The id of the unit it hangs in.")],
    to: Annotated[Path | None, typer.Option(help="A folder, or a file ending in .zip. Default: a folder here.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="A group it belongs to; may be repeated.")] = None,
    sink: Annotated[str, typer.Option(help="aplay:<card>, wav:<folder> or silent.")] = "aplay:default",
    lead_ms: Annotated[int, typer.Option(help="Silence before, while the amplifier wakes.")] = 400,
    tail_ms: Annotated[int, typer.Option(help="Silence after.")] = 200,
    place: Annotated[str, typer.Option(help=PLACE)] = "",
    post: Annotated[str, typer.Option(help=POST)] = "",
) -> None:
    """Enrol a speaker and write all that is put on it: keys, certificate, settings, service, instructions."""
    with ground() as here:
        sound = Sound(sink=sink, lead_ms=lead_ms, tail_ms=tail_ms)
        with here.database.transaction() as session:
            identity = speakers.enrol(
                session,
                SYSTEM,
                name=name,
                unit_id=unit,
                authority=here.home.authority(),
                groups=group or (),
                lead_ms=lead_ms,
                tail_ms=tail_ms,
                where=read(place, post),
                now=utc_now(),
            )
            files = here.home.bundle(identity, here.signing, **here.settings.site(), sound=sound)
            # Written before the commit: the private key exists nowhere else, so a speaker without a bundle is lost.
            target = to or Path(identity.device)
            (write_zip if target.suffix == ".zip" else write_folder)(files, target)
        out.print(f"[green]{identity.device}[/green] → {target}")


@app.command("list")
def list_all(as_json: Annotated[bool, typer.Option("--json", help="A JSON list.")] = False) -> None:
    """All speakers and what they last said about themselves, the worst first."""
    with ground() as here, here.database.read() as session:
        wrong = {one.id: one.codes for one in standings(session, tree(session).parents, now=utc_now())}
        order = {name: at for at, name in enumerate(wrong)}
        rows = sorted(session.scalars(select(Speaker)), key=lambda row: order[row.id])
        shown = [
            {
                "id": row.id,
                "name": row.name,
                "unit": row.unit_id,
                "online": row.online,
                "last_seen": row.last_seen_at.isoformat() if row.last_seen_at else None,
                "clock": row.clock,
                "problems": row.problems,
                "alarms": wrong[row.id],
                "health": row.health,
                "health_at": row.health_at.isoformat() if row.health_at else None,
                "tested_at": row.tested_at.isoformat() if row.tested_at else None,
                "revoked": row.revoked_at is not None,
            }
            for row in rows
        ]
    if as_json:
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    table = Table("id", "name", "unit", "online", "last seen", "needs a look for")
    for one in shown:
        state = "revoked" if one["revoked"] else "yes" if one["online"] else "no"
        table.add_row(
            *(str(one[key] or "") for key in ("id", "name", "unit")),
            state,
            str(one["last_seen"] or "never"),
            ", ".join(wrong[str(one["id"])]),
        )
    out.print(table if shown else 'No speakers yet: loa speaker add "…" --unit …')


app.command("log")(show_log)
app.command("set")(set_speaker)


@app.command()
def place(
    speaker: str,
    at: Annotated[str, typer.Argument(help=PLACE + " Nothing: unknown.")] = "",
    post: Annotated[str, typer.Option(help=POST)] = "",
) -> None:
    """Say where a speaker hangs; what it and its neighbours wait before they begin is worked out anew."""
    with ground() as here, here.database.transaction() as session:
        speakers.hang(session, SYSTEM, speaker, read(at, post), now=utc_now())
        row = session.get_one(Speaker, speaker)
        out.print(f"{speaker} begins {row.stagger_ms} ms after the first of its neighbours.")


@app.command()
def ahead(speaker: str, days: Annotated[int, typer.Argument(help="3 where it is online every day, up to 35.")]) -> None:
    """Say how many days ahead a speaker is planned and told: many where it is seldom online."""
    with ground() as here, here.database.transaction() as session:
        set_ahead(session, SYSTEM, speaker, days, now=utc_now())
    out.print(f"{speaker} is told {days} days ahead.")


@app.command()
def revoke(speaker: str, reason: Annotated[str, typer.Option(help="Why; it stands in the audit.")]) -> None:
    """Take a speaker out of service: nothing is signed for it any more, its receipts are ignored."""
    with ground() as here, here.database.transaction() as session:
        speakers.revoke(session, SYSTEM, speaker, reason=reason, now=utc_now())
    out.print(f"{speaker} is out of service.")
