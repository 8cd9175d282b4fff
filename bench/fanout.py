"""Approve → the last of 1,000 speakers holds the signed emergency, against a bare publish of the same bytes."""

import statistics
import time
from collections.abc import Callable
from functools import partial

from bench import phones
from bench.figures import Figure, at_most
from bench.fleet import Fleet, Orders, fleet_of
from bench.ground import APPROVER, COMMUNE, Ground, ground, utc_now
from broadcaster.links.exchange import Exchange
from broadcaster.services.airtime import airings
from broadcaster.services.writing import announcements
from firmware_config.protocol import topics

TOPIC = topics.unit_now(COMMUNE)
PATIENCE = 120.0


def run(quick: bool = False) -> list[Figure]:
    """Medians over several rounds, ours and the bare one in turn."""
    number, rounds = (100, 2) if quick else (1_000, 5)
    names = [f"loa-{at:04}" for at in range(number)]
    with ground() as here:
        here.add_speakers(names)
        authority = (here.authority.key_pem, here.authority.certificate_pem)
        orders = Orders(
            here.folder / "fleet",
            here.port,
            names,
            [COMMUNE],
            authority,
            here.signing.keys_raw,
            here.signing.root,
        )
        exchange = here.exchange()
        exchange.start()
        with fleet_of(orders) as fleet:
            found = _measure(here, exchange, fleet, number, rounds)
        exchange.stop()
    return found


def _measure(here: Ground, exchange: Exchange, fleet: Fleet, number: int, rounds: int) -> list[Figure]:
    ours, bare, checking, commits = [], [], [], []
    for _ in range(rounds):
        announcement, digest = here.submitted("emergency")
        committed: list[float] = []

        def emergency(one: str = announcement, sha256: str = digest, at: list[float] = committed) -> None:
            _approve_and_air(here, one, sha256)
            at.append(time.monotonic())

        _settle(exchange, fleet)
        began, ended = _timed(fleet, number, emergency)
        ours.append(ended - began)
        commits.append(committed[0] - began)
        good, seconds = fleet.ask("check_live", TOPIC)
        assert good == number, f"{good} of {number} signatures were good"
        checking.append(seconds)
        payload = fleet.ask("payload", TOPIC)
        _settle(exchange, fleet)
        began, ended = _timed(fleet, number, partial(exchange.links[0].publish, TOPIC, payload, retain=False))
        bare.append(ended - began)
    ratio = statistics.median(ours) / statistics.median(bare)
    return [
        Figure("bare publish → last speaker holds it", statistics.median(bare) * 1000, "ms"),
        Figure("approve → last speaker holds it", statistics.median(ours) * 1000, "ms"),
        Figure("… of which approving and planning", statistics.median(commits) * 1000, "ms"),
        at_most(f"approve → {number} speakers, against bare", ratio, "×", 1.5),
        Figure("one speaker checks it (after the clock)", statistics.median(checking) / number * 1000, "ms"),
    ]


def _approve_and_air(here: Ground, announcement: str, digest: str) -> None:
    now = utc_now()
    with here.database.transaction() as session:
        second = phones.second(session, APPROVER, now)
        announcements.approve(
            session, APPROVER, announcement, content_sha256=digest, now=now, second=second, vault=phones.VAULT
        )
        airings.air(session, APPROVER, announcement, at=None, now=now, emergency=True)


def _timed(fleet: Fleet, number: int, act: Callable[[], object]) -> tuple[float, float]:
    fleet.begin("wait_for", TOPIC, PATIENCE)
    began = time.monotonic()
    act()
    count, ended = fleet.answer()
    assert count == number, f"only {count} of {number} speakers got it"
    return began, ended


def _settle(exchange: Exchange, fleet: Fleet) -> None:
    """Let what is under way arrive, so that each round begins on a quiet line."""
    seen = -1
    while exchange.relay.published != seen:
        seen = exchange.relay.published
        time.sleep(3.5)
    fleet.ask("forget")
