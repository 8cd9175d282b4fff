"""The console in-process, over SQLite: what these tests are about is not the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from broadcaster.store.database import Database
from tests.cast import Cast, gather
from tests.web.house import House, build


@pytest.fixture
def house(sqlite_database: Database, tmp_path: Path) -> House:
    return build(sqlite_database, tmp_path)


@pytest.fixture
def cast(sqlite_database: Database) -> Cast:
    return gather(sqlite_database)


@pytest.fixture
def session(sqlite_database: Database, cast: Cast) -> Iterator[Session]:
    with sqlite_database.transaction() as session:
        yield session
