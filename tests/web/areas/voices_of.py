"""What residents are told on their own devices, and what they say back."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.domain.feedback import What
from broadcaster.services.actor import SYSTEM, Actor
from broadcaster.services.outlets import feedback
from broadcaster.services.outlets.feedback import Said
from tests import cast
from tests.web.areas.area import Area, Thing
from tests.web.cells import Row

VOICE = "voice"
SAID = "<b>Loa rè</b>"


def make(session: Session, _state: str, unit: str, _writer: Actor, _approver: Actor, now: datetime) -> Thing:
    """A loudspeaker with a code on its pole, and what somebody said there."""
    speaker = cast.speaker(f"loa-{uuid.uuid4().hex[:12]}", unit, now=now)
    session.add(speaker)
    session.flush()
    code = feedback.give_code(session, SYSTEM, speaker.id, now=now)
    about = feedback.at_pole(session, code, at=now)
    row = feedback.give(session, about, Said(What.TOO_QUIET, SAID, uuid.uuid4().hex), now=now)
    return {"speaker_id": speaker.id, "code": code, "feedback_id": row.id}


AREA = Area(
    rows={
        # In the house nobody was given a key for push services.
        "GET /push/key": Row("anyone", 404),
        "GET /listen-sw.js": Row("anyone"),
        "POST /push/subscriptions": Row("anyone", 404),
        "POST /push/leave": Row("anyone", 204),
        "POST /n/{public_id}/feedback": Row("anyone", 404),
        "GET /n/{public_id}/thanks": Row("anyone", 404),
        "GET /s/{code}": Row("anyone", thing=VOICE),
        "POST /s/{code}": Row("anyone", 303, VOICE),
        "GET /s/{code}/thanks": Row("anyone", thing=VOICE),
        "GET /feedback": Row("signed in"),
        "POST /feedback/{feedback_id}/answer": Row("write it", 303, VOICE),
        "GET /speakers/{speaker_id}/sticker": Row("tend it", thing=VOICE),
        "POST /speakers/{speaker_id}/sticker": Row("tend it", 303, VOICE),
    },
    states=frozenset({VOICE}),
    make=make,
    fields={"what": "heard", "answer": "Xã đã chỉnh loa."},
)
