"""The processes of the demo: the stand-in chat, the central service, and a loa-agent for each speaker."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from broadcaster.demo.commune import CHAT, CHAT_NAME, DemoSpeaker
from broadcaster.demo.processes import Child, Household
from broadcaster.settings import Settings

PATIENCE = 30.0


def start_chat(household: Household, logs: Path, port: int) -> str:
    """Start the stand-in chat server; its address, where it will soon answer."""
    household.start(
        Child(
            "stand-in chat",
            ["broadcaster.demo.stand_in_chat", "--port", str(port), "--group", f"{CHAT}={CHAT_NAME}"],
            logs / "chat.log",
        )
    )
    return f"http://127.0.0.1:{port}"


def start_service(household: Household, logs: Path, settings: Settings) -> None:
    """Start the central service with these settings and wait until it answers."""
    household.start(Child("service", ["broadcaster", "serve"], logs / "service.log", environment_of(settings)))
    household.wait_until(lambda: answers(settings.console_url), "the service", PATIENCE)


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables a service with these settings is started with."""
    given = settings.model_dump(mode="json", exclude_defaults=True, exclude={"database"})
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOA_")}
    for name, value in given.items():
        environment[f"LOA_{name.upper()}"] = ",".join(value) if isinstance(value, list) else str(value)
    if settings.database:
        environment["LOA_DATABASE"] = settings.database.get_secret_value()
    return environment


def start_speakers(household: Household, speakers: Sequence[DemoSpeaker]) -> list[Child]:
    """Start a loa-agent for each speaker."""
    return [
        household.start(Child(one.name, ["device_agent", "run", "--config", str(one.config)], one.folder / "agent.log"))
        for one in speakers
    ]


def answers(url: str) -> bool:
    """Whether a service at this address is up."""
    with suppress(httpx.HTTPError):
        return httpx.get(f"{url}/healthz", timeout=1.0).is_success
    return False
