"""A broadcaster, its broker and its speakers, each a process that can be killed and started again at will."""

from __future__ import annotations

import io
import math
import os
import time
import wave
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import delete

from bench import system
from bench.faults.brokers import Broker
from broadcaster.app import Ground, open_ground
from broadcaster.demo import commune, house, ports
from broadcaster.demo.client import Client
from broadcaster.demo.commune import COMMUNE, DemoSpeaker
from broadcaster.demo.processes import Child
from broadcaster.links.ports import open_port
from broadcaster.settings import Settings
from broadcaster.store.tables import Channel, Speaker
from firmware_config.device_config import Sound
from firmware_config.protocol import ClockState

PATIENCE = 120.0
"""For what is no figure: a machine that does much else is slow to start a service."""
SHORT = "Mời bà con họp."
LOCAL = "127.0.0.1"
NOWHERE = "http://127.0.0.1:1"
SOUND = Sound(sink="wav:sound", lead_ms=0, tail_ms=0)


class Late(Exception):
    """What had to happen did not happen in time."""


def until(ready: Callable[[], bool], seconds: float = PATIENCE, *, every: float = 0.1) -> float | None:
    """Seconds until it was so, None when it never was."""
    began = time.monotonic()
    while not ready():
        if time.monotonic() - began > seconds:
            return None
        time.sleep(every)
    return time.monotonic() - began


def must(what: str, ready: Callable[[], bool], seconds: float = PATIENCE) -> float:
    """Seconds until it was so. Raises Late."""
    spent = until(ready, seconds)
    if spent is None:
        raise Late(f"{what}: not within {seconds:.0f} s")
    return spent


@dataclass(frozen=True, slots=True)
class Setting:
    """How a stage is set up; `address` is where service and broker listen and where speakers find them."""

    speakers: int = 1
    address: str = LOCAL
    outside_broker: bool = False
    """A broker that the service does not start, and so does not bring back."""
    persistent: bool = False
    """Whether that broker keeps what it holds on disk."""
    sound: Sound = SOUND
    pace: Mapping[str, str] = field(default_factory=dict)
    """The speakers' `LOA_AGENT_…` variables."""
    front: Callable[[Stage], AbstractContextManager[object]] | None = None
    """What takes the broker's place while the broker itself listens on another port."""
    rights: str = ""
    """More access rules for the broker."""
    prefix: Sequence[str] = ()
    """What is put before a speaker's command, such as `ip netns exec NAME`; it must become the speaker."""


class Loudspeaker:
    """One `loa-agent`, with everything it leaves behind."""

    def __init__(self, made: DemoSpeaker, pace: Mapping[str, str], prefix: Sequence[str] = ()) -> None:
        self.id, self.folder = made.id, made.folder
        environment = {name: text for name, text in os.environ.items() if not name.startswith("LOA_")} | dict(pace)
        self.child = Child(
            made.id,
            ["device_agent", "run", "--config", str(made.config)],
            made.folder / "agent.log",
            environment,
            prefix=prefix,
        )

    @property
    def journal(self) -> Path:
        """Its memory."""
        return self.folder / "data" / "journal.sqlite"

    @property
    def wav(self) -> Path:
        """Its sound."""
        return self.folder / "sound" / f"{self.id}.wav"

    @property
    def heard_bytes(self) -> int:
        """How much sound it has made since it was set up."""
        return max(0, self.wav.stat().st_size - 44) if self.wav.exists() else 0

    def log(self) -> str:
        """All it logged since it was set up."""
        return self.child.log.read_text(encoding="utf-8", errors="replace") if self.child.log.exists() else ""

    def start(self) -> None:
        """Start it, or start it again."""
        self.child.start()

    def cut_power(self) -> None:
        """kill -9, if it runs."""
        if self.child.running:
            self.child.cut_power()

    def stop(self) -> None:
        """SIGTERM, and its end."""
        self.child.ask_to_stop()
        self.child.wait(10.0)


