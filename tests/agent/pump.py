"""A pump in a test's hands: real decoders, any sink."""

import queue
from dataclasses import dataclass, field
from pathlib import Path

from device_agent.effects import Part, Play
from device_agent.events import Cut, Finished, Sounding
from device_agent.sinks import Sink, WavSink
from device_agent.speaker import Speaker

PumpEvent = Sounding | Finished | Cut


@dataclass
class Pump:
    """A speaker on a WAV file, and what it reported."""

    folder: Path
    sink: Sink | None = None
    events: "queue.SimpleQueue[PumpEvent]" = field(default_factory=queue.SimpleQueue)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wav = self.folder / "sound.wav"
        self.speaker = Speaker(
            self.sink or WavSink(self.wav),
            lambda sha: self.folder / f"{sha}.ogg",
            self.events.put,
            self.problems.append,
        )
        self.speaker.start()

    def clip_path(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.ogg"

    def play(self, *parts: Part, volume: int = 100, lead_ms: int = 0, tail_ms: int = 0, in_s: float = 0.0) -> None:
        self.speaker.play(Play("airing-1", 1, parts, volume, 0, lead_ms, tail_ms), in_s)

    def next(self) -> PumpEvent:
        return self.events.get(timeout=40)

    def finished(self) -> Finished:
        while not isinstance(event := self.next(), Finished):
            assert isinstance(event, Sounding), event
        return event
