"""The commune on every database."""

from pathlib import Path

import pytest

from broadcaster.store.database import Database
from tests.speakers.world import World, make_world


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return make_world(database, tmp_path)
