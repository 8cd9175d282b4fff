"""`loa stand-in …`: who is asked to speak for a silent loudspeaker, and how village heads are reached."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import select

from broadcaster.app import utc_now
from broadcaster.commands.ground import ground, out
from broadcaster.commands.people import person_id
from broadcaster.domain import stand_in
from broadcaster.domain.errors import Malformed
from broadcaster.mirrors.registry import CHANNELS, BadChannel, complete
from broadcaster.services.actor import SYSTEM
from broadcaster.services.alarms import stand_in_limits
from broadcaster.services.outlets import reaching
from broadcaster.store.tables import StandIn

app = typer.Typer(no_args_is_help=True, add_completion=False, help="People who speak for silent loudspeakers.")
AS_JSON = typer.Option("--json", help="A JSON list.")
FIELDS = ("id", "unit_id", "klass", "kind", "cause", "state", "answered_by_name", "on_behalf", "reason", "speakers")
TIMES = ("since", "opened_at", "escalated_at", "expires_at", "answered_at")


@app.command("list")
def list_all(
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that nobody has answered.")] = False,
    as_json: Annotated[bool, AS_JSON] = False,
) -> None:
    """Who is or was asked, the newest first."""
    with ground() as here, here.database.read() as session:
        rows = select(StandIn).order_by(StandIn.opened_at.desc(), StandIn.id).limit(500)
        rows = rows.where(StandIn.state.in_(stand_in.WAITING)) if waiting else rows
        shown = [_shown(row) for row in session.scalars(rows)]
    if as_json:
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    table = Table("unit", "title", "silent since", "state", "answered by", "reason")
    for one in shown:
        table.add_row(*(str(one[key] or "") for key in ("unit_id", "title", "since", "state")), *_answer(one))
    out.print(table if shown else "Nobody was asked to speak for a loudspeaker.")


def _answer(one: dict[str, object]) -> tuple[str, str]:
    return str(one["answered_by_name"] or ""), str(one["reason"] or "")


def _shown(row: StandIn) -> dict[str, object]:
    times = {name: getattr(row, name).isoformat() if getattr(row, name) else None for name in TIMES}
    return {name: getattr(row, name) for name in FIELDS} | times | {"title": row.words["title"]}


@app.command()
def limits(
    unit: str,
    emergency: Annotated[str, typer.Option(help="Minutes until asked, minutes until the commune: 3,5")] = "",
    priority: Annotated[str, typer.Option(help="The same for priority announcements: 15,30")] = "",
) -> None:
    """Say when somebody is asked in a unit and below; nothing = as in the unit above."""
    given = {name: _pair(text) for name, text in (("emergency", emergency), ("priority", priority)) if text}
    with ground() as here, here.database.transaction() as session:
        out.print(stand_in_limits.change(session, SYSTEM, unit, given, now=utc_now()) or "as in the unit above")


def _pair(text: str) -> list[object]:
    return [int(part) if part.strip().isdecimal() else part for part in text.split(",")]


@app.command()
def phone(login: str, number: Annotated[str, typer.Argument(help="Nothing: not known any more.")] = "") -> None:
    """Say where a village head is called."""
    with ground() as here, here.database.transaction() as session:
        reaching.set_phone(session, SYSTEM, person_id(session, login), number, now=utc_now())


@app.command()
def channel(
    login: str,
    kind: Annotated[str, typer.Argument(help=", ".join(CHANNELS))],
    setting: Annotated[list[str], typer.Option(help="name=value, as docs/channels.md has them; may be repeated.")],
    secret_file: Annotated[Path, typer.Option(help="A file that holds the channel's secret.")],
) -> None:
    """Give a person a channel of their own, in place of the one they had: a chat with the bot, or a webhook."""
    with ground() as here, here.database.transaction() as session:
        settings = dict(pair.split("=", 1) for pair in setting if "=" in pair)
        secret = secret_file.read_text(encoding="utf-8").strip()
        _check(kind, settings, secret)
        person = person_id(session, login)
        reaching.set_channel(session, SYSTEM, person, kind=kind, settings=settings, secret=secret, now=utc_now())


def _check(kind: str, settings: dict[str, str], secret: str) -> None:
    if kind not in CHANNELS:
        raise Malformed(field="kind", problem=", ".join(CHANNELS))
    apart = {one.name: secret for one in CHANNELS[kind].settings if one.secret}
    try:
        complete(CHANNELS[kind], {**settings, **apart})
    except BadChannel as error:
        raise Malformed(field="setting", problem=str(error)) from None
