"""Units side by side, their reports, what is taken away as a file, and the log book's chain."""

from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.services.actor import Actor
from tests.web.areas.area import Area
from tests.web.cells import Row

ROWS = {
    "GET /province": Row("signed in"),
    "GET /province/wall": Row("signed in"),
    "GET /province/wall/board": Row("signed in"),
    "POST /province/wall": Row("see", 200, "unit"),
    # An address nobody made says nothing to anybody.
    "GET /wall/{secret}": Row("anyone", 401),
    "GET /wall/{secret}/board": Row("anyone", 401),
    "GET /reports": Row("signed in", 303),
    "GET /reports/{unit_id}/{month}": Row("see", thing="month"),
    "GET /reports/{unit_id}/{month}.xlsx": Row("see", thing="month"),
    "GET /exports": Row("signed in"),
    "GET /exports/{name}.{ending}": Row("signed in", thing="list"),
    "GET /exports/people.{ending}": Row("look after anywhere", thing="list"),
    "GET /exports/audit.{ending}": Row("log book", thing="list"),
    "POST /audit/verify": Row("log book", 303),
}


def make(_session: Session, state: str, unit: str, _writer: Actor, _approver: Actor, _now: datetime) -> dict[str, str]:
    """The parts of an address; nothing need be there for a month to have its report."""
    named = {"month": {"month": "2026-11"}, "list": {"name": "deliveries", "ending": "csv"}}
    return {"unit_id": unit} | named[state]


AREA = Area(rows=ROWS, states=frozenset({"month", "list"}), make=make)
