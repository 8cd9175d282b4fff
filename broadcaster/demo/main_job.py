"""`loa demo`: the main job by itself, with a power cut in the middle, and a verdict at the end."""

import json
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.panel import Panel

from broadcaster.app import Ground, open_ground, utc_now
from broadcaster.demo import board, commune, house, ports, proof, story
from broadcaster.demo.board import Row
from broadcaster.demo.client import Client
from broadcaster.demo.commune import DemoSpeaker
from broadcaster.demo.processes import Child, Household
from broadcaster.demo.proof import Proof
from broadcaster.demo.story import Aired
from broadcaster.settings import Settings

WHOLE = 90.0
"""Seconds the demo may take, set-up aside."""


@dataclass(frozen=True)
class Stage:
    """The running demo."""

    settings: Settings
    ground: Ground
    console: Console
    household: Household
    chat_url: str
    speakers: list[DemoSpeaker]
    agents: list[Child]
    clerk: Client
    approver: Client
    begun: float = field(default_factory=time.monotonic)


@dataclass
class PowerCut:
    """Cuts one speaker's power once it has played for a while, and gives it back a moment later."""

    child: Child
    console: Console
    playing_since: float | None = None
    cut_at: float | None = None
    over: bool = False

    def look(self, row: Row) -> None:
        """Act on what the board shows of this speaker."""
        now = time.monotonic()
        if self.playing_since is None:
            self.playing_since = now if "started" in row.reached else None
        elif self.cut_at is None and now - self.playing_since > story.IN_MID_PLAY:
            self.child.cut_power()
            self.cut_at = now
            self.console.print(f"[yellow]✂ {self.child.name}: the power is cut in mid-play (kill -9)[/yellow]")
        elif self.cut_at is not None and not self.over and now - self.cut_at > 1.0:
            self.child.start()
            self.over = True
            self.console.print(f"[yellow]↻ {self.child.name}: the power is back[/yellow]")


def perform(data: Path, *, sound_card: bool, language: str, as_json: bool) -> int:
    """Run the whole demo in a fresh folder; 0 only if every promise was kept."""
    console = Console(stderr=as_json)
    begun = time.monotonic()
    shutil.rmtree(data, ignore_errors=True)
    with Household() as household:
        stage = _set(household, data, console, sound_card=sound_card, language=language)
        found = _act(stage)
    seconds = time.monotonic() - begun
    summary = proof.summary(found, seconds, WHOLE)
    path = data / "summary.json"
    path.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if as_json:
        print(json.dumps(summary, ensure_ascii=False))
    _conclude(console, summary, path)
    return 0 if summary["kept"] else 1


def _set(household: Household, data: Path, console: Console, *, sound_card: bool, language: str) -> Stage:
    http, mqtt, chat = ports.free(3)
    settings = Settings.model_validate(
        {
            "data": data,
            "port": http,
            "broker_port": mqtt,
            "public_url": f"http://127.0.0.1:{http}",
            "language": language,
            "private_channels": True,
        }
    )
    with console.status("Starting a chat group, the broker, the service and three speakers…"):
        logs = data / "logs"
        chat_url = house.start_chat(household, logs, chat)
        ground = open_ground(settings)
        speakers = commune.settle(ground, chat_url=chat_url, sound_card=sound_card)
        with ground.database.transaction() as session:
            clerk, approver = (commune.token(session, who, now=utc_now()) for who in (commune.CLERK, commune.APPROVER))
        house.start_service(household, logs, settings)
        agents = house.start_speakers(household, speakers)
    url, language = settings.console_url, settings.language
    return Stage(
        settings,
        ground,
        console,
        household,
        chat_url,
        speakers,
        agents,
        Client(url, clerk, language),
        Client(url, approver, language),
    )


def _act(stage: Stage) -> Proof:
    words = story.EXAMPLES.joinpath("thong-bao-dat-dai.txt").read_text(encoding="utf-8").strip()
    stage.console.print(Panel(words, title="the clerk writes", title_align="left"))
    with stage.console.status("The words become sound…"):
        announcement = story.write(stage.clerk)
    aired = story.approve(stage.approver, announcement, stage.settings.data / "approved")
    rows = _watch(stage, aired)
    copies = story.copies(stage.approver, aired, patience=10.0)
    messages = proof.chat_messages(stage.chat_url)
    for message in messages:
        stage.console.print(Panel(message["text"], title=f"{commune.CHAT_NAME} (stand-in)", title_align="left"))
    with stage.ground.database.read() as session:
        return proof.gather(
            session, aired, stage.speakers, rows, copies=copies, messages=messages, base=stage.ground.home.folder
        )


def _watch(stage: Stage, aired: Aired) -> list[Row]:
    rows: list[Row] = []
    cut = PowerCut(stage.agents[-1], stage.console)
    title = "the board: milliseconds since approval"
    with Live(board.table(rows, title), console=stage.console, refresh_per_second=4) as live:
        for shown in story.watch(stage.approver, aired, stage.speakers, until=stage.begun + WHOLE):
            rows = shown
            live.update(board.table(rows, title))
            cut.look(rows[-1])
            # The one whose power is cut has ended because we ended it.
            if cut.cut_at is None or cut.over:
                stage.household.check()
    stage.console.print()
    return rows


def _conclude(console: Console, summary: dict[str, Any], path: Path) -> None:
    for speaker in summary["speakers"]:
        sound = speaker["sound"]
        if sound:
            console.print(f"♪ {sound['path']}: {sound['seconds']:.1f} s, {sound['lufs']:.1f} LUFS")
    for promise, kept in summary["checks"].items():
        console.print(f"{'[green]✔[/green]' if kept else '[red]✘[/red]'} {promise}")
    console.print(f"{summary['seconds']:.0f} s · everything is in {path}")
