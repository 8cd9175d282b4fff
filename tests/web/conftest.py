"""Fixtures of the console's tests."""

from pathlib import Path

import pytest

from broadcaster.store.database import Database
from tests.web.house import House, build


@pytest.fixture
def any_house(database: Database, tmp_path: Path) -> House:
    """The same, on SQLite and on PostgreSQL in turn."""
    return build(database, tmp_path)


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    """The console over a SQLite database with the whole cast in it."""
    return build(sqlite_database, tmp_path)