class Stage:
    """What a fault is made on."""

    def __init__(self, setting: Setting, ground: Ground, broker: Broker | None, logs: Path) -> None:
        self.setting, self.ground, self.broker = setting, ground, broker
        self.settings = ground.settings
        self.service = Child(
            "service", ["broadcaster", "serve"], logs / "service.log", house.environment_of(ground.settings)
        )
        commune.settle(ground, chat_url=NOWHERE, sound_card=False)
        with ground.database.transaction() as session:
            # Nobody reads along here.
            session.execute(delete(Channel))
        self.speakers = [
            Loudspeaker(system.enrolled(ground, f"Loa {number}", setting.sound), setting.pace, setting.prefix)
            for number in range(setting.speakers)
        ]
        self._token, approver = system.tokens(ground)
        self.clerk, self.approver = (Client(self.settings.console_url, token) for token in (self._token, approver))

    def start_service(self, patience: float = PATIENCE) -> float:
        """Start it, or start it again; seconds until it answers. Raises Late."""
        self.service.start()
        return must("the service answers", self.answers, patience)

    def answers(self) -> bool:
        """Whether the service is up."""
        return house.answers(self.settings.console_url)

    def start(self) -> None:
        """Broker, service and speakers, until every speaker is linked."""
        if self.broker:
            self.broker.start()
        self.start_service()
        for one in self.speakers:
            one.start()
        must("every speaker is linked", self.all_linked)

    def stop(self) -> None:
        """End all of it; the broker last."""
        for child in (*(one.child for one in self.speakers), self.service):
            child.ask_to_stop()
        for child in (*(one.child for one in self.speakers), self.service):
            child.wait(5.0)
        for client in (self.clerk, self.approver):
            client.__exit__()
        if self.broker:
            self.broker.stop()
        self.ground.database.dispose()

    def all_linked(self) -> bool:
        """Whether every speaker is linked. Raises ChildDied for one that has ended by itself."""
        for one in self.speakers:
            one.child.check()
        return all(map(self.linked, self.speakers))

    def linked(self, one: Loudspeaker) -> bool:
        """Whether the service has heard from this run of the speaker and knows its clock."""
        with self.ground.database.read() as session:
            row = session.get_one(Speaker, one.id)
            return row.online and row.clock == ClockState.TRUSTED

    def recording(self, seconds: float) -> str:
        """A tone as a person would send it in; the recording's sha256. Raises httpx.HTTPError."""
        answer = httpx.post(
            f"{self.settings.console_url}/api/v1/recordings",
            headers={"Authorization": f"Bearer {self._token}", "Idempotency-Key": f"{time.time_ns()}"},
            data={"language": "vi", "unit": COMMUNE},
            files={"file": ("tone.wav", tone(seconds), "audio/wav")},
            timeout=60.0,
        )
        return str(answer.raise_for_status().json()["sha256"])

    def written(self, *to: Loudspeaker, text: str = SHORT, recording: str | None = None, klass: str = "normal") -> str:
        """Written and approved through the public API; the announcement's id. Raises Refused, httpx.HTTPError."""
        body: dict[str, Any] = {
            "title": "Thông báo",
            "class": klass,
            "unit": COMMUNE,
            "versions": [{"language": "vi", "text": text, "recording": recording}],
            "audience": [{"kind": "speaker", "ref": one.id} for one in to or self.speakers],
        }
        draft = self.clerk.post("/announcements", body)
        submitted = self.clerk.post(f"/announcements/{draft['id']}/submit")
        content = {"content_sha256": submitted["content_sha256"]}
        return str(self.approver.post(f"/announcements/{draft['id']}/approve", content)["id"])

    def aired(self, announcement: str, *, at: str | None = None) -> str:
        """Put on air, now or at a time as the API writes it; the airing's id. Raises Refused, httpx.HTTPError."""
        when = {"at": at} if at else {"now": True}
        return str(self.approver.post("/airings", {"announcement": announcement, **when})["id"])

    def said(self, *to: Loudspeaker, text: str = SHORT, recording: str | None = None) -> str:
        """Written, approved and put on air now; the airing's id. Raises Refused, httpx.HTTPError."""
        return self.aired(self.written(*to, text=text, recording=recording))


def tone(seconds: float, hertz: int = 440, rate: int = 16_000) -> bytes:
    """A WAV file of a plain tone."""
    wave_form = (round(8_000 * math.sin(2 * math.pi * hertz * at / rate)) for at in range(int(seconds * rate)))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, rate, 0, "NONE", ""))
        out.writeframes(array("h", wave_form).tobytes())
    return file.getvalue()


@contextmanager
def stage(folder: Path, setting: Setting | None = None) -> Iterator[Stage]:
    """A stage in an empty folder, started; every process of it is gone afterwards."""
    setting = setting or Setting()
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        settings = settings_for(folder, setting)
        ground = open_ground(settings)
        broker = None
        if setting.outside_broker:
            broker = Broker(
                folder / "outside",
                ground.home.tls("server"),
                host=setting.address,
                port=ports.free(1)[0] if setting.front else settings.broker_port,
                persistent=setting.persistent,
                rights=setting.rights,
            )
        made = Stage(setting, ground, broker, folder / "logs")
        stack.callback(made.stop)
        if setting.front:
            stack.enter_context(setting.front(made))
        made.start()
        yield made


def settings_for(folder: Path, setting: Setting) -> Settings:
    """The service's settings, on free ports of the address."""
    http, mqtt = ports.free(2)
    host = setting.address
    if host != LOCAL:
        for port in (http, mqtt):
            open_port(host, port).close()
    return Settings(
        data=folder / "var",
        listen=host,
        port=http,
        public_url=f"http://{host}:{http}",
        broker_listen=host,
        broker_port=mqtt,
        broker_host=host,
        brokers=(f"{host}:{mqtt}",) if setting.outside_broker else (),
        voices=("espeak",),
        private_channels=True,
    )
