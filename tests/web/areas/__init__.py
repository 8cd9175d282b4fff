"""The parts of the console, each with its own rows in the table of rights."""

from tests.web import ruled
from tests.web.areas import cap, desk, form, province, voices_of, zalo
from tests.web.areas.area import Area
from tests.web.areas.copies import AREA as COPIES
from tests.web.areas.letters import AREA as LETTERS
from tests.web.areas.people import AREA as PEOPLE
from tests.web.areas.residents import AREA as RESIDENTS
from tests.web.areas.speakers import AREA as SPEAKERS
from tests.web.areas.start import AREA as START
from tests.web.areas.units import AREA as UNITS
from tests.web.areas.write import AREA as WRITE

AREAS: dict[str, Area] = {
    "cap": cap.AREA,
    "form": form.AREA,
    "province": province.AREA,
    "desk": desk.AREA,
    "copies": COPIES,
    "speakers": SPEAKERS,
    "start": START,
    "write": WRITE,
    "units": UNITS,
    "people": PEOPLE,
    "letters": LETTERS,
    "residents": RESIDENTS,
    "voices_of": voices_of.AREA,
    "zalo": zalo.AREA,
    "rules": Area(states=frozenset(ruled.STATES), make=ruled.thing),
}
