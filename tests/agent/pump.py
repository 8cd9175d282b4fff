"""A pump in a test's hands: real decoders, any sink."""

import queue
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from device_agent.effects import Part, Play
from device_agent.events import Cut, Finished, Sounding
from device_agent.listening import Loop
from device_agent.sinks import Pacer, ProgramSink, Sink, WavSink
from device_agent.speaker import Speaker

PumpEvent = Sounding | Finished | Cut


class CardLike(WavSink):
    """A file that, like a card, is fed between items too: what it holds is what was heard, at its own time."""

    always_on = True


def hurried() -> Pacer:
    """For what has nothing to do with time."""
    return Pacer(sleep=lambda _: None)


def program(*argv: str) -> Callable[[], Sink]:
    """Opens a sink that is a program."""
    return lambda: ProgramSink(list(argv))


@dataclass
class Pump:
    """A speaker on a WAV file, and what it reported."""

    folder: Path
    opens: Callable[[], Sink] | None = None
    loop: Loop | None = None
    real_time: bool = True
    events: "queue.SimpleQueue[PumpEvent]" = field(default_factory=queue.SimpleQueue)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wav = self.folder / "sound.wav"
        self.speaker = Speaker(
            lambda _: self.opens() if self.opens else WavSink(self.wav, Pacer() if self.real_time else hurried()),
            "",
            lambda sha: self.folder / f"{sha}.ogg",
            self.events.put,
            self.problems.append,
            loop=self.loop,
        )
        self.speaker.start()

    def clip_path(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.ogg"

    def play(
        self,
        *parts: Part,
        airing: str = "airing-1",
        volume: int = 100,
        lead_ms: int = 0,
        tail_ms: int = 0,
        in_s: float | None = None,
    ) -> None:
        """By default as soon as the silence before it allows."""
        self.speaker.play(Play(airing, 1, parts, volume, 0, lead_ms, tail_ms), lead_ms / 1000 if in_s is None else in_s)

    def next(self) -> PumpEvent:
        return self.events.get(timeout=40)

    def finished(self) -> Finished:
        while not isinstance(event := self.next(), Finished):
            assert isinstance(event, Sounding), event
        return event

    def cut(self) -> Cut:
        while not isinstance(event := self.next(), Cut):
            assert isinstance(event, Sounding), event
        return event
