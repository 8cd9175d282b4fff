"""The desk: what airs today, what waits for approval, how an airing went, and the calendar."""

from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.services.actor import Actor
from broadcaster.services.ids import new_id
from broadcaster.store.tables import Airing, Channel, MirrorCopy
from tests.web import loudspeakers
from tests.web.areas.area import Area, Thing
from tests.web.cells import Row


def failed_copy(session: Session, _state: str, unit: str, writer: Actor, approver: Actor, now: datetime) -> Thing:
    """An airing of which the copy did not get into the chat group of its unit."""
    airing_id = loudspeakers.airing(session, unit, writer, approver, now=now)
    airing = session.get_one(Airing, airing_id)
    channel = Channel(id=new_id(now), unit_id=unit, kind="webhook", name="Nhóm", created_at=now)
    session.add(channel)
    session.flush()
    copy = MirrorCopy(
        id=new_id(now),
        announcement_id=airing.announcement_id,
        channel_id=channel.id,
        airing_id=airing_id,
        revision=airing.revision,
        action="post",
        state="failed",
        due_at=now,
        created_at=now,
        updated_at=now,
    )
    session.add(copy)
    session.flush()
    return {"airing_id": airing_id, "copy_id": copy.id}


AREA = Area(
    rows={
        "GET /calendar": Row("signed in"),
        "GET /airings/stop": Row("write anywhere"),
        "GET /airings/{airing_id}/receipts": Row("see aired", thing="airing"),
        "GET /airings/{airing_id}/report": Row("see aired", thing="airing"),
        "GET /airings/{airing_id}/report/signed": Row("see aired", thing="airing"),
        "POST /airings/{airing_id}/copies/{copy_id}/again": Row("stop it", 303, "failed copy"),
    },
    states=frozenset({"failed copy"}),
    make=failed_copy,
)
