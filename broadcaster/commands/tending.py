"""`loa speaker set`: a loudspeaker's settings, told with its next manifest."""

from typing import Annotated, Any

import typer

from broadcaster.app import utc_now
from broadcaster.commands.ground import ground, out
from broadcaster.domain.tending import MB, minute_of
from broadcaster.services.actor import SYSTEM
from broadcaster.services.places import tending

EACH = "class=number, e.g. normal=60; may be repeated."


def set_speaker(
    speaker: str,
    volume: Annotated[int | None, typer.Option(help="The highest, 0 to 100.")] = None,
    volume_of: Annotated[list[str] | None, typer.Option(help=EACH)] = None,
    language: Annotated[list[str] | None, typer.Option(help="In the order they are heard; may be repeated.")] = None,
    sink: Annotated[str | None, typer.Option(help="aplay:<card>, silent, or nothing: as it was set up.")] = None,
    lead_ms: Annotated[int | None, typer.Option(help="Silence before, while the amplifier wakes.")] = None,
    tail_ms: Annotated[int | None, typer.Option(help="Silence after.")] = None,
    month_mb: Annotated[int | None, typer.Option(help="Data for a month on its SIM card; 0 = any amount.")] = None,
    test_day: Annotated[int | None, typer.Option(help="Weekday of the self-test, 0 = Monday.")] = None,
    test_at: Annotated[str | None, typer.Option(help="Hour of the self-test, e.g. 09:00.")] = None,
    test_silent: Annotated[bool | None, typer.Option(help="Test itself without a chime.")] = None,
) -> None:
    """Decide some of a speaker's settings; what is not given stays as it is."""
    given: dict[str, Any] = {
        "volume_max": volume,
        "volumes": dict(map(_pair, volume_of)) if volume_of else None,
        "languages": [tag for tag in language if tag] if language else None,
        "sink": sink,
        "lead_ms": lead_ms,
        "tail_ms": tail_ms,
        "month_bytes": None if month_mb is None else month_mb * MB,
        "test_day": test_day,
        "test_minute": None if test_at is None else minute_of(test_at),
        "test_silent": test_silent,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    with ground() as here, here.database.transaction() as session:
        care = tending.tend(session, SYSTEM, speaker, wanted, now=utc_now())
    for name in sorted(wanted):
        out.print(f"{name}: {getattr(care, name)}", highlight=False)


def _pair(text: str) -> tuple[str, int | str]:
    """What is no number is refused by its own words."""
    klass, _, volume = text.partition("=")
    return klass, int(volume) if volume.isdigit() else volume
