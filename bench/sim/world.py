"""One world: built from a seed, lived through, mended, drained."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.sim.broker import Broker
from bench.sim.clocks import Clocks
from bench.sim.forger import Forger
from bench.sim.ground import MORNING, Ground, signing, speakers
from bench.sim.kernel import Kernel, Trace
from bench.sim.line import Line, Weather
from bench.sim.names import names_by_chance
from bench.sim.people import MINUTE, People
from bench.sim.post import Post
from bench.sim.pump import Sound
from bench.sim.station import BROKERS, Station
from bench.sim.weather import brew
from broadcaster.services.moments import millis, moment
from broadcaster.services.speaking import manifests
from firmware_config.protocol import Millis

STORMY, WHOLE = 22, 38
"""Minutes: how long things go wrong, and how long the world lasts; people are done before the end of it."""


@dataclass
class World:
    """Everything at one virtual moment."""

    seed: int
    ground: Ground
    keep: bool = False
    sounds: list[Sound] = field(default_factory=list)
    struck: Counter[str] = field(default_factory=Counter)
    backup: Path | None = None
    backed_up: Millis = 0
    mended: bool = False
    """From now on nothing goes wrong any more."""
    amiss: Millis = 3_000
    """How wrong a clock may be that is believed."""

    def __post_init__(self) -> None:
        chance = Kernel(self.seed, 0, Trace()).chance("world")
        start = millis(MORNING) + chance.randrange(10, 13 * 60 + 30) * MINUTE + chance.randrange(MINUTE)
        self.kernel = Kernel(self.seed, start, Trace(keep=self.keep))
        self.ground.dawn()
        self.brokers = [Broker(self.kernel, name) for name in BROKERS[: chance.choice([1, 1, 2])]]
        self.signings = [signing(1, now=MORNING)]
        self.station = Station(self.kernel, self.ground, self.signings[0], self.brokers)
        self.people = People(self.kernel, self.ground, self.station, minutes=WHOLE)
        self.forger = Forger(self)
        self.posts = [self._post(name) for name in speakers(chance.choice([2, 2, 2, 3]))]

    def live(self) -> None:
        """From the first boot to the last receipt."""
        with names_by_chance(self.seed):
            self._live()
            self.kernel.note("end")

    def _live(self) -> None:
        start = self.kernel.now
        self.station.start()
        for at, post in enumerate(self.posts):
            self.kernel.after(700 * at, post.power_on)
        self.people.begin()
        self.struck = brew(self, start + STORMY * MINUTE)
        self.kernel.at(start + STORMY * MINUTE, self._mend)
        self.kernel.run(start + WHOLE * MINUTE)

    def close(self) -> None:
        """Nothing is kept but what was noted."""
        for post in self.posts:
            if post.run is not None:
                post.run.parts.journal.close()
                post.run.parts.lock.close()

    def back_up(self) -> None:
        """Remember the database as it is."""
        self.backup, self.backed_up = self.ground.back_up(), self.kernel.now

    def restore(self) -> None:
        """Take it back, as after a disk was lost, and raise the epoch."""
        if self.backup is None or not self.station.running:
            return
        self.kernel.note("restored")
        for one in self.people.book.wanted.values():
            one.lost = one.lost or one.known >= self.backed_up or (one.unwanted or 0) >= self.backed_up
        self.station.stop(2_000)
        self.ground.restore(self.backup)
        with self.ground.database.transaction() as session:
            manifests.raise_epoch(session, now=moment(self.kernel.now))
        self.backup = None

    def rotate(self, *, expired: bool) -> None:
        """New signing keys, and the broadcaster started with them."""
        station = self.station
        if not station.running:
            return
        version = station.signing.keys.version + 1
        self.kernel.note("rotated", version)
        station.signing = signing(version, now=moment(self.kernel.now), alone=expired)
        self.signings.append(station.signing)
        station.stop(1_000)

    def _mend(self) -> None:
        self.kernel.note("mended")
        self.mended = True
        self.station.crash_at = None
        for line in (self.station.line, *(post.line for post in self.posts)):
            line.become(Weather.FAIR)
        for broker in self.brokers:
            if not broker.up:
                broker.start()
        for post in self.posts:
            post.clocks.find()
            post.open(https=True)
            post.fill(full=False)
            post.silence(mute=False)
            post.power_on()

    def _post(self, name: str) -> Post:
        chance = self.kernel.chance(f"habits {name}")
        battery, ntp = chance.random() < 0.5, chance.random() < 0.8
        swallows = chance.choice([0.0, 0.02])
        return Post(
            self.kernel,
            name,
            self.station,
            {one.name: one for one in self.brokers},
            self.ground.folder / name,
            Clocks(self.kernel, name, battery=battery, ntp=ntp),
            Line(self.kernel, name, swallows=swallows),
            lead_ms=chance.choice([0, 400, 3_000]),
            sounds=self.sounds,
        )
