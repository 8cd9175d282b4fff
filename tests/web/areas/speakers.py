"""The rights on loudspeakers, their labels and the borders they hang within."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.places import enrolling
from tests import cast
from tests.cast import VAULT
from tests.web.areas.area import Area, Thing
from tests.web.cells import Row

BOX, LABEL = "box", "label"
NAME = "Loa chợ"


def make(session: Session, state: str, unit: str, _writer: Actor, _approver: Actor, now: datetime) -> Thing:
    """A loudspeaker of the commune's second village or of its neighbour, or the label of one to come."""
    village = cast.VILLAGES[1] if unit == cast.COMMUNE else cast.OTHER_VILLAGE
    if state == LABEL:
        made = enrolling.begin(session, SYSTEM, name=NAME, unit_id=village, vault=VAULT, now=now)
        return {"enrolment_id": made.id}
    row = cast.speaker(f"loa-{uuid.uuid4().hex[:12]}", village, now=now)
    row.name = NAME
    session.add(row)
    return {"speaker_id": row.id}


AREA = Area(
    rows={
        "GET /device/v1/authority": Row("anyone"),
        "POST /device/v1/enrol": Row("anyone", 422),
        "GET /speakers/map": Row("signed in"),
        "GET /speakers/map/borders": Row("signed in"),
        "GET /speakers/new": Row("tend anywhere"),
        "POST /speakers/new": Row("tend it, page", 303, "unit"),
        "GET /enrolments/{enrolment_id}/label": Row("tend it, page", thing=LABEL),
        "POST /enrolments/{enrolment_id}/again": Row("tend it, page", 303, LABEL),
        "POST /enrolments/{enrolment_id}/cancel": Row("tend it, page", 303, LABEL),
        "POST /speakers/{speaker_id}/self-test": Row("tend it", 303, BOX),
        "GET /speakers/{speaker_id}/move": Row("tend it", thing=BOX),
        "POST /speakers/{speaker_id}/move": Row("tend it", 303, BOX),
        "GET /speakers/{speaker_id}/replace": Row("tend it", thing=BOX),
        "POST /speakers/{speaker_id}/replace": Row("tend it", 303, BOX),
        "GET /speakers/{speaker_id}/retire": Row("tend it", thing=BOX),
        "POST /speakers/{speaker_id}/retire": Row("tend it", 303, BOX),
        "GET /units/{unit_id}/border": Row("look after", thing="unit"),
        "POST /units/{unit_id}/border": Row("look after", 422, "unit"),
        "POST /units/{unit_id}/border/end": Row("look after", 303, "unit"),
    },
    states=frozenset({BOX, LABEL}),
    make=make,
    fields={"name": NAME, "typed": NAME},
)
