"""CAP: what is published for everybody, and whose alerts are taken in."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.alarms import cap_in
from broadcaster.services.outlets import cap_sources
from tests.cap.senders import RULE, Sender, storm, typed
from tests.web.areas.area import Area, Thing
from tests.web.cells import Row

HOUR = timedelta(hours=1)
STATES = frozenset({"cap message", "cap source", "cap refused"})


def thing(session: Session, state: str, unit: str, _writer: Actor, _approver: Actor, now: datetime) -> Thing:
    """A message nobody published, or a source of alerts of the unit, with one it did not believe."""
    if state == "cap message":
        return {"unit": unit, "identifier": "khong-co-1"}
    made = cap_sources.add(session, SYSTEM, unit, typed(), now=now)
    if state == "cap refused":
        sender = Sender()
        raw = sender.signed(sender.message(sender="other@example.vn", sent=now, infos=(storm(expires=now + HOUR),)))
        row = cap_in.receive(session, made, raw, pinned=False, now=now)
        return {"unit": unit, "source_id": made.id, "message_id": row.id}
    return {"unit": unit, "source_id": made.id, "proof": "code"}


AREA = Area(
    rows={
        "GET /cap/index.atom": Row("anyone"),
        "GET /cap/{identifier}.xml": Row("anyone", 404, "cap message"),
        "POST /cap/in/{source_id}": Row("anyone", 422, "cap source"),
        "GET /cap-sources": Row("signed in"),
        "GET /cap-sources/new": Row("look after anywhere"),
        "POST /cap-sources/new": Row("look after, page", 303, "unit"),
        "GET /cap-sources/{source_id}": Row("see", thing="cap source"),
        "POST /cap-sources/{source_id}": Row("look after", 303, "cap source"),
        "POST /cap-sources/{source_id}/messages/{message_id}": Row("write it", 303, "cap refused"),
        "POST /cap-sources/{source_id}/order": Row("approve it", 303, "cap source"),
    },
    states=STATES,
    make=thing,
    fields={"name": "Đài", "senders": RULE["senders"], "certificate": typed().certificate, "trust": "signature"}
    | {"severities": RULE["severities"], "certainties": RULE["certainties"]},
)
