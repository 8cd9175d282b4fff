"""Fixtures every ring may use."""

import gc
import os
from collections.abc import Iterator

import hypothesis
import pytest

from broadcaster.store.database import Database
from tests import databases

# Speed is the bench's business; on CI the same change must give the same verdict twice, at a desk chance may explore.
hypothesis.settings.register_profile(
    "loa", deadline=None, database=None, max_examples=50, derandomize="CI" in os.environ
)
# For a night: `pytest --hypothesis-profile long`.
hypothesis.settings.register_profile("long", parent=hypothesis.settings.get_profile("loa"), max_examples=2_000)
hypothesis.settings.register_profile("quick", parent=hypothesis.settings.get_profile("loa"), max_examples=20)
hypothesis.settings.load_profile("loa")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Faults that take long are shortened unless somebody asks for all of it."""
    parser.addoption("--full-length", action="store_true", help="let faults last as long as they are described")


def pytest_configure() -> None:
    """While tests are read, nothing becomes garbage; see below."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What has been read stays to the end: the collector need not go through it again during every test."""
    gc.freeze()
    gc.enable()


WAITING = ("whole", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What mostly waits comes first, so that it waits beside the rest and not after it."""
    items.sort(key=lambda item: not any(map(item.get_closest_marker, WAITING)))


@pytest.fixture(scope="session")
def sqlite_server() -> Iterator[databases.Server]:
    with databases.server("sqlite") as place:
        yield place


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[databases.Server]:
    with databases.server("postgresql") as place:
        yield place


@pytest.fixture(params=["sqlite", "postgresql"])
def database_server(request: pytest.FixtureRequest) -> databases.Server:
    """Where databases are made, on each of the two kinds in turn."""
    place: databases.Server = request.getfixturevalue(f"{request.param}_server")
    return place


@pytest.fixture
def database(database_server: databases.Server) -> Iterator[Database]:
    """A migrated, empty database, on each of the two kinds in turn."""
    with database_server.database() as database:
        yield database


@pytest.fixture
def sqlite_database(sqlite_server: databases.Server) -> Iterator[Database]:
    """A migrated, empty SQLite database, for tests whose subject is not the database."""
    with sqlite_server.database() as database:
        yield database
