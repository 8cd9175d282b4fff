"""The whole system in a passing folder: service, stand-in chat and one silent speaker, each a process of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broadcaster.app import Ground, open_ground, utc_now
from broadcaster.demo import commune, house, ports
from broadcaster.demo.client import Client
from broadcaster.demo.commune import COMMUNE, DemoSpeaker
from broadcaster.demo.processes import Child, Household
from broadcaster.services.actor import SYSTEM
from broadcaster.services.places import speakers
from broadcaster.settings import Settings
from broadcaster.store.tables import Delivery, Speaker
from firmware_config.bundle import write_folder
from firmware_config.device_config import Sound
from firmware_config.protocol import ClockState

PATIENCE = 30.0
# A lead would stand between the first frame written and the first one that sounds, which is the one receipts speak of.
SOUND = Sound(sink="silent", lead_ms=0, tail_ms=0)


@dataclass(frozen=True, slots=True)
class System:
    """What a bench needs of it."""

    url: str
    ground: Ground
    household: Household
    service: Child
    speaker: DemoSpeaker
    agent: Child
    clerk: Client
    approver: Client
    token: str
    """The approver's bearer token, for a program of its own."""

    def delivery(self, airing: str) -> Delivery:
        """How far the speaker got; read beside the service, so that looking costs it nothing."""
        with self.ground.database.read() as session:
            return session.get_one(Delivery, (airing, self.speaker.id))

    def draft(self, title: str, text: str, klass: str) -> dict[str, Any]:
        """What the clerk would send to have a text read out by the speaker."""
        return {
            "title": title,
            "class": klass,
            "unit": COMMUNE,
            "versions": [{"language": "vi", "text": text}],
            "audience": [{"kind": "speaker", "ref": self.speaker.id}],
        }


@contextmanager
def system() -> Iterator[System]:
    """Start it, wait until the speaker is linked and knows the time; all of it is gone when the block is left."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="loa-bench-")))
        household = stack.enter_context(Household())
        http, mqtt, chat = ports.free(3)
        settings = Settings(
            data=data,
            port=http,
            broker_port=mqtt,
            public_url=f"http://127.0.0.1:{http}",
            voices=("espeak",),
            private_channels=True,
        )
        chat_url = house.start_chat(household, data / "logs", chat)
        ground = open_ground(settings)
        stack.callback(ground.database.engine.dispose)
        commune.settle(ground, chat_url=chat_url, sound_card=False)
        speaker = enrolled(ground, "Loa đo thời gian", SOUND)
        clerk, approver = tokens(ground)
        house.start_service(household, data / "logs", settings)
        service = household.children[-1]
        (agent,) = house.start_speakers(household, [speaker])
        household.wait_until(lambda: _linked(ground, speaker), "the speaker's first word", PATIENCE)
        url = settings.console_url
        one, two = (stack.enter_context(Client(url, token)) for token in (clerk, approver))
        yield System(url, ground, household, service, speaker, agent, one, two, approver)


def enrolled(ground: Ground, name: str, sound: Sound) -> DemoSpeaker:
    """A new speaker of the commune, its bundle written into a folder of its own."""
    with ground.database.transaction() as session:
        identity = speakers.enrol(
            session, SYSTEM, name=name, unit_id=COMMUNE, authority=ground.home.authority(), now=utc_now()
        )
    made = DemoSpeaker(identity.device, name, ground.home.speakers / identity.device)
    files = ground.home.bundle(identity, ground.signing, **ground.settings.site(), sound=sound, data=Path("data"))
    write_folder(files, made.folder)
    return made


def tokens(ground: Ground) -> tuple[str, str]:
    """The clerk's and the approver's bearer tokens."""
    with ground.database.transaction() as session:
        clerk, approver = (commune.token(session, who, now=utc_now()) for who in (commune.CLERK, commune.APPROVER))
    return clerk, approver


def _linked(ground: Ground, speaker: DemoSpeaker) -> bool:
    with ground.database.read() as session:
        row = session.get_one(Speaker, speaker.id)
        return row.online and row.clock == ClockState.TRUSTED
