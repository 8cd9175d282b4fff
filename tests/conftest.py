"""Fixtures every ring may use."""

from collections.abc import Iterator

import pytest

from broadcaster.store.database import Database
from tests import databases


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
