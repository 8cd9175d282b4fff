"""What goes wrong in one world, by seed; at the end everything is mended and stays so."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from bench.sim.kernel import only
from bench.sim.line import Line, Weather
from firmware_config.protocol import Millis

if TYPE_CHECKING:
    from bench.sim.world import World

SECOND, MINUTE = 1_000, 60_000
Fault = Callable[["World", Random], None]
POINTS = ("claimed", "published", "acknowledged")


def cut(world: "World", chance: Random) -> None:
    """A speaker's line breaks, and everybody notices."""
    _line(world, chance, Weather.CUT, chance.randrange(2 * SECOND, 20 * MINUTE))


def blackout(world: "World", chance: Random) -> None:
    """A speaker's line is dead, and nobody notices before the keepalive."""
    _line(world, chance, Weather.BLACK, chance.randrange(5 * SECOND, 16 * MINUTE))


def storm(world: "World", chance: Random) -> None:
    """Loss, doubles, delay and disorder."""
    _line(world, chance, Weather.STORM, chance.randrange(MINUTE, 12 * MINUTE))


def broadcaster_cut(world: "World", chance: Random) -> None:
    """The broadcaster loses its brokers."""
    _spell(world, world.station.line, Weather.CUT, chance.randrange(5 * SECOND, 10 * MINUTE))


def broker(world: "World", chance: Random) -> None:
    """A broker is killed, mostly with all it knew."""
    one = chance.choice(world.brokers)
    if one.up:
        one.kill(wipe=chance.random() < 0.7)
        world.kernel.after(chance.randrange(SECOND, 12 * MINUTE), one.start)


def crash(world: "World", chance: Random) -> None:
    """The broadcaster dies at one of its fault points."""
    world.station.crash_at = chance.choice(POINTS)


def outage(world: "World", chance: Random) -> None:
    """The broadcaster is away for a while."""
    if world.station.running:
        world.station.stop(chance.randrange(SECOND, 8 * MINUTE))


def no_https(world: "World", chance: Random) -> None:
    """The second path is shut for one speaker."""
    post = chance.choice(world.posts)
    post.open(https=False)
    world.kernel.after(chance.randrange(MINUTE, 12 * MINUTE), lambda: post.open(https=True))


def power(world: "World", chance: Random) -> None:
    """A speaker's power goes, perhaps again and again."""
    post = chance.choice(world.posts)
    at = 0
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        off = chance.choice([300, chance.randrange(SECOND, 2 * MINUTE), chance.randrange(MINUTE, 16 * MINUTE)])
        world.kernel.after(at, only(lambda: not world.mended, post.power_off))
        world.kernel.after(at + off, post.power_on)
        at += off + chance.randrange(3 * SECOND, 5 * MINUTE)


def disk(world: "World", chance: Random) -> None:
    """A speaker's disk is full for a while."""
    post = chance.choice(world.posts)
    post.fill(full=True)
    world.kernel.after(chance.randrange(10 * SECOND, 9 * MINUTE), lambda: post.fill(full=False))


def card(world: "World", chance: Random) -> None:
    """A sound card fails for a while."""
    post = chance.choice(world.posts)
    post.silence(mute=True)
    world.kernel.after(chance.randrange(SECOND, 5 * MINUTE), lambda: post.silence(mute=False))


def clock(world: "World", chance: Random) -> None:
    """NTP is gone, and the wall clock is set to something else."""
    post = chance.choice(world.posts)
    post.clocks.lose()
    hour = 3_600_000
    post.clocks.step(chance.choice([-hour, hour, 1_000, -1_000, -30 * 365 * 24 * hour, 12 * 365 * 24 * hour]))
    post.stir()
    if chance.random() < 0.5:
        world.kernel.after(chance.randrange(MINUTE, 16 * MINUTE), post.clocks.find)


def restore(world: "World", chance: Random) -> None:
    """The database is lost, and the last backup taken back under a new epoch."""
    world.back_up()
    world.kernel.after(chance.randrange(MINUTE, 14 * MINUTE), only(lambda: not world.mended, world.restore))


def rotate(world: "World", chance: Random) -> None:
    """New keys, the old ones good beside them or, sometimes, at their end."""
    world.rotate(expired=chance.random() < 0.3)


def forge(world: "World", chance: Random) -> None:
    """Somebody on the broker says what nobody signed, or what was signed long ago or for another."""
    for _ in range(chance.randint(3, 12)):
        world.kernel.after(chance.randrange(12 * MINUTE), only(lambda: not world.mended, world.forger.speak))


FAULTS: dict[Fault, int] = {
    cut: 10,
    blackout: 10,
    storm: 8,
    broadcaster_cut: 3,
    broker: 8,
    crash: 6,
    outage: 5,
    no_https: 4,
    power: 10,
    disk: 4,
    card: 3,
    clock: 6,
    restore: 3,
    rotate: 3,
    forge: 5,
}


def brew(world: "World", until: Millis) -> Counter[str]:
    """A few faults at a few moments; what was chosen."""
    chance, kernel = world.kernel.chance("weather"), world.kernel
    chosen: Counter[str] = Counter()
    for fault in chance.choices(list(FAULTS), list(FAULTS.values()), k=chance.randint(2, 7)):
        chosen[fault.__name__] += 1
        kernel.at(chance.randrange(kernel.now, until), _due(world, fault, chance.random(), until))
    return chosen


def _due(world: "World", fault: Fault, salt: float, until: Millis) -> Callable[[], None]:
    def strike() -> None:
        if world.kernel.now < until:
            world.kernel.note("fault", fault.__name__)
            fault(world, Random(salt))

    return strike


def _line(world: "World", chance: Random, weather: Weather, ms: Millis) -> None:
    lines = [post.line for post in world.posts]
    for line in chance.sample(lines, chance.choice([1, 1, len(lines)])):
        _spell(world, line, weather, ms)


def _spell(world: "World", line: Line, weather: Weather, ms: Millis) -> None:
    line.become(weather)
    world.kernel.after(ms, only(lambda: line.weather is weather, lambda: line.become(Weather.FAIR)))
