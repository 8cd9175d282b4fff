"""What every page shares: the manual, and what an installed console asks for."""

from sqlalchemy.orm import Session

from tests.web.areas.area import Area, Thing
from tests.web.cells import Row


def task(_session: Session, _state: str, unit: str, *_: object) -> Thing:
    """A task of the manual."""
    return {"unit": unit, "slug": "write"}


AREA = Area(
    rows={
        "GET /help": Row("anyone"),
        "GET /help/{slug}": Row("anyone", thing="task"),
        "GET /offline": Row("anyone"),
        "GET /manifest.webmanifest": Row("anyone"),
        "GET /sw.js": Row("anyone"),
    },
    states=frozenset({"task"}),
    make=task,
)
