"""One world's story, and the verdict at its end."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import SimpleNamespace
from unittest.mock import patch

from broadcaster.services import ids
from broadcaster.services.moments import moment
from broadcaster.services.speaking.signing import Signing, make_keys
from firmware_config.protocol import Event
from tests.databases import Server
from tests.protocol.rule_strategies import NEAR
from tests.sim import acts
from tests.sim.board import HOUR
from tests.sim.loudspeaker import GOOD
from tests.sim.world import MORE, World

AIRINGS = "airings on a loudspeaker"
USUAL = 1_500
DAYS = 9


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a world: figures, and what must not have been, by kind."""

    seed: int
    tally: Counter[str]
    faults: list[tuple[str, str]]


def tell(seed: int, server: Server, signing: Signing, *, airings: int = USUAL, more: int = len(MORE)) -> Verdict:
    """Live until so many airings were planned, and until all of them are over."""
    with names_by_chance(seed), server.database() as database:
        world = World(seed, database, signing, more)
        ways, weights = list(acts.ACTS), list(acts.ACTS.values())
        end = world.now + DAYS * 24 * HOUR
        while world.tally[AIRINGS] < airings and world.now < end:
            for way in world.chance.choices(ways, weights, k=world.chance.randint(1, 3)):
                world.act(way)
            if world.chance.random() < 0.8:
                world.act(acts.plan)
            world.wait(world.chance.choice([world.chance.randrange(HOUR), world.chance.randrange(9 * HOUR)]))
        world.wait(80 * HOUR)
        _check_promises(world)
        return Verdict(seed, world.tally, world.faults)


def _check_promises(world: World) -> None:
    """What was planned for a speaker that nothing ever happened to was heard there."""
    for each in world.speakers.values():
        for airing, (event, reason, disturbed) in each.fates.items() if each.habits.ideal else ():
            world.tally[f"ideal speaker: {event}"] += 1
            if event not in GOOD | {Event.CANCELLED} and not disturbed:
                world.fault("promise", f"{each.id}: {airing} ended as {event}, {reason}")
        open_ = [entry.airing for entry in each.scene.state.ledger.values() if not (entry.over or entry.item.standby)]
        if open_ and each.habits.ideal:
            world.fault("open", f"{each.id}: {open_} never ended")


def signing_keys(folder: Path) -> Signing:
    """Keys that are good in every world."""
    return make_keys(folder, now=moment(min(NEAR)))


@contextmanager
def names_by_chance(seed: int) -> Iterator[None]:
    """Names of rows drawn from the seed: equal ranks are put in order by name, so that a seed tells one story."""
    chance = Random(f"names {seed}")  # noqa: S311
    drawn = SimpleNamespace(
        token_hex=lambda count: f"{chance.getrandbits(8 * count):0{2 * count}x}",
        choice=chance.choice,
        token_urlsafe=lambda count: f"{chance.getrandbits(8 * count):x}",
    )
    with patch.object(ids, "secrets", drawn):
        yield
