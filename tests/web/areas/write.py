"""Writing: the dictionary, templates, and what is asked while an announcement is written."""

from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.services.actor import Actor
from broadcaster.services.writing import dictionary, templates
from broadcaster.services.writing.templates import Given
from tests.web.areas.area import Area, Thing
from tests.web.cells import Row

ROWS = {
    "GET /dictionary": Row("write anywhere"),
    "POST /dictionary": Row("write for", 303, "unit"),
    "POST /dictionary/{entry_id}/remove": Row("write it, page", 303, "entry"),
    "GET /templates": Row("write anywhere"),
    "GET /templates/new": Row("write anywhere"),
    "POST /templates/new": Row("write for", 303, "unit"),
    "GET /templates/{template_id}": Row("write it, page", thing="template"),
    "POST /templates/{template_id}": Row("write it, page", 303, "template"),
    "POST /templates/{template_id}/remove": Row("write it, page", 303, "template"),
    "GET /templates/{template_id}/start": Row("write it, page", thing="template"),
    "POST /announcements/keep": Row("write for", thing="unit"),
    "POST /announcements/chats": Row("write anywhere"),
    "POST /announcements/when": Row("write for", thing="unit"),
    "POST /airings/{airing_id}/undo": Row("stop it", 303, "airing"),
    "POST /announcements/own/{language}": Row("write for", thing="unit"),
}


def make(session: Session, state: str, unit: str, writer: Actor, _approver: Actor, now: datetime) -> Thing:
    """A word or a template of the unit."""
    if state == "entry":
        return {"entry_id": dictionary.put(session, writer, unit, "TDP", "tổ dân phố", language="vi", now=now).id}
    given = Given(unit, "Họp", {"vi": "Mời bà con họp lúc {giờ}."})
    return {"template_id": templates.save(session, writer, given, now=now).id}


FIELDS = {"written": "Zalo", "spoken": "da lô", "own-written-vi-new": "Zalo", "own-spoken-vi-new": "da lô"}
AREA = Area(rows=ROWS, states=frozenset({"entry", "template"}), make=make, fields=FIELDS)
