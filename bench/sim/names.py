"""Names of rows drawn from a seed, so that a world tells one story: equal ranks are put in order by name."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from types import SimpleNamespace
from unittest.mock import patch

from broadcaster.services import ids


@contextmanager
def names_by_chance(seed: object) -> Iterator[None]:
    """As long as this lasts, new rows are named by that seed."""
    chance = Random(f"names {seed}")
    drawn = SimpleNamespace(
        token_hex=lambda count: f"{chance.getrandbits(8 * count):0{2 * count}x}",
        choice=chance.choice,
        token_urlsafe=lambda count: f"{chance.getrandbits(8 * count):x}",
    )
    with patch.object(ids, "secrets", drawn):
        yield
