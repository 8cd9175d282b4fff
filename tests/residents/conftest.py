"""Fixtures of the tests of what residents see."""

from pathlib import Path

import pytest

from broadcaster.store.database import Database
from tests.residents.village import Home, settled
from tests.web.house import build


@pytest.fixture
def home(sqlite_database: Database, tmp_path: Path) -> Home:
    """The commune, a village's resident at its door."""
    return settled(build(sqlite_database, tmp_path))


@pytest.fixture
def any_home(database: Database, tmp_path: Path) -> Home:
    """The same, on SQLite and on PostgreSQL in turn."""
    return settled(build(database, tmp_path))
