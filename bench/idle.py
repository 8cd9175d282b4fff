"""What keeping in touch costs a line that has nothing to announce, counted as a mobile operator does."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench.bytes import NOBODY, Api, agent, serve, wait
from bench.counting import CountingProxy
from bench.figures import Figure
from bench.ground import Ground, ground
from broadcaster.store.tables import Speaker
from device_agent.traffic import PACKET_BYTES
from firmware_config.protocol import GENESIS, ClockState, Health, State

DAYS = 30
DAY_S = 86_400
PING_S, RESYNC_S, POLL_S, STATES_A_DAY = 30, 300, 60, 60
"""As a speaker is delivered; a state each time a figure of its health has moved, at most each five minutes."""
NEVER = "100000"
STATE_AROUND = 70 + 26 + 4 * PACKET_BYTES
"""MQTT's and TLS's share of a message and of its acknowledgement, and the packets of both."""


@dataclass(frozen=True)
class Rig:
    """A speaker on its lines, and what they have carried."""

    here: Ground
    name: str
    api: Api
    lines: tuple[CountingProxy, ...]

    @property
    def billed(self) -> int:
        """Bytes with the headers of all packets."""
        return sum(line.billed for line in self.lines)

    def cost(self, seconds: float) -> int:
        """What passes in so many seconds."""
        before = self.billed
        time.sleep(seconds)
        return self.billed - before


def run(quick: bool = False) -> list[Figure]:
    """Each thing that is done again and again, and the month they add up to."""
    span = 1 if quick else 3
    ping, resync, state = _ping(span), *_resync(span)
    poll, proof = _poll(span, "100000"), _poll(span, "0.5")
    link = DAYS * (DAY_S / PING_S * ping + DAY_S / RESYNC_S * resync + STATES_A_DAY * state)
    path = DAYS * (DAY_S / POLL_S * poll + DAY_S / RESYNC_S * (proof - poll) + STATES_A_DAY * 2 * state)
    return [
        Figure("MQTT: a ping", ping, "bytes"),
        Figure("MQTT: a resync and its answer", resync, "bytes"),
        Figure("MQTT: a state", state, "bytes"),
        Figure("HTTPS: a question without news", poll, "bytes"),
        Figure("HTTPS: the same with a nonce", proof, "bytes"),
        Figure("MQTT: a month of keeping in touch", link / 1e6, "MB"),
        Figure("HTTPS: a month of keeping in touch", path / 1e6, "MB"),
    ]


def _ping(span: int) -> float:
    with _rig("MQTT", LOA_AGENT_RESYNC_S=NEVER) as rig:
        # In the first minute it tells how the board is.
        time.sleep(65)
        return rig.cost(PING_S * (span + 1)) / (span + 1)


def _resync(span: int) -> tuple[float, float]:
    with _rig("MQTT", LOA_AGENT_RESYNC_S="4") as rig:
        each = rig.cost(20.0 * span) / (5 * span)
        # It travels like a question, and its acknowledgement is all that comes back.
        with rig.here.database.read() as session:
            size = len(_state(session.get_one(Speaker, rig.name)).to_bytes())
    return each, size + STATE_AROUND


def _poll(span: int, resync: str) -> float:
    with _rig("HTTPS", LOA_AGENT_POLL_S="3", LOA_AGENT_RESYNC_S=resync) as rig:
        # The first minute has states in it, and receipts.
        time.sleep(5)
        before, asked = rig.billed, rig.api.asked
        time.sleep(18.0 * span)
        return (rig.billed - before) / max(1, rig.api.asked - asked)


def _state(row: Speaker) -> State:
    """What it said last, as long as it was."""
    told = row.state_epoch or 0, row.state_version or 0, row.state_sha256 or ""
    head = row.head_seq or 0, row.head_hash or GENESIS, row.boot or "boot-1"
    problems, health = tuple(row.problems), Health.from_json(row.health)
    return State(row.id, *told, ClockState.TRUSTED, 0, 100, row.agent or "", *head, problems, health)


@contextmanager
def _rig(path: str, **pace: str) -> Iterator[Rig]:
    with ground() as here, ExitStack() as stack:
        api = stack.enter_context(serve(here))
        http, broker = CountingProxy(api.port), CountingProxy(here.port)
        exchange = here.exchange()
        exchange.start()
        stack.callback(exchange.stop)
        name = stack.enter_context(agent(here, broker.port if path == "MQTT" else NOBODY, http.port, **pace))
        wait(lambda: _is_settled(here, name))
        time.sleep(6)
        yield Rig(here, name, api, (http, broker))


def _is_settled(here: Ground, name: str) -> bool:
    with here.database.read() as session:
        row = session.get_one(Speaker, name)
        return row.state_version is not None and row.receipts_at is not None
