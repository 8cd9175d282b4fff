"""A commune on each kind of database."""

import pytest

from broadcaster.store.database import Database
from tests.mirrors.village import Village


@pytest.fixture
def village(database: Database) -> Village:
    return Village.founded(database)


@pytest.fixture
def small_village(sqlite_database: Database) -> Village:
    """On SQLite alone, for tests whose subject is not the database."""
    return Village.founded(sqlite_database)
