"""The parts of the console, each with its own rows in the table of rights."""

from tests.web import ruled
from tests.web.areas import province
from tests.web.areas.area import Area

RULES = Area(states=frozenset(ruled.STATES), make=ruled.thing)
AREAS: tuple[Area, ...] = (RULES,)
