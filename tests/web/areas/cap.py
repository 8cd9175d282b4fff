"""CAP: what is published for everybody."""

from sqlalchemy.orm import Session

from tests.web.areas.area import Area, Thing
from tests.web.cells import Row


def message(_session: Session, _state: str, unit: str, *_: object) -> Thing:
    """A message nobody published."""
    return {"unit": unit, "identifier": "khong-co-1"}


AREA = Area(
    rows={
        "GET /cap/index.atom": Row("anyone"),
        "GET /cap/{identifier}.xml": Row("anyone", 404, "cap message"),
    },
    states=frozenset({"cap message"}),
    make=message,
)
