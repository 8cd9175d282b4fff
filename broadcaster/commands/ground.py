"""What every command that touches the data stands on: settings, and failures said in words."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console

from broadcaster import settings
from broadcaster.app import Ground, open_ground
from broadcaster.domain.errors import BadSetting, BrokenCertificate, LoaError, of_the_system
from broadcaster.domain.errors.base import TYPED, UNCHANGED
from broadcaster.settings import Settings
from broadcaster.web.i18n import DEFAULT, LANGUAGES
from broadcaster.web.i18n import say as translate
from broadcaster.web.problems import problem_of
from firmware_config import pki
from firmware_config.device_config import ConfigError

out = Console()
err = Console(stderr=True)
FAILED = 1
BAD_SETTINGS = 78  # sysexits' EX_CONFIG


def load_settings(**given: object) -> Settings:
    """The settings. Raises BadSetting."""
    return settings.load(os.environ, **given)


@contextmanager
def ground() -> Iterator[Ground]:
    """The database and data folder of the settings, closed at the end."""
    found = open_ground(load_settings())
    try:
        yield found
    finally:
        found.database.engine.dispose()


def refusal(error: Exception) -> LoaError | None:
    """What a person reads instead of this error; None for a mistake of ours, whose trace is needed."""
    match error:
        case LoaError():
            return error
        case pki.BrokenCertificate():
            return BrokenCertificate(file="tls", problem=str(error))
        case ConfigError():
            return BadSetting(problem=str(error))
        case OSError():
            return of_the_system(error)
    return None


def say(error: LoaError, environment: Mapping[str, str] = os.environ) -> int:
    """What happened, what was kept and what to do, with the code, on standard error; the exit status."""
    tongue = language(environment)
    problem = problem_of(error, tongue)
    err.print(problem.title, style="red", markup=False, highlight=False, soft_wrap=True)
    # At a command line there is no page on which something could stay.
    kept = translate(tongue, UNCHANGED) if error.kept == TYPED else problem.kept
    for sentence in (problem.detail, kept, problem.todo):
        if sentence:
            err.print(sentence, markup=False, highlight=False, soft_wrap=True)
    err.print(f"({problem.code})", style="dim", highlight=False)
    return BAD_SETTINGS if isinstance(error, BadSetting) else FAILED


def language(environment: Mapping[str, str]) -> str:
    """The language of the settings, also when they are what is wrong."""
    chosen = environment.get("LOA_LANGUAGE", "")
    if chosen in LANGUAGES:
        return chosen
    try:
        return settings.load(environment).language
    except BadSetting:
        return DEFAULT
