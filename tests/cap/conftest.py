"""The console in-process, over SQLite: what these tests are about is not the database."""

from pathlib import Path

import pytest

from broadcaster.store.database import Database
from tests.web.house import House, build


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    return build(sqlite_database, tmp_path)
