"""Somebody who has the broker but no key: says again what was said, and what nobody said."""

import json
from typing import TYPE_CHECKING

from bench.sim.ground import key
from firmware_config import packing
from firmware_config.protocol import SIZE_LIMIT, Role, Signer, seal, topics

if TYPE_CHECKING:
    from bench.sim.world import World


class Forger:
    """One more voice on the broker."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._chance = world.kernel.chance("forger")

    def speak(self) -> None:
        """One forged message to one speaker."""
        chance, world = self._chance, self._world
        post, broker = chance.choice(world.posts), chance.choice(world.brokers)
        heard = [(topic, payload) for topic, payload in world.station.said if topic.startswith("vl/")]
        if not heard:
            return
        topic, payload = chance.choice(heard)
        mine = topics.manifest(post.name) if "manifest" in topic else topics.command(post.name)
        said = chance.choice(WAYS)(packing.plain(payload, SIZE_LIMIT))
        world.kernel.note("forged", mine)
        broker.publish(mine, said, retain="manifest" in topic and chance.random() < 0.5)


def _spoiled(raw: bytes) -> bytes:
    return raw.replace(b"A", b"B", 3)


def _signed_by_nobody(raw: bytes) -> bytes:
    try:
        kind = json.loads(raw).get("payloadType", "application/vnd.loa.manifest.v1+json")
    except (ValueError, AttributeError):
        return b"{}"
    signer = Signer("director-forged", Role.DIRECTOR, key("forger"))
    return seal(kind, b'{"device":"nobody"}', signer)


def _half(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def _again(raw: bytes) -> bytes:
    return raw


WAYS = (_again, _spoiled, _signed_by_nobody, _half)
