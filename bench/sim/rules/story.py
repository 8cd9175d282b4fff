"""One world's story, and the verdict at its end."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bench.sim.names import names_by_chance
from bench.sim.rules import acts
from bench.sim.rules.board import HOUR
from bench.sim.rules.loudspeaker import GOOD
from bench.sim.rules.world import MORE, World
from broadcaster.services.moments import moment
from broadcaster.services.speaking.signing import Signing, make_keys
from firmware_config.protocol import Event
from tests.databases import Server
from tests.protocol.rule_strategies import NEAR

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
