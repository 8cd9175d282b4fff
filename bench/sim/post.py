"""One loudspeaker's post: its power, its disk, its clocks, its line, and the real agent between them."""

import base64
import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import cast

import paho.mqtt.client as mqtt

from bench.sim.broker import Broker
from bench.sim.client import Client
from bench.sim.clocks import Clocks
from bench.sim.disk import VirtualClips, VirtualJournal
from bench.sim.ground import key
from bench.sim.kernel import Kernel, only
from bench.sim.line import Line
from bench.sim.pump import Pump, Sound
from bench.sim.spans import Spans
from bench.sim.station import URL, Station
from bench.sim.way import Way
from device_agent.agent import Agent
from device_agent.boot import JOURNAL, Edges, Parts, join
from device_agent.chores import Asking
from device_agent.events import Cut, Finished, Sounding
from device_agent.journal import JournalFailed
from device_agent.mail import Heard, Mailbox
from device_agent.relay import NoRelay
from device_agent.settings import Pace, Settings
from device_agent.speaker import Speaker
from device_agent.turn import Limits
from firmware_config.protocol import Klass, Millis

LONGEST_S = 60.0
MUTE_MS = 60_000
WAKE_MS = 3
"""A thread wakes a little late; and its clock may run a little slow."""
NOWHERE = Path("none")


@dataclass
class Running:
    """What is gone when the power goes."""

    parts: Parts
    agent: Agent
    asking: Asking
    pump: Pump
    client: Client | None = None
    next_step: Millis = 0
    next_errand: Millis = 0
    paused: Millis = 0


