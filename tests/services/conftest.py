"""The cast, in a database of its own."""

import pytest

from broadcaster.store.database import Database
from tests.cast import Cast, gather


@pytest.fixture
def cast(database: Database) -> Cast:
    """Everybody, in the database of the same test."""
    return gather(database)
