"""A whole speaker driven by hand: its real agent, journal, courier and pump, on a clock that we wind on."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty
from typing import Any

from device_agent import boot
from device_agent.agent import Agent
from device_agent.boot import Edges
from device_agent.carried import Stick
from device_agent.chores import Asking, Chore
from device_agent.clips import ClipStore
from device_agent.effects import Play
from device_agent.events import Cut, Finished
from device_agent.journal import Journal
from device_agent.mail import Heard, Mailbox
from device_agent.paths import Path as Way
from device_agent.paths import PathDown
from device_agent.pcm import BYTES_A_SECOND, RATE
from device_agent.relay import NoRelay
from device_agent.senses import Senses
from device_agent.settings import Settings
from device_agent.speaker import Speaker
from device_agent.stick import Sticks
from device_agent.timekeeper import Timekeeper
from firmware_config.bundle import SpeakerIdentity
from firmware_config.pki import load_signing_key
from firmware_config.protocol import Klass

PUMP_S = 60.0
"""So long the pump may take over one item of a second or two, in real seconds."""
LONGEST_S = 600.0


@dataclass
class Clock:
    """Seconds since 1970 as they should be, and what the board makes of them."""

    now: float
    steered: bool = True
    rtc: bool = False
    fast: float = 0.0
    """How much faster the board's crystal runs, as a share."""
    booted: float = 0.0
    boot: str = "kernel-1"
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wind(self, seconds: float) -> None:
        """Let time pass; any thread may."""
        with self._lock:
            self.now += seconds

    def senses(self, seed: int = 1) -> Senses:
        """What the agent is told."""
        chance = random.Random(seed)
        return Senses(
            mono=lambda: (self.now - self.booted) * (1 + self.fast),
            wall=lambda: self.now if self.steered or self.rtc else 86_400.0 + self.now - self.booted,
            steered=lambda: self.steered,
            rtc=lambda: self.rtc,
            kernel_boot=lambda: self.boot,
            chance=chance.random,
            name=lambda: f"{chance.getrandbits(128):032x}",
            pause=self.wind,
        )


class FastSink:
    """Takes frames as fast as they come, and winds the clock on by as long as they last."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.always_on = False
        """While an item waits for its moment, silence brings the moment nearer; else time is the driver's."""
        self.frames = 0

    def begin(self) -> None:
        """Nothing is behind."""

    def ahead_s(self) -> float:
        """Nothing lies between."""
        return 0.0

    def write(self, frame: bytes, /) -> float:
        """Let the frame's time pass at once."""
        heard = self._clock.now - self._clock.booted
        self.frames += 1
        # The last silence before a moment may be shorter than a sample: time passes all the same.
        self._clock.wind(max(len(frame) / BYTES_A_SECOND, 1 / RATE))
        return heard * (1 + self._clock.fast)

    def close(self) -> None:
        """Nothing to give back."""

    drop = close


class Deafened(Speaker):
    """The real speaker, which says whether it has something in hand."""

    def __init__(self, sink: FastSink, *rest: Any, **more: Any) -> None:  # noqa: ANN401
        super().__init__(lambda _spec: sink, "silent", *rest, **more)
        self._fast = sink

    def play(self, play: Play, in_s: float) -> None:
        """Until it is over, time passes with the frames."""
        self._fast.always_on = True
        super().play(play, in_s)


class Driven:
    """One speaker from its journal to its sink; `turn` by `turn`."""

    def __init__(
        self,
        identity: SpeakerIdentity,
        root: bytes,
        folder: Path,
        clock: Clock,
        *,
        sticks: Sequence[Stick] = (),
        server: Way | None = None,
        keys: bytes | None = None,
        cache_bytes: int = 256_000_000,
        polls: bool = True,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.clock, self.sink, self.mailbox = clock, FastSink(clock), Mailbox()
        senses = clock.senses()
        settings = _settings(identity.device, folder, ("https://loa.example",) if server and polls else (), cache_bytes)
        lock = boot.take_lock(folder / "agent.lock")
        journal, problems = boot.open_journal(folder / boot.JOURNAL, senses)
        clips = ClipStore(folder / "clips", cache_bytes)
        self.journal: Journal = journal

        def paths(_timekeeper: Timekeeper) -> Sequence[Way]:
            return boot.around(server or _Nobody(), sticks)

        edges = Edges(
            key=load_signing_key(identity.signing_key_pem),
            root=root,
            bundled=keys,
            lock=lock,
            journal=journal,
            clips=clips,
            paths=paths,
            dial=None,
            speaker=Deafened(self.sink, clips.path, self._post, _nothing, mono=senses.mono),
            relay=NoRelay(),
            limits=replace(boot.limits(settings), speakable=frozenset()),
            problems=problems,
            sticks=sticks,
        )
        self.parts = boot.join(settings, self.mailbox, senses, edges)
        chores: Sequence[Chore] = (Asking(settings, senses), Sticks(senses, threads=False))
        self.agent = Agent(settings, self.parts, chores)
        self.parts.speaker.start()
        self.agent.take_up()

    def _post(self, event: Any) -> None:  # noqa: ANN401
        if isinstance(event, Finished | Cut):
            self.sink.always_on = False
        self.mailbox.put(Heard(event))

    def turn(self, most_s: float = LONGEST_S) -> None:
        """All letters and errands, then the time until something is due; while it sounds, time is the pump's."""
        while True:
            self.agent.turn()
            moved = False
            while self.parts.courier.work():
                moved = True
            try:
                self.agent.receive(self.mailbox.get(timeout=PUMP_S if self.sink.always_on else 0.0))
            except Empty:
                if self.sink.always_on:
                    raise TimeoutError("the pump does not come to an end") from None
                if not moved:
                    break
        errand = self.parts.courier.wait_s()
        wait = min(self.agent.pause_s(most_s), most_s, most_s if errand is None else errand)
        self.clock.wind(max(wait, 0.001))

    def until(self, end: float, each: Callable[[], None] = lambda: None) -> None:
        """Turn until that second."""
        while self.clock.now < end:
            self.turn(min(LONGEST_S, max(end - self.clock.now, 0.001)))
            each()

    def cut_power(self) -> None:
        """Nothing is put in order; what is on disk stays."""
        self.parts.speaker.close()
        self.journal.close()
        self.parts.lock.close()
        self.clock.booted, self.clock.boot = self.clock.now, f"{self.clock.boot}+"


def _settings(device: str, folder: Path, urls: tuple[str, ...], cache_bytes: int) -> Settings:
    return Settings(
        device=device,
        brokers=(),
        urls=urls,
        data=folder,
        cache_bytes=cache_bytes,
        tls_ca=folder,
        tls_certificate=folder,
        tls_key=folder,
        signing_key=folder,
        root_key=folder,
        bundled_keys=folder / "keys.json",
        sink="silent",
        lead_ms=0,
        tail_ms=0,
        volumes=dict.fromkeys(Klass, 100),
    )


class _Nobody:
    """No signal."""

    def ask(self, *_: object, **__: object) -> Any:  # noqa: ANN401
        """Nobody answers."""
        raise PathDown("no signal")

    open = ask

    def use(self, urls: tuple[str, ...]) -> None:
        """There is nothing to use them for."""

    def close(self) -> None:
        """Nothing is open."""


def _nothing(_problem: str) -> None:
    """The sink is always well."""


@contextmanager
def driven(*given: Any, **more: Any) -> Iterator[Driven]:  # noqa: ANN401
    """A driven speaker that is ended in the end."""
    found = Driven(*given, **more)
    try:
        yield found
    finally:
        found.cut_power()
