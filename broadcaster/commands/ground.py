"""What every command that touches the data stands on: settings, and failures said in words."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from broadcaster import settings
from broadcaster.app import Ground, open_ground
from broadcaster.domain.errors import LoaError
from broadcaster.settings import SettingsError
from broadcaster.web.problems import problem_of
from firmware_config.device_config import ConfigError
from firmware_config.pki import BrokenCertificate

out = Console()
err = Console(stderr=True)
FAILED = 1
BAD_SETTINGS = 78  # sysexits' EX_CONFIG


def load_settings(**given: object) -> settings.Settings:
    """The settings, or the end of the program with the one that is wrong."""
    try:
        return settings.load(os.environ, **given)
    except SettingsError as error:
        err.print(f"[red]{error}[/red]")
        raise typer.Exit(BAD_SETTINGS) from None


@contextmanager
def in_words(language: str) -> Iterator[None]:
    """A refusal becomes what happened, what was kept and what to do, with its code; the program ends with 1."""
    try:
        yield
    except LoaError as error:
        problem = problem_of(error, language)
        for sentence in (problem.title, problem.detail, problem.kept, problem.todo):
            if sentence:
                err.print(sentence, style="red" if sentence is problem.title else None, markup=False)
        err.print(f"({problem.code})", style="dim")
        raise typer.Exit(FAILED) from None
    except (BrokenCertificate, ConfigError) as error:
        err.print(f"{error} ({error.code})", style="red", markup=False)
        raise typer.Exit(FAILED) from None


@contextmanager
def ground() -> Iterator[Ground]:
    """The database and data folder of the settings, closed at the end; refusals are said in words."""
    chosen = load_settings()
    with in_words(chosen.language):
        found = open_ground(chosen)
        try:
            yield found
        finally:
            found.database.engine.dispose()


__all__ = ["err", "ground", "in_words", "load_settings", "out"]
