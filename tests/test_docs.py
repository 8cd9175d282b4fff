"""What the program knows, the documentation names: each has its heading."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from broadcaster.__main__ import app
from broadcaster.domain.errors import ERRORS
from broadcaster.mirrors.registry import CHANNELS
from broadcaster.settings import Settings
from firmware_config.device_config import setting_names
from firmware_config.protocol import Event, Refusal, TopicKind
from tests import diagrams

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def headings(name: str) -> set[str]:
    text = (DOCS / name).read_text(encoding="utf-8")
    return {heading.strip().strip("`") for heading in re.findall(r"^#+ +(.+)$", text, flags=re.MULTILINE)}


def commands(path: str, command: Any) -> set[str]:
    if not hasattr(command, "list_commands"):
        return {path}
    names = command.list_commands(None)
    return {found for name in names for found in commands(f"{path} {name}", command.get_command(None, name))}


def test_every_setting() -> None:
    assert set(Settings.model_fields) - headings("settings.md") == set()


def test_every_setting_of_a_speaker() -> None:
    assert set(setting_names()) - headings("agent.md") == set()


def test_every_command() -> None:
    assert commands("loa", typer.main.get_command(app)) - headings("commands.md") == set()


def test_every_problem_code() -> None:
    assert set(ERRORS) - headings("errors.md") == set()


def test_every_refusal_event_and_topic_on_the_wire() -> None:
    told = headings("protocol.md")
    assert {str(refusal.value) for refusal in Refusal} - told == set()
    assert {str(event.value) for event in Event} - told == set()
    assert {str(kind.value) for kind in TopicKind} - told == set()


def test_every_channel() -> None:
    assert set(CHANNELS) - headings("channels.md") == set()


def test_the_state_diagrams_are_drawn_from_the_tables() -> None:
    assert diagrams.PAGE.read_text(encoding="utf-8") == diagrams.page()


def test_links_between_documents_lead_somewhere() -> None:
    root = DOCS.parent
    for page in [*root.glob("*.md"), *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_every_file_that_is_named_exists() -> None:
    pages = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    named = [
        (page.relative_to(ROOT).as_posix(), name)
        for page in pages
        for name in re.findall(r"`([\w.-]+/[\w./-]*)`", page.read_text(encoding="utf-8"))
    ]
    # What runs leave behind is in var/, and not in a fresh checkout.
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"var"}
    ours = [(page, name) for page, name in named if name.split("/")[0] in folders]
    assert len(ours) > 50
    assert [(page, name) for page, name in ours if not (ROOT / name).exists()] == []
