"""`loa speaker log`: ask a speaker for the last lines of its log, wait, and print them."""

import time
from typing import Annotated

import typer

from broadcaster.app import Ground, utc_now
from broadcaster.commands.ground import err, ground
from broadcaster.domain.errors import UnknownSpeaker
from broadcaster.services.actor import SYSTEM
from broadcaster.services.places import logs
from broadcaster.store.tables import LogRequest, Speaker

NOT_YET = 2


def show_log(
    speaker: str,
    wait: Annotated[float, typer.Option(help="Seconds to wait for the answer.")] = 60.0,
    last: Annotated[bool, typer.Option("--last", help="Ask nothing; print the newest that came before.")] = False,
) -> None:
    """Ask a speaker for the last lines of its log and print them; one that is away is asked when it comes back.

    Ends with 2 when nothing has come yet.
    """
    with ground() as here:
        text = _newest(here, speaker) if last else _asked(here, speaker, wait)
    if text is None:
        kept = "No log of it has come yet." if last else "No answer yet; it is asked again whenever it comes back."
        err.print(f"{kept} Later: loa speaker log {speaker} --last", soft_wrap=True, highlight=False)
        raise typer.Exit(NOT_YET)
    print(text, end="")


def _newest(here: Ground, speaker: str) -> str | None:
    with here.database.read() as session:
        if session.get(Speaker, speaker) is None:
            raise UnknownSpeaker(id=speaker)
        return next((row.text for row in logs.latest(session, speaker) if row.answered_at is not None), None)


def _asked(here: Ground, speaker: str, wait: float) -> str | None:
    with here.database.transaction() as session:
        request = logs.ask(session, SYSTEM, speaker, now=utc_now()).id
    until = time.monotonic() + wait
    with err.status(f"Waiting for {speaker} …"):
        while True:
            with here.database.read() as session:
                row = session.get(LogRequest, request)
                if row is not None and row.answered_at is not None:
                    return row.text or ""
            if time.monotonic() >= until:
                return None
            time.sleep(0.5)
