"""One real speaker before a broadcaster whose keys are ours, so that it can be told anything under a true signature."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.faults.stage import until
from firmware_config.protocol import ClipRef, Event, Klass, SpokenVersion, topics
from tests.agent.mqtt_side import MqttSide
from tests.agent.processes import RunningAgent, running_agent
from tests.agent.station import Station, announcement, item, now_ms
from tests.broker import RunningBroker, running_mosquitto

CODES = re.compile(r"action=(?:refused what=\w+ code=|errand_failed problem=)(\w+)")


@dataclass
class Lone:
    """The broadcaster's side of it."""

    station: Station
    broker: RunningBroker
    side: MqttSide
    aired: int = 0
    _seen: dict[int, int] = field(default_factory=dict)

    @contextmanager
    def speaker(self, *, sink: str = "wav:sound", **environment: str) -> Iterator[RunningAgent]:
        """The speaker, running and linked."""
        config = self.station.bundle(brokers=(f"localhost:{self.broker.port}",), sink=sink)
        with running_agent(config, **environment) as agent:
            until(lambda: any("action=link_up" in line for line in agent.log))
            yield agent

    @property
    def data(self) -> Path:
        """The speaker's own folder."""
        return self.station.folder / self.station.device / "data"

    @property
    def heard_bytes(self) -> int:
        """How much sound it has made."""
        wav = self.station.folder / self.station.device / "sound" / f"{self.station.device}.wav"
        return max(0, wav.stat().st_size - 44) if wav.exists() else 0

    def codes(self, agent: RunningAgent) -> set[str]:
        """With which codes it refused something, or failed to fetch it, since the last time this was asked."""
        seen = self._seen.get(agent.process.pid, 0)
        lines = agent.log[seen:]
        self._seen[agent.process.pid] = seen + len(lines)
        return {code for line in lines for code in CODES.findall(line)}

    def answered(self, agent: RunningAgent, code: str, seconds: float = 20.0) -> tuple[bool, str]:
        """Whether it answers with this code in time, and with which it did."""
        found: set[str] = set()

        def there() -> bool:
            found.update(self.codes(agent))
            return code in found

        return until(there, seconds) is not None, ", ".join(sorted(found)) or "nothing"

    def send(self, raw: bytes) -> None:
        """These bytes as its manifest."""
        self.side.command(raw, topics.manifest(self.station.device))

    def planned(
        self, clip: ClipRef, *, klass: Klass = Klass.NORMAL, text: str = "Xin chào bà con", after: int = 0
    ) -> str:
        """Something to play, in the next manifest; the airing's id."""
        self.aired += 1
        name = f"airing-{self.aired}"
        words = announcement(SpokenVersion("vi", text, clip), klass=klass, now=now_ms(), name=f"tb-{self.aired}")
        self.station.plan(item(name, self.station.announce(words), start=now_ms() + after, klass=klass))
        self.side.publish_manifest()
        return name

    def said(self, airing: str, *events: Event, seconds: float = 40.0) -> str:
        """The first of these events that the speaker signs for an airing, with its reason; empty when none came."""
        found: list[str] = []

        def there() -> bool:
            told = [one for one in self.station.receipts if one.airing == airing and one.event in events]
            found.extend(f"{one.event} {one.reason}".strip() for one in told[:1])
            return bool(told)

        until(there, seconds)
        return found[0] if found else ""


@contextmanager
def lone(folder: Path) -> Iterator[Lone]:
    """The broadcaster's side, with a broker; gone afterwards."""
    station = Station(folder)
    try:
        issued = station.authority.issue("mosquitto", server_names=("localhost",))
        with running_mosquitto(
            folder / "mosquitto",
            acl=topics.acl("broadcaster"),
            ca=station.authority.certificate_pem,
            cert=issued.certificate_pem,
            key=issued.key_pem,
        ) as broker:
            side = MqttSide(station, broker, folder / "broadcaster")
            try:
                yield Lone(station, broker, side)
            finally:
                side.close()
    finally:
        station.close()


Act = Callable[[Lone], object]
