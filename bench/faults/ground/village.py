"""One real speaker beside an honest stand-in of the broadcaster, which knows at once what it was told."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.faults.ground.packets import manifests_acknowledged
from broadcaster.demo.processes import Child
from device_agent.settings import Settings, from_config
from firmware_config.device_config import load
from firmware_config.protocol import ClipRef, Event, Item, Klass, SpokenVersion, topics
from tests.agent.mqtt_side import MqttSide
from tests.agent.sounds import tone_clip
from tests.agent.station import Station, announcement, item, now_ms
from tests.broker import RunningBroker, running_mosquitto

PACE = {"LOA_AGENT_POLL_S": "1", "LOA_AGENT_PATH_AFTER_S": "1", "LOA_AGENT_RESYNC_S": "3"}
HELD = 8
"""Airings that stand in the plan at a time."""


@dataclass(slots=True)
class Village:
    """The speaker's process, what it was sent, and what it said."""

    station: Station
    broker: RunningBroker
    side: MqttSide
    config: Path
    child: Child
    sounds: Sequence[tuple[ClipRef, bytes]]
    items: list[Item] = field(default_factory=list)
    clip_of: dict[str, str] = field(default_factory=dict)
    """The sha256 of the clip of an announcement, by reference."""
    versions: list[int] = field(default_factory=list)
    """Of the manifests that were published over the link."""

    @property
    def data(self) -> Path:
        """Where the speaker keeps its journal and clips."""
        return self.config.parent / "data"

    @property
    def settings(self) -> Settings:
        """What the speaker was started with."""
        return from_config(load(self.config), PACE)

    @property
    def log(self) -> str:
        """All the speaker logged."""
        return self.child.log.read_text(errors="replace") if self.child.log.exists() else ""

    @property
    def acknowledged(self) -> int:
        """The version of the newest manifest that the speaker acknowledged."""
        count = manifests_acknowledged(self.broker.log.read_text(errors="replace"), self.station.device)
        return self.versions[count - 1] if 0 < count <= len(self.versions) else 0

    def words(self, klass: Klass = Klass.NORMAL, *, sound: int | None = None, name: str = "") -> str:
        """A signed announcement that the speaker has never heard of; its reference."""
        number = len(self.station.announcements)
        clip = self.station.add_clip(*self.sounds[number % len(self.sounds) if sound is None else sound])
        version = SpokenVersion("vi", "Xin chào", clip)
        of = self.station.announce(announcement(version, klass=klass, now=now_ms(), name=name or f"tb-{number}"))
        self.clip_of[of] = clip.sha256
        return of

    def say(self, klass: Klass = Klass.NORMAL, *, sound: int | None = None, **changes: int) -> str:
        """Plan an airing for now; its id."""
        airing = f"airing-{time.monotonic_ns()}"
        made = item(airing, self.words(klass, sound=sound), start=now_ms(), klass=klass)
        self.items = [*self.items, replace(made, **changes)][-HELD:]  # type: ignore[arg-type]
        self.publish()
        return airing

    def publish(self) -> None:
        """Send the plan as it is."""
        self.station.plan(*self.items)
        self.versions.append(self.station.manifest.version)
        self.side.publish_manifest()

    @property
    def stored(self) -> frozenset[str]:
        """Clips of the plan that the speaker said to have stored."""
        planned = {one.airing: one.announcement for one in self.items}
        told = {one.airing for one in self.station.receipts if one.event is Event.STORED}
        return frozenset(self.clip_of[of] for airing, of in planned.items() if airing in told)

    def has(self, airing: str, *events: Event) -> bool:
        """Whether the speaker told one of these of it."""
        return any(one in events for one in self.station.events(airing))

    def problems(self, after: int = 0) -> tuple[str, ...]:
        """What is not well, as the speaker said last over the link, but not before so many words of it."""
        return tuple(self.side.states[-1].problems) if len(self.side.states) > after else ()


@contextmanager
def village(
    folder: Path,
    *,
    lengths_s: Sequence[float] = (0.4,),
    sink: str = "silent",
    prefix: Sequence[str] = (),
    program: str = "device_agent",
    environment: Mapping[str, str] | None = None,
    address: str = "127.0.0.1",
) -> Iterator[Village]:
    """All but the speaker is started; whatever runs at the end is stopped."""
    with ExitStack() as stack:
        station = Station(folder, host=address)
        stack.callback(station.close)
        issued = station.authority.issue("mosquitto", server_names=("localhost", address))
        broker = stack.enter_context(
            running_mosquitto(
                folder / "mosquitto",
                acl=topics.acl("broadcaster"),
                ca=station.authority.certificate_pem,
                cert=issued.certificate_pem,
                key=issued.key_pem,
                host=address,
            )
        )
        side = MqttSide(station, broker, folder / "side")
        stack.callback(side.close)
        config = station.bundle(brokers=(f"{address}:{broker.port}",), sink=sink)
        usual = {name: text for name, text in os.environ.items() if not name.startswith("LOA_")}
        child = Child(
            "speaker",
            [program, "run", "--config", str(config)],
            folder / "agent.log",
            {**usual, **PACE, **(environment or {})},
            prefix=prefix,
        )
        stack.callback(_end, child)
        sounds = [tone_clip(seconds, hertz=300 + 20 * number) for number, seconds in enumerate(lengths_s)]
        yield Village(station, broker, side, config, child, sounds)


def _end(child: Child) -> None:
    child.ask_to_stop()
    child.wait(5.0)
