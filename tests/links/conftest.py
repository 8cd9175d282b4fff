"""A broker with TLS for each test, and the commune on SQLite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.links.embedded_broker import EmbeddedBroker
from broadcaster.store.database import Database
from tests.links.parties import Fatal, Place, make_place
from tests.speakers.world import World, make_world


@pytest.fixture
def fatal() -> Iterator[Fatal]:
    """No thread may die in a test that does not ask for it."""
    found = Fatal()
    yield found
    assert found.deaths == []


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return make_place(tmp_path)


@pytest.fixture
def broker(place: Place, fatal: Fatal) -> Iterator[EmbeddedBroker]:
    found = place.broker(fatal)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def world(sqlite_database: Database, tmp_path: Path, place: Place) -> World:
    found = make_world(sqlite_database, tmp_path)
    found.authority = place.authority
    return found
