"""The command `loa`; each command's room is entered only when the command is called."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

COMMANDS = {
    "serve": "broadcaster.commands.service:serve",
    "run": "broadcaster.commands.service:run",
    "demo": "broadcaster.commands.service:demo",
    "doctor": "broadcaster.commands.doctor:doctor",
    "spoken": "broadcaster.commands.text:spoken",
    "speaker": "broadcaster.commands.speakers:app",
    "bundle": "broadcaster.commands.carrying:app",
    "stand-in": "broadcaster.commands.stand_ins:app",
    "person": "broadcaster.commands.people:persons",
    "token": "broadcaster.commands.people:tokens",
    "unit": "broadcaster.commands.books:units",
    "language": "broadcaster.commands.languages:app",
    "audit": "broadcaster.commands.books:audit",
    "evidence": "broadcaster.commands.evidence:evidence",
    "database": "broadcaster.commands.database:app",
}


@contextmanager
def keeping_all() -> Iterator[None]:
    """Read code without looking for garbage: all of it stays, and a third of the time went into searching it."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class Rooms(TyperGroup):
    """The commands by name; `loa spoken` must not wait for the whole server to be read."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002
        """Every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002
        """One command, or None for a name that is not in the table."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        with keeping_all():
            found = getattr(import_module(module), name)
        if isinstance(found, typer.Typer):
            command: Any = get_group(found)
        else:
            alone = typer.Typer(add_completion=False)
            alone.command(cmd_name)(found)
            command = get_command(alone)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=Rooms,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Village loudspeakers: the central service and its tools.",
)


@app.callback()
def loa() -> None:
    """Village loudspeakers: the central service and its tools."""


def main() -> None:
    """Carry out one command; what it refuses, or the system refuses it, is said in words with its code."""
    try:
        app()
    except Exception as error:
        words = import_module("broadcaster.commands.ground")
        refused = words.refusal(error)
        if refused is None:
            raise
        sys.exit(words.say(refused))


if __name__ == "__main__":
    main()