@dataclass
class Post:
    """It lives as long as the world; an agent runs on it while there is power."""

    kernel: Kernel
    name: str
    station: Station
    brokers: Mapping[str, Broker]
    folder: Path
    clocks: Clocks
    line: Line
    lead_ms: int
    sounds: list[Sound]
    radio: bool = True
    """Without it nothing is dialled from the next boot on."""
    pace: Pace = field(default_factory=Pace)
    full: bool = False
    """The disk."""
    mute: bool = False
    """The card."""
    https: Spans = field(default_factory=Spans)
    """When the second path may be had."""
    powered: Spans = field(default_factory=Spans)
    well: Spans = field(default_factory=Spans)
    """When neither disk nor card failed."""
    written: dict[int, tuple[Millis, bytes]] = field(default_factory=dict)
    """Every receipt that was committed, by number, with the true time."""
    held: list[tuple[int, int]] = field(default_factory=list)
    """Epoch and version of each manifest it went by, in order."""
    run: Running | None = None

    def __post_init__(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.well.set(self.kernel.now, true=True)
        self.https.set(self.kernel.now, true=True)
        self._chance = self.kernel.chance(f"post {self.name}")

    def power_on(self) -> None:
        """Boot; where the disk takes nothing at all, again a minute later."""
        if self.run is not None:
            return
        if not self.powered.holds:
            self.clocks.boot()
            self.powered.set(self.kernel.now, true=True)
            self.kernel.note("power", self.name, "on")
        try:
            self.run = self._assembled()
        except JournalFailed as failure:
            self.kernel.note("mute", self.name, failure.code)
            self.kernel.after(MUTE_MS, only(lambda: self.powered.holds, self.power_on))
            return
        self.run.agent.take_up()
        self._step(self.run)
        self._turn_link(self.run)

    def restart(self) -> None:
        """Off and on again."""
        self.power_off()
        self.power_on()

    def power_off(self) -> None:
        """All that was not committed is gone."""
        self.kernel.note("power", self.name, "off")
        self.powered.set(self.kernel.now, true=False)
        self.clocks.off()
        run, self.run = self.run, None
        if run is None:
            return
        run.pump.die()
        if run.client is not None:
            run.client.vanish()
        run.parts.journal.close()
        run.parts.lock.close()

    def fill(self, *, full: bool) -> None:
        """The disk takes nothing, or takes all again."""
        self.full = full
        self._how_well()

    def silence(self, *, mute: bool) -> None:
        """The card fails, or is back."""
        self.mute = mute
        self._how_well()

    def open(self, *, https: bool) -> None:
        """Shut the second path, or open it."""
        self.https.set(self.kernel.now, true=https)

    def stir(self) -> None:
        """Something came that the agent should look at."""
        if self.run is not None:
            self._step_at(self.run, self.kernel.now)

    def _commit(self, receipts: Mapping[int, bytes]) -> None:
        for seq, body in receipts.items():
            self.kernel.note("receipt", self.name, seq, body)
            self.written[seq] = (self.kernel.now, body)

    def _how_well(self) -> None:
        self.kernel.note("well", self.name, not self.full, not self.mute)
        self.well.set(self.kernel.now, true=not (self.full or self.mute))
        self.stir()

    def _assembled(self) -> Running:
        mailbox, senses = Mailbox(), self.clocks.senses(self._pause)
        settings = self._settings()

        def post(event: Sounding | Finished | Cut) -> None:
            mailbox.put(Heard(event))
            self.stir()

        journal = VirtualJournal(self.folder / JOURNAL, lambda: self.full, self._commit)
        pump = Pump(
            self.kernel,
            self.name,
            post,
            known=lambda: self.clocks.knows,
            broken=lambda: self.mute,
            sounds=self.sounds,
        )
        edges = Edges(
            key=key(f"speaker {self.name}"),
            root=self.station.signing.root,
            bundled=None,
            lock=(self.folder / "lock").open("wb"),
            journal=journal,
            clips=VirtualClips(self.folder / "clips", lambda: self.full),
            paths=lambda _time: (Way(self.name, self.line, self.station, self.https, self._told),),
            dial=self._dial if self.radio else None,
            speaker=cast("Speaker", pump),
            relay=NoRelay(),
            limits=Limits(dict.fromkeys(Klass, 100), self.lead_ms, 0, frozenset({"vi"})),
            problems={},
        )
        try:
            parts = join(settings, mailbox, senses, edges)
        except BaseException:
            journal.close()
            edges.lock.close()
            raise
        asking = Asking(settings, senses)
        return Running(parts, Agent(settings, parts, (asking,)), asking, pump)

    def _settings(self) -> Settings:
        return Settings(
            device=self.name,
            brokers=tuple(self.brokers),
            urls=(URL,),
            data=self.folder,
            cache_bytes=10**9,
            tls_ca=NOWHERE,
            tls_certificate=NOWHERE,
            tls_key=NOWHERE,
            signing_key=NOWHERE,
            root_key=NOWHERE,
            bundled_keys=NOWHERE,
            sink="silent",
            lead_ms=self.lead_ms,
            tail_ms=0,
            volumes=dict.fromkeys(Klass, 100),
            pace=self.pace,
        )

    def _dial(self, _ended: object) -> mqtt.Client:
        run = self.run
        made = Client(self.name, self.line, self.brokers, partial(self._stirred, run), self._told)
        if run is not None:
            run.client = made
        return cast("mqtt.Client", made)

    def _told(self, payload: bytes) -> None:
        """Whether it was the time, under a signature."""
        with suppress(ValueError, KeyError, TypeError):
            command = base64.b64decode(json.loads(payload)["command"])
            said = json.loads(base64.b64decode(json.loads(command)["payload"]))
            if said["action"] == "resynced":
                self.clocks.answered()

    def _stirred(self, run: Running | None) -> None:
        if run is not None and run is self.run:
            self._step_at(run, self.kernel.now)
            self._turn_link(run)

    def _turn_link(self, run: Running) -> None:
        if run is not self.run:
            return
        again = run.parts.link.turn()
        if again is not None:
            self.kernel.after(1_000 * again + 1, lambda: self._turn_link(run))
        if not run.parts.mailbox.empty():
            self.stir()

    def _pause(self, seconds: float) -> None:
        if self.run is not None:
            self.run.paused = self.kernel.now + round(1_000 * seconds)

    def _step_at(self, run: Running, at: Millis) -> None:
        at = max(at, run.paused)
        if not self.kernel.now <= run.next_step <= at:
            run.next_step = at
            self.kernel.at(at, only(lambda: run.next_step == at, lambda: self._step(run)))

    def _step(self, run: Running) -> None:
        """The agent's loop, as long as there is something to do now."""
        if run is not self.run:
            return
        run.next_step = -1
        mailbox = run.parts.mailbox
        letters = mailbox.qsize()
        for _ in range(letters):
            run.agent.receive(mailbox.get())
            run.agent.turn()
        if not letters:
            run.agent.turn()
        if run.agent.desk.leaving:
            self._restart(run)
            return
        have = run.parts.inbox.have
        if have is not None and (have.epoch, have.version) not in self.held[-1:]:
            self.held.append((have.epoch, have.version))
            self.kernel.note("holds", self.name, have.epoch, have.version)
        rest = run.agent.pause_s(min(LONGEST_S, run.asking.wait_s(run.agent.desk)))
        self._step_at(run, self.kernel.now + round(1_000 * rest) + WAKE_MS)
        self._send_courier(run)

    def _restart(self, run: Running) -> None:
        """The agent ended itself; systemd starts another."""
        raise AssertionError(f"{self.name}: the agent left with {run.agent.desk.status}")

    def _send_courier(self, run: Running) -> None:
        wait = run.parts.courier.wait_s()
        if wait is None:
            return
        at = self.kernel.now + round(1_000 * wait) + self._chance.randrange(40, 300)
        if not self.kernel.now < run.next_errand <= at:
            run.next_errand = at
            self.kernel.at(at, only(lambda: run.next_errand == at, lambda: self._errand(run)))

    def _errand(self, run: Running) -> None:
        if run is not self.run:
            return
        run.next_errand = -1
        run.parts.courier.work()
        if not run.parts.mailbox.empty():
            self._step_at(run, self.kernel.now)
        self._send_courier(run)
