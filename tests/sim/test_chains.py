"""A small piece of `make sim`, always the same, and the seeds that once went wrong."""

import pytest

from bench.sim.rules.story import AIRINGS, Verdict, signing_keys, tell
from broadcaster.services.hours.book import Book
from broadcaster.services.speaking.signing import Signing
from device_agent import airtime
from tests.databases import Server

pytestmark = pytest.mark.database

SMALL = 60
SEEDS = [3]
"""An ordinary world first; a seed that `make sim` names is added behind it."""


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Signing:
    return signing_keys(tmp_path_factory.mktemp("keys"))


def small(seed: int, server: Server, signing: Signing) -> Verdict:
    return tell(seed, server, signing, airings=SMALL, more=1)


@pytest.mark.parametrize("seed", SEEDS)
def test_from_the_console_to_the_loudspeaker_nothing_sounds_outside_the_rules(
    seed: int, sqlite_server: Server, signing: Signing
) -> None:
    verdict = small(seed, sqlite_server, signing)
    assert verdict.faults == []
    assert verdict.tally[AIRINGS] >= SMALL
    assert verdict.tally["heard"] > 10
    assert verdict.tally["ideal speaker: heard"] > 5


def test_the_oracle_hears_it_where_neither_side_keeps_the_rules(
    sqlite_server: Server, signing: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Book, "bars", lambda *_, **__: {})
    monkeypatch.setattr(airtime, "why_barred", lambda *_: None)
    faults = {kind for kind, _ in small(SEEDS[0], sqlite_server, signing).faults}
    assert {"planned", "sounded"} <= faults
