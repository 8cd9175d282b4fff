"""A speaker installed alone pulls no server library."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.whole, pytest.mark.xdist_group("install")]

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
SERVER_ONLY = {
    "fastapi",
    "sqlalchemy",
    "apscheduler",
    "gtts",
    "pydub",
    "jinja2",
    "pydantic",
    "httpx",
    "starlette",
    "typer",
}


def run(*arguments: str | Path) -> str:
    done = subprocess.run([str(a) for a in arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def speaker_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("speaker")
    run(UV, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT)
    (wheel,) = folder.glob("loa_lang-*.whl")
    run(UV, "venv", "--quiet", "--python", sys.executable, folder / "venv")
    run(UV, "pip", "install", "--quiet", "--python", folder / "venv/bin/python", f"{wheel}[agent]")
    return folder / "venv"


def test_an_agent_installed_alone_pulls_no_server_library(speaker_environment: Path) -> None:
    listed = run(UV, "pip", "list", "--python", speaker_environment / "bin/python", "--format", "freeze")
    installed = {line.split("==")[0].lower() for line in listed.splitlines()}
    assert "paho-mqtt" in installed
    assert installed & SERVER_ONLY == set()


def test_the_agent_starts_there(speaker_environment: Path) -> None:
    assert "doctor" in run(speaker_environment / "bin/loa-agent", "--help")


def test_the_wheel_carries_what_pages_and_speakers_need(speaker_environment: Path) -> None:
    (site,) = speaker_environment.glob("lib/python*/site-packages")
    vendor = {path.name for path in (site / "broadcaster/web/static/vendor").iterdir()}
    assert {"bootstrap.min.css", "htmx.min.js", "sse.js"} <= vendor
    assert "axe.min.js" not in vendor
    assert list((site / "firmware_config/files").rglob("*.service")) != []
    assert list((site / "broadcaster/store/migrations/versions").glob("*.py")) != []
