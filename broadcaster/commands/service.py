"""`loa serve`, `loa run`, `loa demo`: the service itself, the whole thing for people, and the main job by itself."""

from pathlib import Path
from typing import Annotated

import typer

from broadcaster import app
from broadcaster.commands.ground import load_settings
from broadcaster.demo import for_people, main_job

Sound = Annotated[bool, typer.Option("--sound", help="Send one speaker to this machine's own sound card.")]


def serve() -> None:
    """Run the central service until it is stopped."""
    raise typer.Exit(app.serve(load_settings()))


def run(sound: Sound = False) -> None:
    """Start the service, three speakers and a stand-in chat group for people to try; Ctrl-C stops all of it."""
    settings = load_settings(private_channels=True)
    raise typer.Exit(for_people.run(settings, sound_card=sound))


def demo(
    sound: Sound = False,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as JSON on standard output.")] = False,
) -> None:
    """One announcement, three speakers, one power cut, one chat group: 0 only if every promise was kept."""
    settings = load_settings()
    folder: Path = settings.data / "demo"
    raise typer.Exit(main_job.perform(folder, sound_card=sound, language=settings.language, as_json=as_json))
